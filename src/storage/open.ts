/** Chooses the backend that a storage URI names. */
import type { HalfCopy, SchemaState } from '../domain/ports/archive.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import { describeSqlite, openSqlite } from './sqlite/storage.ts';

export type OpenOptions = {
  /** epoch ms */
  now: () => number;
  /** tells the operator what this waits for */
  say?: (text: string) => void;
  /** `open`: also opens a storage with an unfinished copy, to continue that copy */
  halfCopy?: 'refuse' | 'open';
  /** `make`: also makes the folder of an SQLite file, for its owner alone */
  folder?: 'make' | 'require';
};

/**
 * Opens the storage that a URI names, and creates or upgrades it if needed.
 * @param uri `sqlite:FILE` (relative to the working directory; its folder must exist, unless it is to be made), or `sqlite::memory:` for tests;
 *   `mongodb://…` or `mongodb+srv://…` (https://www.mongodb.com/docs/manual/reference/connection-string/)
 * @throws Problem `storage_unknown` for any other URI, `storage_unavailable` if it cannot be opened or belongs to a later
 *   version, `storage_incomplete` if it holds an unfinished copy
 */
export async function openStorage(uri: string, options: OpenOptions): Promise<Storage> {
  const { backend, rest } = backendOf(uri);
  if (backend === 'sqlite') return openSqlite(rest, options);
  const { openMongodb } = await import('./mongodb/storage.ts'); // loads the MongoDB driver only when it is used
  return openMongodb(uri, options);
}

/** The state of a storage before Pedel touches it; `applied` is 0 if it holds nothing of Pedel. */
export type Described = SchemaState & {
  /** the number of this version's schema */
  known: number;
  copy?: HalfCopy;
};

/**
 * Describes a storage without creating or upgrading anything.
 * @throws Problem as `openStorage`, and `storage_unavailable` for a missing file
 */
export async function describeStorage(uri: string): Promise<Described> {
  const { backend, rest } = backendOf(uri);
  if (backend === 'sqlite') return describeSqlite(rest);
  const { describeMongodb } = await import('./mongodb/storage.ts');
  return describeMongodb(uri);
}

function backendOf(uri: string): { backend: 'sqlite' | 'mongodb'; rest: string } {
  const colon = uri.indexOf(':');
  const [scheme, rest] = [uri.slice(0, Math.max(colon, 0)), uri.slice(colon + 1)];
  if (scheme === 'sqlite' && rest !== '') return { backend: 'sqlite', rest };
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') return { backend: 'mongodb', rest };
  // the message leaves the URI out, because it may hold a password
  throw new Problem('storage_unknown', 'the storage must be given as sqlite:FILE or mongodb://…');
}
