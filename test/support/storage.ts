/** Storage for the tests of other rooms: real, in memory, gone with the process. */
import type { Storage } from '../../src/domain/ports.ts';
import { openStorage } from '../../src/storage/open.ts';

/** A fresh, empty storage. `now` (epoch ms) defaults to the wall clock. */
export function openTestStorage({ now = Date.now }: { now?: () => number } = {}): Promise<Storage> {
  return openStorage('sqlite::memory:', { now });
}
