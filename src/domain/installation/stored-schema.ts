/** Decides which versions may work on a database: by its schema number, and never on an unfinished copy. */
import type { HalfCopy, SchemaState } from '../ports/archive.ts';
import { Problem } from '../problem.ts';

/**
 * Refuses a schema that this version cannot use. Each upgrade names the oldest schema number whose version may go on
 * working on the result (`minimum`), so that nodes of the version before go on while the first node of the next starts.
 * @param known the number of this version's last upgrade
 * @throws Problem `storage_unavailable` where this version is too old for what is stored
 */
export function requireUsable({ applied, minimum }: SchemaState, known: number): void {
  if (applied <= known || minimum <= known) return;
  throw new Problem(
    'storage_unavailable',
    `this database has schema ${applied}, made by a later version of Pedel; it needs a version that knows schema ${minimum}, and this one knows ${known}: start the later version`,
  );
}

/** Refuses a storage into which a copy was begun and not finished. @throws Problem `storage_incomplete` */
export function requireWhole(copy: HalfCopy | undefined): void {
  if (copy !== undefined) throw halfCopied(copy);
}

/** The Problem `storage_incomplete` for an unfinished copy, with its remedy. */
export function halfCopied({ from, startedAt, seenEmpty }: HalfCopy): Problem {
  const begun = `of ${from}, begun at ${new Date(startedAt).toISOString()}`;
  return new Problem(
    'storage_incomplete',
    seenEmpty === true
      ? `this database holds half of a copy ${begun} and not finished; copy it again with --start-over`
      : `this database has the mark of a copy ${begun} and broken off before anything was written: all that is in it was there before; ` +
          'pedel storage copy with --start-over takes the mark away and deletes nothing',
  );
}
