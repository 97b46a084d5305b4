/** The storage and number of nodes of a test run: the same files run once for each (`jest.config.js`). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newDatabaseUri, onDatabase } from './mongodb-server.ts';

declare global {
  var pedelTests:
    | { backend: 'sqlite' | 'mongodb'; nodes: number; rounds?: number; otherLanguage?: boolean }
    | undefined;
}

/** SQLite and one node where nobody says otherwise. */
export const { backend, nodes: NODES } = globalThis.pedelTests ?? { backend: 'sqlite', nodes: 1 };

/** The one that is started for all tests of this process (`mongodb-of-this-run.mjs`). */
function server(): string {
  const uris = process.env.PEDEL_TEST_MONGODB_OF_THIS_RUN?.split(' ') ?? [];
  const uri = uris[Number(process.env.JEST_WORKER_ID ?? 0) % uris.length];
  if (uri === undefined) throw new TypeError('no MongoDB was started for these tests');
  return uri;
}

export type Place = { uri: string; remove(): Promise<void> };

/** Room for one storage, for `openStorage` or PEDEL_STORAGE, that other processes can open as well. */
export function newPlace(): Place {
  if (backend === 'mongodb') {
    const uri = newDatabaseUri(server());
    return { uri, remove: () => onDatabase(uri, async (db) => void (await db.dropDatabase())) };
  }
  const folder = mkdtempSync(join(tmpdir(), 'pedel-storage-'));
  return {
    uri: `sqlite:${join(folder, 'pedel.db')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
