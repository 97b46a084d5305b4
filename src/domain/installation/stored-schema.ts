/** Which versions may work on a database: by the number of its schema, and not on half of a copy. */
import type { HalfCopy, SchemaState } from '../ports/archive.ts';
import { Problem } from '../problem.ts';

/**
 * Each upgrade of a schema says the oldest number whose version may go on working on what it leaves behind, so that
 * nodes of the version before can go on while the first one of the next is started.
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

/** @throws Problem `storage_incomplete` where a copy into this storage was begun and not finished */
export function requireWhole(copy: HalfCopy | undefined): void {
  if (copy !== undefined) throw halfCopied(copy);
}

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
