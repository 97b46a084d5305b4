/** Opens the storage and sealer for a command, and closes the storage whatever happens. */
import type { Config } from '../config/load.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { openSealer, requireSecrets } from '../domain/sealing/lasting-key.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { describeStorage, openStorage } from '../storage/open.ts';
import { requireConfig } from './configuration.ts';
import type { Terminal } from './terminal.ts';

export type Installation = {
  config: Config;
  storage: Storage;
  /** makes the lasting key if the storage has none. @throws Problem `sealed_unreadable` */
  openSealer(): Promise<Sealer>;
  /**
   * For commands that seal nothing themselves. Stores nothing.
   * @throws Problem `sealed_unreadable` if the storage was sealed under other secrets than the configured ones
   */
  requireSecret(): Promise<void>;
};

/** Opens and describes storages; all commands reach a storage through this. */
export const storages = { open: openStorage, describe: describeStorage };

/**
 * Loads the configuration, opens the storage, runs `act`, and closes the storage.
 * @throws CommandFault for a configuration with faults; Problem as of opening a storage
 */
export async function withInstallation<Result>(
  terminal: Terminal,
  file: string | undefined,
  act: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const config = requireConfig(terminal, file);
  const storage = await openFor(config, terminal.now, (text) => terminal.writeError(`pedel: ${text}\n`));
  try {
    return await act({
      config,
      storage,
      openSealer: () => openSealer(config, storage.values, terminal.randomBytes),
      requireSecret: () => requireSecrets(config, storage.values, terminal.randomBytes),
    });
  } finally {
    await storage.close();
  }
}

/** Opens the configured storage, and makes the folder of an SQLite file if it is missing. */
export async function openFor(
  config: Pick<Config, 'storage'>,
  now: () => number,
  say?: (text: string) => void,
): Promise<Storage> {
  return openStorage(config.storage, { now, folder: 'make', ...(say === undefined ? {} : { say }) });
}
