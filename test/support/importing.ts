/** Imports in the process of the test, whose storage no other process can open. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../src/config/load.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { Sealer } from '../../src/domain/sealing/sealer.ts';
import type { Importing, ImportProcess, RunOutcome } from '../../src/use-cases/import/importing.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { runImport } from '../../src/use-cases/import/run-import.ts';

/** `atOnce`: as many as run; 0 is a full node. */
export function importingHere(
  { organisations, defaultLanguage, lifetimes }: Pick<Config, 'organisations' | 'defaultLanguage' | 'lifetimes'>,
  storage: Storage,
  sealer: () => Promise<Sealer>,
  { now = Date.now, atOnce = 2 }: { now?: () => number; atOnce?: number } = {},
): Importing {
  const running = new Set<Promise<RunOutcome>>();
  return {
    start(task, input) {
      if (running.size >= atOnce) return undefined;
      const read = Promise.withResolvers<Awaited<ImportProcess['read']>>();
      const run = async (): Promise<RunOutcome> => {
        const opened = await sealer();
        return runImport(task, input, {
          storage,
          imports: createImports(storage.protocolRecords, storage.values, opened, now),
          sealer: opened,
          organisations,
          defaultLanguage,
          invitationSeconds: lifetimes.invitationSeconds,
          now,
          randomBytes,
          read: async () => read.resolve({ kind: 'read' }),
          stopping: () => false,
        });
      };
      const ended = run().catch((error: Error): RunOutcome => ({ kind: 'failed', reason: error.message }));
      running.add(ended);
      void ended.then((outcome) => {
        running.delete(ended);
        read.resolve('reason' in outcome ? outcome : { kind: 'read' });
      });
      return { read: read.promise, ended };
    },
    close: async () => void (await Promise.all(running)),
  };
}
