/**
 * The reads of one callback share one transaction, because half the price of a lone read is locking the file for it. The
 * transaction ends with that callback, so no request that comes later reads from before what others were told meanwhile.
 */
import { contained } from '../../domain/contained.ts';
import type { Connection } from './database.ts';

export type Reading = {
  /** Before a read. Costs nothing within a transaction that this callback has begun. */
  begin(): void;
  /** Before a write begins, and before what cannot be in a transaction. */
  end(): void;
};

export function createReading({ sql, inTransaction }: Connection): Reading {
  let begun = false;

  function end(): void {
    if (!begun) return;
    begun = false;
    sql.run('END');
  }
  // a transaction that could not be ended is rolled back before the next one begins
  const endOfCallback = contained(end, () => undefined);

  return {
    begin() {
      if (begun) return;
      if (inTransaction()) sql.run('ROLLBACK'); // of a write whose own rollback failed: others must not read it
      sql.run('BEGIN');
      begun = true;
      process.nextTick(endOfCallback); // runs once all promises that this callback settles have run on
    },
    end,
  };
}
