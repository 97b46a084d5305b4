/** Which storage a URI names. */
import type { HalfCopy, SchemaState } from '../domain/ports/archive.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import { describeSqlite, openSqlite } from './sqlite/storage.ts';

export type OpenOptions = {
  /** epoch ms */
  now: () => number;
  /** tells a person what is waited for */
  say?: (text: string) => void;
  /** `open`: also a storage that holds half of a copy, for going on with it */
  halfCopy?: 'refuse' | 'open';
};

/**
 * Opens, and where needed creates or upgrades, the storage that PEDEL_STORAGE names.
 * @param uri `sqlite:FILE` (relative to the working directory; its folder must exist), or `sqlite::memory:` for tests;
 *   `mongodb://…` or `mongodb+srv://…` (https://www.mongodb.com/docs/manual/reference/connection-string/)
 * @throws Problem `storage_unknown` for any other URI, `storage_unavailable` where it cannot be opened or belongs to a
 *   later version, `storage_incomplete` where it holds half of a copy
 */
export async function openStorage(uri: string, options: OpenOptions): Promise<Storage> {
  const { backend, rest } = backendOf(uri);
  if (backend === 'sqlite') return openSqlite(rest, options);
  const { openMongodb } = await import('./mongodb/storage.ts'); // its driver is loaded by those who use it
  return openMongodb(uri, options);
}

/** A storage as it stands before anything is done to it; `applied` is 0 where there is nothing of Pedel's. */
export type Described = SchemaState & {
  /** the number that this version brings it to */
  known: number;
  copy?: HalfCopy;
};

/** Looks without creating or upgrading anything. @throws Problem as `openStorage`; `storage_unavailable` for a missing file */
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
  // without the URI, which may hold a password
  throw new Problem('storage_unknown', 'the storage must be given as sqlite:FILE or mongodb://…');
}
