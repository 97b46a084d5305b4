/** A folder for the databases of one test file, removed at its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** Returns a function that names a new file in the folder. */
export function testFolder(): (name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-storage-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  return (name) => {
    files += 1;
    return join(folder, name ?? `${files}.db`);
  };
}
