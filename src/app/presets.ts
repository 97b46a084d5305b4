/** The presets that this node offers, read when somebody first asks for them. */
import { fileURLToPath } from 'node:url';
import { type Listed, readCatalogue } from '../config/catalogue.ts';
import type { Config } from '../config/load.ts';
import type { Log } from '../operation/log.ts';

export type Presets = () => readonly Listed[];

/** A fault in a file of the operator's own folder is logged: it must not keep people from signing in. */
export function createPresets({ catalogue }: Pick<Config, 'catalogue'>, log: Log): Presets {
  let read: readonly Listed[] | undefined;
  return () => (read ??= readUsable(catalogue, log));
}

function readUsable(ownFolder: string | undefined, log: Log): readonly Listed[] {
  const { presets, faults } = readCatalogue(fileURLToPath(new URL('../../catalogue', import.meta.url)), ownFolder);
  for (const fault of faults) log.warn(fault, 'a preset of the catalogue cannot be used; see pedel presets list');
  return presets;
}
