/**
 * The numbers that every backend stores and reads back as they were: whole ones between -(2^53 - 1) and 2^53 - 1. SQLite
 * refuses fractions, and reads nothing beyond; MongoDB would take everything.
 */
import { Problem } from '../problem.ts';

/** Members of records and inputs that backends keep as numbers of their own, outside of JSON text. */
const stored = [
  'at',
  'attempts',
  'consumed',
  'count',
  'createdAt',
  'endsAt',
  'expiresAt',
  'finishedAt',
  'firstAt',
  'forgetAt',
  'generation',
  'heldUntil',
  'lastAt',
  'leasedUntil',
  'left',
  'lostClaims',
  'nextAttemptAt',
  'now',
  'revision',
  'slot',
  'token',
  'version',
  'windowEndsAt',
] as const;

/** @throws Problem `malformed` for a number that could not be read back */
export function requireStorable(number: number, name = 'a number'): void {
  if (Number.isSafeInteger(number)) return;
  throw new Problem('malformed', `${name} is ${number}: only whole numbers below 2^53 can be stored`);
}

/** Checks an argument of a port: a number, a record, or a list of records. @throws Problem `malformed` */
export function requireStorableIn(input: unknown): void {
  if (typeof input === 'number') requireStorable(input);
  else if (Array.isArray(input)) for (const each of input) requireMembers(each);
  else requireMembers(input);
}

function requireMembers(record: unknown): void {
  if (typeof record !== 'object' || record === null) return;
  for (const name of stored) {
    const value = (record as Record<string, unknown>)[name];
    if (typeof value === 'number') requireStorable(value, name);
  }
}
