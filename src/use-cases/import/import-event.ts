/** What the report of an import says of each person, of each refused row, and of removals that were suspended. */

import { HASH_NOT_TAKEN, HASH_REFUSED } from '../../domain/feed/feed.ts';
import {
  type FieldChange,
  fieldChanges,
  lastDayOfAccess,
  type ReportOutcome,
  reportOutcome,
} from '../../domain/feed/feed-change.ts';
import type { Refusal } from '../../domain/feed/feed-row.ts';
import { nameOfColumn, type Source } from '../../domain/feed/source.ts';
import type { Brought } from './bring-in.ts';

/**
 * The outcome for one person, or for one refused row. `suspended`: something would have been taken away from so many
 * people, but for lines that do not say of whom they are, and may have been about any of them.
 */
export type ImportEvent = ({ outcome: 'suspended' } & Suspended) | RefusedEvent | PersonEvent;
export type Suspended = { lines: number[]; people: number };
/** Of a person whom the file does not name, and whom a full feed would have ended, `line` is 0. */
export type RefusedEvent = { outcome: 'refused'; person?: string } & Refusal;
/** `lines` is empty of a person whom a full feed names no more. `accessEnds`: the last day, `YYYY-MM-DD`. */
export type PersonEvent = {
  outcome: ReportOutcome;
  person: string;
  lines: number[];
  account?: string;
  fields: string[];
  /** each field of `fields` whose value may be told; of a new person none */
  changes: FieldChange[];
  notes: string[];
  accessEnds?: string;
};

/** `now`: epoch ms. */
export function eventOf({ statement, outcome, before, account }: Brought, source: string, now: number): ImportEvent {
  const { key, lines } = statement;
  if (outcome.kind === 'refused') {
    const { column, reason } = outcome;
    return {
      outcome: 'refused',
      person: key,
      line: lines[0] ?? 0,
      ...(column === undefined ? {} : { column }),
      reason,
    };
  }
  const { kind, fields, notes } = outcome;
  const ends = account === undefined ? undefined : lastDayOfAccess(account, now);
  return {
    outcome: account === undefined ? 'unchanged' : reportOutcome(kind, before, account, now),
    person: key,
    lines,
    ...(before === undefined ? {} : { account: before.id }), // the id of a new one is drawn when it is applied
    fields,
    changes:
      account === undefined || kind === 'unchanged' ? [] : fieldChanges(fields, { source, key }, before, account),
    notes,
    ...(ends === undefined ? {} : { accessEnds: ends }),
  };
}

/** Whether this tells of a password hash that was not taken. */
export function isHashRefused(event: ImportEvent, source: Pick<Source, 'columns'>): boolean {
  if (event.outcome === 'refused') return event.column === nameOfColumn(source, 'password_hash');
  return (
    event.outcome !== 'suspended' &&
    event.notes.some((note) => note === HASH_NOT_TAKEN || note.startsWith(HASH_REFUSED))
  );
}
