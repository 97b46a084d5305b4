/**
 * Lists what an installation consists of, compares two of them, and decides what a restored backup must not bring back.
 */
import { createHash } from 'node:crypto';
import type { Account } from '../account/account.ts';
import { canonicalJson } from '../canonical-json.ts';
import { totpStep } from '../factors/totp.ts';
import type { ArchiveKind, ArchiveRecords, DispensableKind } from '../ports/archive.ts';
import type { OutboxEntry } from '../ports/outbox.ts';

/**
 * Every kind, in the order of copying, which matters where the source is in use meanwhile. Accounts come before outbox
 * and audit log, because effects move from the one to the others. Revocations come before the records they revoke,
 * because a revocation is stored before its records are deleted. Checkpoints come before the entries that they count on.
 */
export const archiveKinds = [
  'accounts',
  'clients',
  'clientVersion',
  'consents',
  'initialAccessTokens',
  'roleGrants',
  'attempts',
  'revokedGrants',
  'protocolRecords',
  'sessions',
  'signingKeys',
  'values',
  'outbox',
  'leases',
  'auditCheckpoints',
  'auditLog',
  'refusals',
  'incidents',
  'clientUses',
  'webhooks',
] as const satisfies ArchiveKind[];

/** Kinds of which a record that cannot be read may be deleted. */
export const dispensableKinds: readonly DispensableKind[] = [
  'attempts',
  'revokedGrants',
  'protocolRecords',
  'sessions',
  'outbox',
  'leases',
  'refusals',
  'incidents',
  'clientUses',
];

const MODULUS = 1n << 256n;

/**
 * Counts records and hashes their content in whatever order they come: the sum, modulo 2^256, of the SHA-256 of each
 * one's canonical JSON. It finds mistakes and changes. It does not resist an adversary, who could write to both
 * databases anyway.
 */
export function createTally() {
  let count = 0;
  let sum = 0n;
  return {
    add(record: unknown): void {
      count += 1;
      sum = (sum + BigInt(`0x${createHash('sha256').update(canonicalJson(record)).digest('hex')}`)) % MODULUS;
    },
    /** `hash`: 64 hexadecimal digits */
    result: (): Tally => ({ count, hash: sum.toString(16).padStart(64, '0') }),
  };
}
export type Tally = { count: number; hash: string };

/** More than any counter can have risen since the backup was made. */
const LEAP = 1000;

/** `lastError` of what waited in the outbox when the backup was made. */
export const NOT_SENT_AGAIN = 'restored from a backup: may have been sent before, so it is not sent again';

/**
 * The record as it is restored from a backup of an unknown earlier time. Undefined: it must not come back. `now`: epoch
 * ms.
 *
 * A person who was signed out since stays signed out: no session, token, code or grant comes back, and each epoch rises
 * beyond any that was reached since, which ends known browsers as well. No email or logout is sent twice: what waited
 * is marked as failed. Revisions and fencing tokens rise too, so that an id made of them is not given twice.
 */
export function restored<Kind extends ArchiveKind>(
  kind: Kind,
  record: ArchiveRecords[Kind],
  now: number,
): ArchiveRecords[Kind] | undefined {
  const rule = restoring[kind] as
    | ((record: ArchiveRecords[Kind], now: number) => typeof record | undefined)
    | undefined;
  return rule === undefined ? record : rule(record, now);
}

const gone = () => undefined;

const restoring: {
  [Kind in ArchiveKind]?: (record: ArchiveRecords[Kind], now: number) => ArchiveRecords[Kind] | undefined;
} = {
  accounts: (account, now): Account => ({
    ...account,
    revision: account.revision + LEAP,
    credentialsEpoch: account.credentialsEpoch + LEAP,
    // a link that changes something may have been used since; an invitation works only on an account that is as it was
    tickets: account.tickets.filter(({ purpose }) => purpose === 'activation'),
    totps: account.totps.map((totp) => ({ ...totp, lastStep: Math.max(totp.lastStep, totpStep(now, totp) + 1) })),
    effects: account.effects.filter(({ kind }) => kind === 'audit'),
  }),
  // one that was revoked or used up since must not open anything; operators make new ones
  initialAccessTokens: gone,
  // no letter is sent twice; `protect` does no harm
  roleGrants: ({ revision, effects, ...register }) => ({
    ...register,
    revision: revision + LEAP,
    effects: effects.filter(({ kind }) => kind === 'protect'),
  }),
  sessions: gone,
  protocolRecords: gone,
  revokedGrants: gone,
  outbox: (entry, now): OutboxEntry => {
    if (entry.state === 'done' || entry.state === 'failed') return entry;
    const { leasedUntil: _, payload, ...rest } = entry;
    const { sealedSecret: __, ...kept } = payload;
    return { ...rest, payload: kept, state: 'failed', lastError: NOT_SENT_AGAIN, finishedAt: now };
  },
  leases: ({ name, token }) => ({ name, heldUntil: 0, token: token + LEAP }),
  clientVersion: ({ version }) => ({ version: version + LEAP }),
};
