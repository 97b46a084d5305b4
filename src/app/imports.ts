/** Imports of the console and the API: what is kept of them, and the processes that run them. */
import type { Config } from '../config/load.ts';
import { createImporting } from '../importing/importing.ts';
import type { ImportPorts } from '../use-cases/import/administer-imports.ts';
import type { Importing } from '../use-cases/import/importing.ts';
import { createImports } from '../use-cases/import/imports.ts';
import type { Foundation } from './foundation.ts';

/** @param given takes the place of the processes in tests */
export function createImportPorts(
  {
    config,
    storage,
    sealer,
    log,
    now,
    randomBytes,
  }: Pick<Foundation, 'config' | 'storage' | 'sealer' | 'log' | 'now' | 'randomBytes'>,
  given: Importing | undefined,
): ImportPorts {
  return {
    sources: config.sources,
    imports: createImports(storage.protocolRecords, storage.values, sealer, now),
    importing: given ?? createImporting(importConfig(config)),
    leases: storage.leases,
    now,
    randomBytes,
    failed: (err) => log.error({ err }, 'an import ended with an error'),
  };
}

const importConfig = ({ secret, previousSecret, nextSecret, ...config }: Config) => ({
  storage: config.storage,
  secret,
  ...(previousSecret === undefined ? {} : { previousSecret }),
  ...(nextSecret === undefined ? {} : { nextSecret }),
  organisations: config.organisations,
  defaultLanguage: config.defaultLanguage,
  invitationSeconds: config.lifetimes.invitationSeconds,
});

/** By source: how many people its last import took nothing from, because of rows that do not say of whom they are. */
export async function suspendedRemovals({ sources, imports }: ImportPorts): Promise<Record<string, number>> {
  const latest = await Promise.all(sources.map(({ id }) => imports.latest(id)));
  return Object.fromEntries(sources.map(({ id }, index) => [id, latest[index]?.suspended ?? 0]));
}
