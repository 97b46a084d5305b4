/**
 * Gives the disk back what deleted records took, so that a file that was filled once does not stay so (rule 30).
 * https://sqlite.org/pragma.html#pragma_auto_vacuum
 */
import { asProblem, type Connection } from './database.ts';
import type { Database } from './group-commit.ts';

/** Pages (4 kB) that stay in the file, because new records use them at once. */
const KEPT_FREE = 1024;
/** Pages of one write: a few milliseconds under the lock. */
const PER_WRITE = 256;
/** Writes of one sweep: 64 MB. */
const MOST_WRITES = 64;

/**
 * Rewrites a file from a version that did not give space back: once, when it is opened, in seconds for each gigabyte.
 * Where another process is writing, or the disk has no room for a copy, it stays as it is until it is opened again.
 */
export function allowShrinking({ sql, exec, file }: Connection): void {
  const mode = sql.get<{ auto_vacuum: number }>('PRAGMA auto_vacuum')?.auto_vacuum ?? 0;
  if (mode !== 0 || file === ':memory:') return;
  try {
    exec('PRAGMA temp_store = FILE'); // the copy would be in memory otherwise
    exec('PRAGMA auto_vacuum = INCREMENTAL');
    exec('VACUUM');
  } catch (error) {
    if (asProblem(error, file) === error) throw error; // no fault of the disk or the lock
  } finally {
    exec('PRAGMA temp_store = MEMORY');
  }
}

/** Gives back free pages beyond a reserve, in small writes with others between them. @returns how many pages it gave */
export async function giveSpaceBack({ read, write }: Database): Promise<number> {
  const free = await read((sql) => sql.get<{ freelist_count: number }>('PRAGMA freelist_count')?.freelist_count ?? 0);
  const given = Math.min(Math.max(0, free - KEPT_FREE), PER_WRITE * MOST_WRITES);
  for (let left = given; left > 0; left -= PER_WRITE)
    await write((sql) => void sql.all(`PRAGMA incremental_vacuum(${PER_WRITE})`));
  return given;
}
