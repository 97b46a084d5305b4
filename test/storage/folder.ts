/** A folder for the databases of one test file, which is removed at the end. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/**
 * Returns a function that names a new file in the folder. `inMemory`, where there is such a place: for thousands of writes
 * none of which has to survive a power cut; waiting for the disk would only test the disk.
 */
export function testFolder({ inMemory = false } = {}): (name?: string) => string {
  const place = inMemory && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(place, 'pedel-storage-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  return (name) => {
    files += 1;
    return join(folder, name ?? `${files}.db`);
  };
}
