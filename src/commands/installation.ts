/** The storage and sealer that a command works on, closed whatever happens. */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/load.ts';
import type { Storage } from '../domain/ports.ts';
import { createSealer, type Sealer } from '../domain/sealed.ts';
import { openStorage } from '../storage/open.ts';
import { requireConfig } from './configuration.ts';
import type { Terminal } from './terminal.ts';

export type Installation = { config: Config; storage: Storage; sealer: Sealer };

/** Loads the configuration, opens the storage, runs `act`, closes. @throws CommandFault, Problem */
export async function withInstallation<Result>(
  terminal: Terminal,
  file: string | undefined,
  act: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const config = requireConfig(terminal, file);
  const storage = await openFor(config, terminal.now);
  try {
    return await act({ config, storage, sealer: createSealer(config.secret, config.previousSecret) });
  } finally {
    await storage.close();
  }
}

/** Opens the configured storage; the folder of an SQLite file is made where it is missing. */
export async function openFor(config: Pick<Config, 'storage'>, now: () => number): Promise<Storage> {
  const file = config.storage.startsWith('sqlite:') ? config.storage.slice('sqlite:'.length) : undefined;
  if (file !== undefined && file !== ':memory:') mkdirSync(dirname(resolve(file)), { recursive: true, mode: 0o700 });
  return openStorage(config.storage, { now });
}
