/** Which storage a URI names. */
import type { Storage } from '../domain/ports.ts';
import { Problem } from '../domain/problem.ts';
import { openSqlite } from './sqlite/storage.ts';

/**
 * Opens, and where needed creates or upgrades, the storage that PEDEL_STORAGE names.
 * @param uri `sqlite:FILE` (relative to the working directory; its folder must exist), or `sqlite::memory:` for tests;
 *   `mongodb://…` or `mongodb+srv://…` (https://www.mongodb.com/docs/manual/reference/connection-string/)
 * @throws Problem `storage_unknown` for any other URI, `storage_unavailable` where it cannot be opened
 */
export async function openStorage(uri: string, { now }: { now: () => number }): Promise<Storage> {
  const colon = uri.indexOf(':');
  const [scheme, rest] = [uri.slice(0, Math.max(colon, 0)), uri.slice(colon + 1)];
  if (scheme === 'sqlite' && rest !== '') return openSqlite(rest, { now });
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') {
    const { openMongodb } = await import('./mongodb/storage.ts'); // its driver is loaded by those who use it
    return openMongodb(uri, { now });
  }
  // without the URI, which may hold a password
  throw new Problem('storage_unknown', 'the storage must be given as sqlite:FILE or mongodb://…');
}
