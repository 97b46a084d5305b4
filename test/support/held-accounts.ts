/** Stops a process in the middle of its work, so that it can be killed there however quick the machine is. */
import { DatabaseSync } from 'node:sqlite';

/**
 * Whoever stores this many accounts and one more in the SQLite database `file` is busy with that one for ever.
 * @returns takes it back, once that process is dead
 */
export function holdAccountsAfter(file: string, count: number): () => void {
  const change = (statement: string) => {
    const database = new DatabaseSync(file);
    database.exec(statement);
    database.close();
  };
  change(`CREATE TRIGGER held AFTER INSERT ON accounts WHEN (SELECT count(*) FROM accounts) > ${count} BEGIN
    SELECT count(*) FROM (WITH RECURSIVE turns(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM turns) SELECT n FROM turns);
  END`);
  return () => change('DROP TRIGGER held');
}
