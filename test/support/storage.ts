/** A real storage for tests outside test/storage, removed at their end. */
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import { alternating } from '../storage/alternating.ts';
import { backend, newPlace } from './backend.ts';
import { clearNothing, onDatabase } from './mongodb-server.ts';

/**
 * A fresh, empty storage: SQLite in memory, or two nodes on one MongoDB that take turns call by call, so that whatever one
 * of them kept to itself is missed. `now` (epoch ms) defaults to the wall clock.
 */
export async function openTestStorage({ now = Date.now }: { now?: () => number } = {}): Promise<Storage> {
  if (backend === 'sqlite') return openStorage('sqlite::memory:', { now });
  const { uri, remove } = newPlace();
  const [one, other] = await Promise.all([openStorage(uri, { now }), openStorage(uri, { now })]);
  await onDatabase(uri, clearNothing);
  const storage = alternating(one, other);
  return {
    ...storage,
    clock: async () => undefined, // tests set their own clocks, and the server has the real time
    close: async () => {
      await storage.close();
      await remove();
    },
  };
}
