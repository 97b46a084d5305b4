/**
 * Decides from what is stored and the clock when a signing key is published, signs, only verifies, and goes (rule 17).
 */
import type { SigningKeyChange, SigningKeyExpectation, SigningKeyRecord } from '../ports/signing-keys.ts';
import { type SigningAlgorithm, signingAlgorithms } from './signing-key.ts';

/** How long each phase of a key lasts, in milliseconds. */
export type KeySchedule = {
  /** how long a key signs; 0: until the next one is asked for */
  rotateMs: number;
  /** how long it is published before it signs */
  publishAheadMs: number;
  /** how long it stays published after it signed last */
  keepMs: number;
};

/**
 * The schedule from the options `signingKeys`. A key is kept as long as an ID token may be shown, which is at sign-out.
 */
export function keySchedule(
  options: { rotateDays: number; publishAheadHours: number; keepHours: number },
  sessionMaxSeconds: number,
): KeySchedule {
  return {
    rotateMs: options.rotateDays * DAY_MS,
    publishAheadMs: options.publishAheadHours * HOUR_MS,
    keepMs: Math.max(ID_TOKEN_MS, sessionMaxSeconds * 1000) + options.keepHours * HOUR_MS,
  };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ID_TOKEN_MS = HOUR_MS;
/** How often every node reads the keys again, and so publishes new ones. */
export const REREAD_MS = 30_000;
/** how long after it left a key is deleted, so that `pedel keys list` still shows it */
const DELETED_AFTER_MS = 7 * DAY_MS;

/** `usedFrom` of a published key whose time is not set yet: the last moment that a Date can name. */
export const NOT_YET = 8_640_000_000_000_000;

export type KeyState = 'made' | 'next' | 'signing' | 'retired' | 'gone';

/**
 * The state of a key at `now` (epoch ms), among all `keys`. `made`: published, its time not yet set; `next`: published,
 * signs from `usedFrom` on; `signing`; `retired`: verifies only; `gone`: no longer published.
 */
export function stateOf(key: SigningKeyRecord, keys: readonly SigningKeyRecord[], now: number): KeyState {
  if (isGone(key, now)) return 'gone';
  const signer = signerOf(keys, key.alg, now);
  if (signer?.kid === key.kid) return 'signing';
  if (signer !== undefined && key.generation < signer.generation) return 'retired';
  return key.usedFrom === NOT_YET ? 'made' : 'next';
}

/**
 * The key that signs with this algorithm at `now` (epoch ms): the newest whose time has come. Undefined: there is none.
 */
export function signerOf(
  keys: readonly SigningKeyRecord[],
  alg: SigningKeyRecord['alg'],
  now: number,
): SigningKeyRecord | undefined {
  return newest(keys.filter((key) => key.alg === alg && key.usedFrom <= now && !isGone(key, now)));
}

/** The keys to publish at `now` (epoch ms): first those that sign, then those to come, the retired ones last. */
export function publishedKeys(keys: readonly SigningKeyRecord[], now: number): SigningKeyRecord[] {
  const order: Record<KeyState, number> = { signing: 0, next: 1, made: 2, retired: 3, gone: 4 };
  const place = (key: SigningKeyRecord) => order[stateOf(key, keys, now)];
  return keys
    .filter((key) => !isGone(key, now))
    .sort((a, b) => place(a) - place(b) || b.generation - a.generation || a.alg.localeCompare(b.alg));
}

/** The next moment after `now` (both epoch ms) at which the clock alone changes which keys are published or sign. */
export function nextChange(keys: readonly SigningKeyRecord[], now: number): number {
  const times = keys.flatMap(({ usedFrom, removedAt = NOT_YET }) => [usedFrom, removedAt]);
  return Math.min(NOT_YET, ...times.filter((time) => time > now));
}

export type KeyStep =
  /** to be inserted with `usedFrom` NOT_YET; unique by (alg, generation) */
  | { kind: 'make'; alg: SigningAlgorithm; generation: number }
  | {
      kind: 'change';
      why: 'schedule' | 'retire';
      kid: string;
      change: SigningKeyChange;
      expected: SigningKeyExpectation;
    }
  | { kind: 'delete'; kid: string };

/**
 * The steps that are due, given all keys as they were read *before* `now` (epoch ms) was taken.
 *
 * A key gets its time in two steps, so that it is published for `publishAheadMs` even if a node sleeps in between: it
 * is inserted without a time, and a node that has seen it in storage sets the time, counted from then. Each change
 * names what it expects to find, so that of several nodes the first one counts.
 * @param demanded algorithms whose next key is wanted now, however new the present one is
 */
export function nextSteps(
  keys: readonly SigningKeyRecord[],
  schedule: KeySchedule,
  now: number,
  demanded: readonly SigningKeyRecord['alg'][] = [],
): KeyStep[] {
  return signingAlgorithms.flatMap((alg) => {
    const own = keys.filter((key) => key.alg === alg);
    const signer = signerOf(own, alg, now);
    const steps: KeyStep[] = [];
    for (const key of own) {
      const { kid, usedFrom, removedAt } = key;
      const state = stateOf(key, own, now);
      if (state === 'made') {
        const change = { usedFrom: now + schedule.publishAheadMs };
        steps.push({ kind: 'change', why: 'schedule', kid, change, expected: { usedFrom, removedAt: undefined } });
      }
      if (state === 'retired' && removedAt === undefined && signer !== undefined) {
        const change = { usedUntil: signer.usedFrom, removedAt: signer.usedFrom + schedule.keepMs };
        steps.push({ kind: 'change', why: 'retire', kid, change, expected: { removedAt: undefined } });
      }
      if (state === 'gone' && removedAt !== undefined && removedAt + DELETED_AFTER_MS <= now)
        steps.push({ kind: 'delete', kid });
    }
    if (isWanted(own, signer, schedule, now, demanded.includes(alg)))
      steps.push({ kind: 'make', alg, generation: (newest(own)?.generation ?? 0) + 1 });
    return steps;
  });
}

function isWanted(
  own: readonly SigningKeyRecord[],
  signer: SigningKeyRecord | undefined,
  { rotateMs, publishAheadMs }: KeySchedule,
  now: number,
  demanded: boolean,
): boolean {
  if (own.some((key) => ['made', 'next'].includes(stateOf(key, own, now)))) return false;
  if (signer === undefined || demanded) return true;
  return rotateMs > 0 && now >= signer.usedFrom + rotateMs - publishAheadMs;
}

function isGone({ removedAt }: SigningKeyRecord, now: number): boolean {
  return removedAt !== undefined && removedAt <= now;
}

function newest(keys: readonly SigningKeyRecord[]): SigningKeyRecord | undefined {
  return keys.reduce<SigningKeyRecord | undefined>(
    (found, key) => (found === undefined || key.generation > found.generation ? key : found),
    undefined,
  );
}
