/**
 * What a person is given of the account as it is stored: everything but secrets. Each member of the account has its place
 * here, so that one that is new does not compile before somebody has decided about it.
 */
import { type ActingPerson, personAudit } from '../factors/factor.ts';
import type { JsonValue } from '../json-value.ts';
import type { Account, Decision } from './account.ts';
import { notices } from './notifications.ts';

/**
 * `given`: as it is stored. `secret`: it would help whoever has the file to get in. `of-others`: what somebody wrote about
 * the person in confidence. A function: what is given of it.
 */
type Place = 'given' | 'secret' | 'of-others' | ((account: Account) => unknown);

const without =
  <Member extends string>(...members: Member[]) =>
  <Value extends object>(value: Value): Partial<Value> =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !members.includes(name as Member))) as Partial<Value>;

const places: { [Member in keyof Required<Account>]: Place } = {
  id: 'given',
  revision: 'given',
  createdAt: 'given',
  auditKey: 'secret',
  activatedAt: 'given',
  givenName: 'given',
  familyName: 'given',
  userNumbers: 'given',
  formerNumbers: 'given',
  emails: 'given',
  personalEmail: 'given',
  provenAddresses: 'given',
  heldAddresses: 'given',
  proposedAddress: 'given',
  phone: 'given',
  language: 'given',
  claims: 'given',
  affiliations: 'given',
  groups: 'given',
  entitlements: 'given',
  orcid: 'given',
  feeds: 'given',
  evidence: ({ evidence }) => evidence?.map(without('mac')),
  password: ({ password }) => password && { setAt: password.setAt },
  totps: ({ totps }) => totps.map(without('sealedSeed', 'lastStep')),
  passkeys: 'given',
  recoveryCodes: ({ recoveryCodes }) =>
    recoveryCodes && { left: recoveryCodes.macs.length, createdAt: recoveryCodes.createdAt },
  trustedBrowsers: ({ trustedBrowsers }) => trustedBrowsers?.map(without('hash')),
  tickets: ({ tickets }) => tickets.map(without('id', 'codeMac', 'pending')),
  mailedAt: 'given',
  invitationWaits: 'given',
  codeMayBeUnderWayUntil: 'given',
  windows: 'given',
  rulesVersion: 'given',
  endsAt: 'given',
  endings: 'given',
  suspension: ({ suspension }) => suspension && without('reason')(suspension),
  legalHold: 'of-others',
  reserved: 'secret',
  erasure: 'given',
  erased: 'given',
  // what the other account was is in what this one says of it
  merged: 'secret',
  mergedFrom: 'given',
  passwordExpiredAt: 'given',
  wholeSignIn: 'given',
  slowRecovery: 'given',
  factorDeclinedAt: 'given',
  browsers: 'given',
  browsersDisownedBefore: 'given',
  halfway: 'given',
  credentialsEpoch: 'given',
  desk: ({ desk }) => desk && { acts: desk.acts },
  roles: 'given',
  effects: ({ effects }) =>
    effects.map((effect) => {
      if (effect.kind === 'letter') return { kind: effect.kind, ...without('sealedSecret')(effect.letter) };
      if (effect.kind === 'part') return { kind: effect.kind }; // it is another person's
      return effect.kind === 'audit' ? { kind: effect.kind, ...without('sealedValues')(effect.entry) } : effect;
    }),
};

/** The members of the account that its owner is given; absent ones are left out. */
export function givenOf(account: Account): Record<string, JsonValue> {
  const given = Object.entries(places).flatMap(([member, place]) => {
    if (place === 'secret' || place === 'of-others') return [];
    const value = place === 'given' ? account[member as keyof Account] : place(account);
    return value === undefined ? [] : [[member, readable(value as JsonValue)] as const];
  });
  return Object.fromEntries(given);
}

/** A time in epoch milliseconds is above this, and nothing else that is stored is: 2001. */
const EARLIEST_MS = 1_000_000_000_000;

/** The same value with times (epoch ms) in ISO 8601. */
export function readable(value: JsonValue): JsonValue {
  if (typeof value === 'number') return value > EARLIEST_MS ? new Date(value).toISOString() : value;
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([name, each]) => [name, readable(each)]));
}

/** Rule: the owner takes a copy of everything; both addresses hear, because a thief would want it too. */
export function noteDownload(account: Account, context: ActingPerson): Decision<{ kind: 'noted' }> {
  return {
    outcome: { kind: 'noted' },
    effects: [
      ...notices(account, 'data-downloaded', {}, context),
      personAudit(account, 'data.downloaded', {}, context),
    ],
  };
}
