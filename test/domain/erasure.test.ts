/** Rule 27: when an account is erased, what is left of it, and that nobody gets its names. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { compactVerify, createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import { erasureSigner } from '../../src/commands/erasure-signature.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { openValues, sealValues } from '../../src/domain/audit/sealed-audit-values.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { erasureDue, erasureLookedFor, erasureStep } from '../../src/domain/lifecycle/erasure.ts';
import { certificateOf, type ErasureCertificate, isGenuine } from '../../src/domain/lifecycle/erasure-certificate.ts';
import { reservedKey, withReservedNames } from '../../src/domain/lifecycle/reserved-names.ts';
import { holdAccount } from '../../src/domain/lifecycle/suspension.ts';
import { newSigningKey } from '../../src/domain/signing-keys/signing-key.ts';
import { replayErasures } from '../../src/use-cases/lifecycle/replay-erasures.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';

const DAY = 86_400_000;
const at = (time: string) => Date.parse(time);
const sealer = sealerUnder('a secret of more than thirty-two characters');
const keeping = organisations.map((each) =>
  each.id === 'vives'
    ? {
        ...each,
        access: { alumnus: { retain: 'forever' }, staff: { retain: 'P2Y' }, default: { retain: 'P1Y' } },
      }
    : each,
);
const student = (change: Partial<Affiliation> = {}): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  until: '2026-10-31',
  ...change,
});
const ended = (affiliations = [student()], change: Partial<Account> = {}) =>
  withWindows(
    anAccount({ activatedAt: 1, affiliations, formerNumbers: ['r0099999'], ...change }),
    keeping,
    at('2026-11-01T12:00:00+01:00'),
  );
const step = (account: Account, now: number) =>
  erasureStep(account, { consents: 2 }, { organisations: keeping, sealer, now });
const DUE = at('2027-11-01T00:00:00+01:00');

describe('an account is due', () => {
  const due = (affiliations: Affiliation[]) => erasureDue(ended(affiliations), keeping)?.at;

  test('when the longest time that one of its affiliations is kept has passed since its last window', () => {
    expect(due([student()])).toBe(DUE);
    expect(due([student(), student({ role: 'staff', until: '2026-06-30' })])).toBe(at('2028-11-01T00:00:00+01:00'));
    expect(due([student({ until: '2028-02-28' })])).toBe(at('2029-02-28T00:00:00+01:00')); // ended on a leap day
  });

  test('never, where it goes on, one affiliation is kept forever, or nothing is said of how long', () => {
    const { until: _, ...open } = student();
    expect(due([student(), open])).toBeUndefined();
    expect(due([student(), student({ role: 'alumnus' })])).toBeUndefined();
    expect(erasureDue(ended(), organisations)).toBeUndefined();
    expect(due([])).toBeUndefined();
    expect(erasureLookedFor(organisations, DUE)).toBeUndefined();
  });

  test('is looked for: none that is due for its letter ends later than that', () => {
    for (const until of ['2026-10-31', '2027-02-28', '2028-02-29', '2028-01-31']) {
      const account = ended([student({ until })]);
      const notice = (erasureDue(account, keeping)?.at ?? 0) - 30 * DAY;
      expect(account.endsAt).toBeLessThan(erasureLookedFor(keeping, notice) ?? 0);
    }
  });
});

describe('an erasure', () => {
  test('is announced 30 days before by one letter, reserves the names, and takes place no sooner than announced', () => {
    expect(step(ended(), DUE - 30 * DAY - 1).outcome).toEqual({ kind: 'none' });
    const { outcome, account = ended(), effects } = step(ended(), DUE - 30 * DAY);
    expect(outcome).toEqual({ kind: 'announced', day: '2027-11-01' });
    expect(effects).toMatchObject([
      { letter: { template: 'account-erased-soon', to: 'annelies@example.org', data: { day: '2027-11-01' } } },
      { entry: { action: 'account.erasure-announced' } },
    ]);
    expect(account.reserved).toContain(reservedKey('r0011111', sealer));
    expect(account.reserved).toContain(reservedKey('r0099999', sealer));
    expect(account.reserved).toContain(reservedKey('annelies.peeters@student.vives.be', sealer));
    expect(step(account, DUE - 1).outcome.kind).toBe('none');
    expect(step(account, DUE).outcome.kind).toBe('erased');
    // where nobody ran for a year, the person still gets 30 days
    const late = step(ended(), DUE + 400 * DAY);
    expect(late.outcome.kind).toBe('announced');
    expect(step(late.account ?? ended(), DUE + 429 * DAY).outcome.kind).toBe('none');
    expect(step(late.account ?? ended(), DUE + 430 * DAY).outcome.kind).toBe('erased');
  });

  test('leaves a tombstone in the place of the document, with nothing of the person in it', () => {
    const announced = step(ended(), DUE - 30 * DAY).account ?? ended();
    const { account, effects } = step(announced, DUE);
    expect(account?.erased).toMatchObject({
      day: '2027-11-01',
      rule: 'vives student P1Y',
      counts: { consents: 2, names: 3 },
    });
    expect(JSON.stringify(account)).not.toMatch(/annelies|peeters|r0011111|r0099999|the key of this account/i);
    expect(account?.id).toBe(ended().id);
    expect(effects?.map((each) => (each.kind === 'audit' ? each.entry.action : each.kind))).toEqual([
      'end-sessions',
      'forget',
      'account.erased',
    ]);
    const sealed = sealValues(sealer, ended(), { old: 'x' }, randomBytes);
    expect(() => openValues(sealer, account ?? ended(), sealed)).toThrow('cannot be opened');
  });

  test('is stopped by a legal hold or a role, and by a new enrolment without anybody taking anything back', () => {
    const announced = step(ended(), DUE - 30 * DAY).account ?? ended();
    const { account: held = announced } = holdAccount(announced, 'court', DUE - DAY);
    expect(step(held, DUE).outcome.kind).toBe('none');
    expect(step({ ...announced, roles: ['desk'] }, DUE).outcome.kind).toBe('none');
    const again = withWindows({ ...announced, affiliations: [student({ until: '2028-10-31' })] }, keeping, DUE - DAY);
    expect(step(again, DUE + DAY).outcome.kind).toBe('none');
    // and when that is over, it is announced anew
    expect(step(again, at('2029-11-01T00:00:00+01:00')).outcome.kind).toBe('announced');
  });

  test('is certified with a signature that a changed word breaks', async () => {
    const announced = step(ended(), DUE - 30 * DAY).account ?? ended();
    const times = { createdAt: DUE, usedFrom: DUE };
    const keys = [await newSigningKey('ES256', 1, sealer, times), await newSigningKey('RS256', 1, sealer, times)];
    const context = { issuer: 'https://id.example', sealer, signed: erasureSigner(keys, sealer, DUE) };
    const certificate = certificateOf(step(announced, DUE).account ?? announced, context);
    if (certificate === undefined) throw new TypeError('it was erased');
    expect(isGenuine(certificate, sealer)).toBe(true);
    for (const change of [{ day: '2027-11-02' }, { jws: `${certificate.jws}A` }, { jws: undefined }])
      expect(isGenuine({ ...certificate, ...change } as ErasureCertificate, sealer)).toBe(false);
    expect(certificateOf(announced, context)).toBeUndefined();
  });

  test('is certified for anybody who has the published keys, by a signature that is no ID token', async () => {
    const announced = step(ended(), DUE - 30 * DAY).account ?? ended();
    const keys = [await newSigningKey('ES256', 1, sealer, { createdAt: DUE, usedFrom: DUE })];
    const context = { issuer: 'https://id.example', sealer, signed: erasureSigner(keys, sealer, DUE) };
    const certificate = certificateOf(step(announced, DUE).account ?? announced, context) as ErasureCertificate;
    const { mac: _, jws = '', ...said } = certificate;
    const published = createLocalJWKSet({ keys: keys.map(({ publicJwk, kid }) => ({ ...publicJwk, kid }) as JWK) });
    const { payload, protectedHeader } = await compactVerify(jws, published);
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(said);
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: keys[0]?.kid, typ: 'pedel-erasure+json' });
    await expect(jwtVerify(jws, published, { audience: 'x' })).rejects.toThrow();
  });

  test('is proved for ever by a certificate of before there were signatures for anybody', () => {
    // printed by 0.2.0 as it was on 30 November 2026, before `jws` came
    const printed: ErasureCertificate = {
      account: 'a',
      issuer: 'https://id.example',
      day: '2027-11-01',
      rule: 'vives student P1Y',
      counts: { consents: 2, names: 3 },
      mac: 'YEmAQCH4iCHNXn17rGe6zoLQka4lC9KVA674hRnb2kY',
    };
    expect(isGenuine(printed, sealer)).toBe(true);
    expect(isGenuine({ ...printed, counts: { consents: 2, names: 4 } }, sealer)).toBe(false);
    expect(isGenuine({ ...printed, jws: 'ey' }, sealer)).toBe(false);
  });
});

describe('the names of an erased account', () => {
  test('go to no other account, by whatever write, nor does its id', async () => {
    const storage = await openTestStorage({ now: () => DUE });
    try {
      await storage.accounts.insert(ended());
      for (const now of [DUE - 30 * DAY, DUE])
        await updateAccount(storage.accounts, 'account-1', (read) => step(read, now));
      const guarded = withReservedNames(storage.accounts, sealer);
      const other = (change: Partial<Account>) =>
        anAccount({ id: 'other', familyName: 'Maes', userNumbers: ['r1'], emails: [], ...change });
      for (const change of [
        { userNumbers: ['r0011111'] },
        { userNumbers: ['r0099999'] },
        { emails: ['annelies.peeters@student.vives.be'] },
      ])
        await expect(guarded.insert(other(change))).rejects.toMatchObject({ code: 'name_reserved' });
      await expect(storage.accounts.insert(other({ id: 'account-1' }))).rejects.toMatchObject({ code: 'login_taken' });
      await guarded.insert(other({}));
      await expect(
        updateAccount(guarded, 'other', (read) => ({
          outcome: '',
          account: { ...read, userNumbers: ['r1', 'r0011111'] },
        })),
      ).rejects.toThrow('r0011111 belonged to an account that was erased');
      expect(await storage.accounts.findByLogin('r0011111')).toBeUndefined();
      expect(await storage.accounts.search('peeters', undefined, 10)).toHaveLength(0);
    } finally {
      await storage.close();
    }
  });

  test('are in force for others from the announcement on, and stay the person’s own until the erasure', async () => {
    const storage = await openTestStorage({ now: () => DUE });
    try {
      await storage.accounts.insert(ended());
      await updateAccount(storage.accounts, 'account-1', (read) => step(read, DUE - 30 * DAY));
      const guarded = withReservedNames(storage.accounts, sealer);
      const again = await updateAccount(guarded, 'account-1', (read) => ({
        outcome: '',
        account: { ...read, phone: '1' },
      }));
      expect(again.changed).toBe(true);
    } finally {
      await storage.close();
    }
  });
});

test('a restored backup is told by the journal who was erased since, once, and names what it cannot read', async () => {
  const storage = await openTestStorage({ now: () => DUE });
  try {
    await storage.accounts.insert(ended());
    const lines = [
      JSON.stringify({ account: 'account-1', day: '2027-11-01' }),
      '',
      '{"account":',
      '{"account":"gone","day":"x"}',
    ];
    const deps = { accounts: storage.accounts, sealer, now: DUE };
    expect(await replayErasures(lines, deps)).toEqual({ erased: 1, already: 1, unreadable: 1 });
    expect(await replayErasures(lines, deps)).toEqual({ erased: 0, already: 2, unreadable: 1 });
    expect(await storage.accounts.findHolder(reservedKey('r0011111', sealer))).toMatchObject({
      erased: { day: '2027-11-01' },
    });
  } finally {
    await storage.close();
  }
});
