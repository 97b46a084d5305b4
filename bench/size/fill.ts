/** Fills a storage with invented people and what they leave behind, as a copy does, so that every index is as in use. */
import { createHash, randomBytes } from 'node:crypto';
import type { Account } from '../../src/domain/account/account.ts';
import type { Organisation } from '../../src/domain/account/organisation.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { hashPassword } from '../../src/domain/passwords/password-hash.ts';
import type { ArchiveKind, ArchiveRecords } from '../../src/domain/ports/archive.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';

export const PASSWORD = 'negen koperen lampen dwalen';

/** Every `every`th of the people studies until the day `until` (`YYYY-MM-DD`). */
export type Ending = { every: number; until: string };

const BATCH = 1000;
const DAY_MS = 24 * 3600 * 1000;
const GIVEN = ['Ana', 'Jan', 'Fatima', 'Élise', 'Wout', 'Noor', 'Liam', 'Emma', 'Bart', 'Sofie', 'Youssef', 'Mila'];
const FAMILY = ['Peeters', 'Janssens', 'Maes', 'Jacobs', 'Mertens', 'Willems', 'Claes', 'Goossens', 'Wouters', 'Smet'];
/** Nine of ten records of the protocol; the tenth is a session. */
const MODELS = [
  'Grant',
  'RefreshToken',
  'AccessToken',
  'Grant',
  'RefreshToken',
  'AccessToken',
  'Grant',
  'RefreshToken',
];

/** The user number of the `n`th person: `r0000001`. */
export const numberOf = (n: number) => `r${String(n).padStart(7, '0')}`;

/**
 * Activated students of KU Leuven, numbered from `from` on, who sign in with `PASSWORD`. A search for a family name finds a
 * tenth of all, one for a number or a whole name finds one.
 * @param told the number stored so far, after each batch
 */
export async function fillAccounts(
  storage: Pick<Storage, 'archive'>,
  input: {
    accounts: number;
    from?: number;
    now: number;
    organisations: Organisation[];
    ending?: Ending;
    told: (count: number) => void;
  },
): Promise<void> {
  const { accounts, from = 1, now, organisations, ending, told } = input;
  const hash = await hashPassword(PASSWORD, randomBytes);
  const staying = personOf(0, hash, now, { from: '2024-09-01' });
  const leaving = personOf(0, hash, now, { from: '2024-09-01', ...(ending && { until: ending.until }) });
  // the same days for all of them, so the windows are made once
  const [whole, ended] = [staying, leaving].map((account) => withWindows(account, organisations, now));
  const make = (n: number): Account => {
    const model = ending !== undefined && n % ending.every === 0 ? ended : whole;
    const { windows, endsAt, affiliations } = model ?? staying;
    return {
      ...personOf(n, hash, now, {}),
      affiliations,
      ...(windows && { windows }),
      ...(endsAt === undefined ? {} : { endsAt }),
    };
  };
  await inBatches(storage, 'accounts', accounts, (n) => make(from + n), told);
}

/**
 * Records of the protocol of the first `accounts` people, as large as real ones, one in ten a session. The share
 * `expired` (of 1) of those that are no sessions has expired.
 */
export async function fillRecords(
  storage: Pick<Storage, 'archive'>,
  input: { records: number; accounts: number; now: number; expired: number; told: (count: number) => void },
): Promise<void> {
  const { records, told } = input;
  const sessions = Math.floor(records / 10);
  await inBatches(storage, 'protocolRecords', records - sessions, (n) => recordOf(n, input), told);
  await fillSessions(storage, { ...input, sessions, told: (count) => told(records - sessions + count) });
}

/** Living sessions at one application, in turn of `accounts` people from the `from`th on. */
export async function fillSessions(
  storage: Pick<Storage, 'archive'>,
  input: { sessions: number; accounts: number; from?: number; now: number; told: (count: number) => void },
): Promise<void> {
  await inBatches(storage, 'sessions', input.sessions, (n) => sessionOf(n, input), input.told);
}

async function inBatches<Kind extends ArchiveKind>(
  { archive }: Pick<Storage, 'archive'>,
  kind: Kind,
  count: number,
  make: (n: number) => ArchiveRecords[Kind],
  told: (count: number) => void,
): Promise<void> {
  for (let n = 0; n < count; n += BATCH) {
    const size = Math.min(BATCH, count - n);
    await archive.put(
      kind,
      Array.from({ length: size }, (_, i) => make(n + i)),
    );
    told(n + size);
  }
}

/** The family name of the `n`th person, which nobody else has. */
export const familyNameOf = (n: number) => `${FAMILY[(n >> 3) % FAMILY.length]} ${n.toString(36)}`;

/**
 * Identifiers and keys are random in use. These rise with the number: random ones would touch another page of every index
 * with each record, and a million people would take an hour. The index that they make is the same.
 */
const rising = (n: number) => n.toString(36).padStart(7, '0');
const idOf = (n: number) =>
  `${rising(n)}${createHash('sha256').update(`person ${n}`).digest('base64url').slice(0, 15)}`;
const keyOf = (n: number) => `${rising(n)}${randomBytes(27).toString('base64url')}`;

function personOf(n: number, hash: string, now: number, days: Pick<Affiliation, 'from' | 'until'>): Account {
  const givenName = GIVEN[n % GIVEN.length] ?? '';
  const familyName = familyNameOf(n);
  const email = `p${n}@student.kuleuven.be`;
  const personalEmail = `p${n}@example.org`;
  const fields = {
    number: numberOf(n),
    given_name: givenName,
    family_name: familyName,
    email,
    personal_email: personalEmail,
    organisation: 'kuleuven',
    role: 'student',
  };
  return {
    id: idOf(n),
    revision: 1,
    createdAt: now - 400 * DAY_MS,
    auditKey: randomBytes(32).toString('base64'),
    activatedAt: now - 399 * DAY_MS,
    factorDeclinedAt: now, // no sign-in offers one
    givenName,
    familyName,
    userNumbers: [numberOf(n)],
    emails: [email],
    personalEmail,
    language: n % 3 === 0 ? 'en' : 'nl',
    claims: { birthdate: '2004-05-06' },
    affiliations: [{ organisation: 'kuleuven', role: 'student', source: 'hr', ...days }],
    feeds: [{ source: 'hr', key: `hr-${n}`, fields }],
    password: { hash, setAt: now - 399 * DAY_MS },
    totps: [],
    passkeys: [],
    tickets: [],
    mailedAt: [],
    credentialsEpoch: 1,
    roles: [],
    effects: [],
  };
}

type RecordInput = { accounts: number; now: number; expired: number };

function recordOf(n: number, { accounts, now, expired }: RecordInput): ArchiveRecords['protocolRecords'] {
  const model = MODELS[n % MODELS.length] ?? '';
  const expiresAt = n % 1000 < expired * 1000 ? now - 60_000 : now + (1 + (n % 14)) * DAY_MS;
  const iat = Math.floor(now / 1000) - 3600;
  const scope = 'openid profile email eduperson offline_access';
  const record = {
    kind: model,
    iat,
    exp: Math.floor(expiresAt / 1000),
    accountId: idOf((n % accounts) + 1),
    clientId: 'toledo',
    grantId: createHash('sha256')
      .update(`grant ${Math.floor(n / 3)}`)
      .digest('base64url'),
    scope,
    claims: { id_token: { auth_time: { essential: true } } },
    sessionUid: randomBytes(16).toString('base64url'),
    authTime: iat,
    gty: 'authorization_code refresh_token',
    acr: 'https://refeds.org/profile/mfa',
    amr: ['pwd', 'otp', 'mfa'],
    openid: { scope },
    nonce: randomBytes(16).toString('base64url'),
    epoch: 1,
  };
  return { model, key: keyOf(n), record, expiresAt };
}

function sessionOf(
  n: number,
  { accounts, from = 1, now }: { accounts: number; from?: number; now: number },
): ArchiveRecords['sessions'] {
  const iat = Math.floor(now / 1000) - 3600;
  const expiresAt = now + (1 + (n % 7)) * DAY_MS;
  const uid = keyOf(n);
  const grantId = randomBytes(32).toString('base64url');
  const record = {
    kind: 'Session',
    iat,
    exp: Math.floor(expiresAt / 1000),
    uid,
    accountId: idOf((n % accounts) + from),
    loginTs: iat,
    acr: 'https://refeds.org/profile/mfa',
    amr: ['pwd', 'otp', 'mfa'],
    authorizations: { toledo: { sid: randomBytes(16).toString('base64url'), grantId, persistsLogout: true } },
    epoch: 1,
  };
  return { uid, key: keyOf(n), record, expiresAt };
}
