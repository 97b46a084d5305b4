/** Two accounts made one, that undone, and one split: in two writes each, with a crash before and after each of them. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { isOpen } from '../../src/domain/account/account-access.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { openValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { joinRefusal } from '../../src/domain/feed/feed-refusal.ts';
import type { Statement } from '../../src/domain/feed/feed-statement.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { erased } from '../../src/domain/lifecycle/erasure.ts';
import { withReservedNames } from '../../src/domain/lifecycle/reserved-names.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import { sealedValuesOf } from '../../src/domain/sealing/sealed-values.ts';
import { sweepEffects } from '../../src/jobs/effects.ts';
import { forgetMerges } from '../../src/jobs/merges.ts';
import { type Actor, systemActor } from '../../src/use-cases/actor.ts';
import { forgetPerson } from '../../src/use-cases/lifecycle/forget-person.ts';
import { finishMerge, finishPart } from '../../src/use-cases/people/finish-move.ts';
import { mergePeople, planMerge, planUndo, undoMerge } from '../../src/use-cases/people/merge.ts';
import { planSplit, splitPerson } from '../../src/use-cases/people/split.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import { anAccount } from '../support/account.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';

const START = Date.UTC(2026, 10, 30, 9);
const DAY = 24 * 3_600_000;
const sealer = sealerUnder('a secret of more than thirty-two characters');
const system = systemActor('test');
let now = START;
let storage: Storage;
let granted: RoleGrant[] = [];
beforeEach(async () => {
  now = START;
  granted = [];
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

const depsOn = (accounts: Storage['accounts'] = storage.accounts) => ({
  accounts,
  roleGrants: { read: async () => ({ grants: granted, revision: 1, effects: [] }) },
  sealer,
  organisations,
  sources: [csvSource],
  defaultLanguage: 'nl' as const,
  invitationSeconds: 1_209_600,
  now: () => now,
  randomBytes,
});
const forgetDue = () => forgetMerges({ storage, holder: 'one', now: () => now, log: keepLog() });
const moving = () => ({ accounts: storage.accounts, organisations, sealer, now: () => now });
let ended: unknown[][] = [];
const sweep = () =>
  sweepEffects({
    ...storage,
    endSessions: async (...args) => ended.push(args),
    forget: (id) => forgetPerson(id, { ...storage, journal: undefined, now: () => now }),
    finishMerge: (id, entry) => finishMerge(id, entry, moving()),
    finishPart: (id, part) => finishPart(id, part, moving()),
    now: () => now,
    onFailure: (error) => {
      throw error;
    },
  });

const enrolled = (organisation: string, role = 'student', until = '2027-09-30') => ({ organisation, role, until });
const entry = (key: string, number: string, email: string, affiliation: object, more: Record<string, string> = {}) => ({
  source: 'csv',
  key,
  fields: {
    number,
    numbers: number,
    email,
    family_name: 'Peeters',
    given_name: 'Ann',
    personal_email: `${key}@example.org`,
    'affiliations.vives': JSON.stringify([affiliation]),
    ...more,
  },
});
const person = (id: string, number: string, change: Partial<Account> = {}): Account => {
  const email = `${id}@student.vives.be`;
  const affiliation = enrolled('vives', id === 'keep' ? 'student' : 'staff');
  const account = anAccount({
    id,
    userNumbers: [number],
    emails: [email],
    personalEmail: `${id}@example.org`,
    activatedAt: 1,
    password: { hash: `hash of ${id}`, setAt: 1 },
    auditKey: `audit key of ${id}`,
    affiliations: [{ ...affiliation, source: 'csv' }],
    feeds: [entry(id, number, email, affiliation)],
    ...change,
  });
  return withWindows(account, organisations, START);
};
const totp = { id: 't', name: 'phone', sealedSeed: sealer.seal('seed', 'gone', 'totp'), lastStep: 0, createdAt: 1 };
async function two(keep: Partial<Account> = {}, gone: Partial<Account> = {}) {
  await storage.accounts.insert(person('keep', 'r0000001', keep));
  await storage.accounts.insert(person('gone', 'r0000002', { totps: [totp], credentialsEpoch: 4, ...gone }));
}
const read = async (id: string) => {
  const found = await storage.accounts.findById(id);
  if (found === undefined) throw new Error(id);
  return found;
};
const asked = { keepId: 'keep', goneId: 'gone', reason: 'enrolled twice' };
const merge = () => mergePeople(system, asked, depsOn());
const lettersTo = async () =>
  (await storage.outbox.list({ kind: 'letter' }, undefined, 100)).map(
    ({ payload }) => `${payload.to} ${payload.template}`,
  );
const auditOf = (subject: string) => storage.auditLog.page({ subject }, undefined, 50);

/** What both accounts are once everything was done. */
async function expectMerged() {
  const [keep, gone] = [await read('keep'), await read('gone')];
  expect(keep.userNumbers).toEqual(['r0000001', 'r0000002']);
  expect(keep.emails).toEqual(['keep@student.vives.be', 'gone@student.vives.be']);
  expect(keep.feeds.map(({ key }) => key)).toEqual(['keep', 'gone']);
  expect(keep.affiliations.map(({ role }) => role)).toEqual(['student', 'staff']);
  expect(keep).toMatchObject({
    mergedFrom: ['gone'],
    password: { hash: 'hash of keep' },
    credentialsEpoch: 1,
    totps: [],
  });
  expect(gone).toMatchObject({
    merged: { into: 'keep' },
    userNumbers: [],
    emails: [],
    feeds: [],
    totps: [],
    windows: [],
  });
  expect(gone.credentialsEpoch).toBe(5);
  expect([gone.password, gone.activatedAt, gone.reserved, gone.effects]).toEqual([undefined, undefined, undefined, []]);
  expect(isOpen(gone, now)).toBe(false);
  for (const name of ['r0000002', 'gone@student.vives.be'])
    expect((await storage.accounts.findByLogin(name))?.id).toBe('keep');
  expect((await storage.accounts.findByFeedKey('csv', 'gone'))?.id).toBe('keep');
}

describe('two accounts of one person', () => {
  test('are one: names, entries and affiliations come along, and the credentials of the other open nothing', async () => {
    await two();
    ended = [];
    const planned = await planMerge(system, 'keep', 'gone', depsOn());
    expect(planned).toMatchObject({
      kind: 'planned',
      plan: { numbers: ['r0000002'], entries: [{ source: 'csv', key: 'gone' }] },
    });
    expect((await read('gone')).merged).toBeUndefined();
    expect(await merge()).toMatchObject({ kind: 'merged' });
    await sweep();
    await expectMerged();
    // the session and grants of the one that went end, and its applications are told (rule 12)
    expect(ended).toEqual([['gone', 'accounts merged', undefined, 5]]);
    expect((await lettersTo()).sort()).toEqual(
      ['gone@example.org', 'gone@student.vives.be', 'keep@example.org', 'keep@student.vives.be'].map(
        (to) => `${to} accounts-merged`,
      ),
    );
    const [of, into] = [await auditOf('gone'), await auditOf('keep')];
    expect(of).toMatchObject([{ action: 'person.merged', details: { into: 'keep' } }]);
    expect(into).toMatchObject([{ action: 'person.merged-in', details: { from: 'gone' } }]);
    for (const [found, id] of [[of, 'gone'], [into, 'keep']] as const) // biome-ignore format: pairs
      expect(openValues(sealer, await read(id), found[0]?.sealedValues ?? '')).toEqual({ reason: 'enrolled twice' });
    // an address that came along opens nothing for seven days (rule 26)
    expect((await read('keep')).heldAddresses).toMatchObject([{ address: 'gone@student.vives.be' }]);
  });

  test('the same import with both keys changes nothing then', async () => {
    await two();
    await merge();
    await sweep();
    const context = { ...depsOn(), source: csvSource, now };
    for (const key of ['keep', 'gone', 'keep']) {
      const account = await read('keep');
      const fields = account.feeds.find((each) => each.key === key)?.fields ?? {};
      const statement: Statement = {
        key,
        lines: [2],
        complete: true,
        numbers: [fields.numbers ?? ''],
        mainNumber: fields.number ?? '',
        emails: [fields.email ?? ''],
        values: { given_name: 'Ann', family_name: 'Peeters', personal_email: fields.personal_email ?? '' },
        affiliations: JSON.parse(fields['affiliations.vives'] ?? '[]'),
      };
      expect(applyStatement(account, statement, context)).toEqual({
        outcome: { kind: 'unchanged', fields: [], notes: [] },
      });
    }
  });

  class Crash extends Error {}
  /** Accounts whose process dies at this write, before or after it takes effect. */
  function dying(at: number, when: 'before' | 'after'): Storage['accounts'] {
    let writes = 0;
    let dead = false;
    const { accounts } = storage;
    const mortal =
      <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (dead) throw new Crash();
        writes += 1;
        dead = writes === at;
        if (dead && when === 'before') throw new Crash();
        const result = await call(...args);
        if (dead) throw new Crash();
        return result;
      };
    return { ...accounts, insert: mortal(accounts.insert), replace: mortal(accounts.replace) };
  }
  const points = [1, 2, 3].flatMap((at) => (['before', 'after'] as const).map((when) => ({ at, when })));

  test.each(points)('a process that dies $when write $at of a merge leaves it to the job', async ({ at, when }) => {
    await two();
    await expect(mergePeople(system, asked, depsOn(dying(at, when)))).rejects.toThrow(Crash);
    if (at === 1 && when === 'before') {
      expect((await read('gone')).merged).toBeUndefined();
      return;
    }
    // until then nobody else gets what is on its way, and neither account fits what a source says of it
    const held = (await read('gone')).reserved !== undefined && !(await read('keep')).userNumbers.includes('r0000002');
    if (held) {
      const guarded = withReservedNames(storage.accounts, sealer);
      for (const taking of [{ userNumbers: ['r0000002'] }, { feeds: [entry('gone', 'r9', '', {})] }])
        await expect(
          guarded.insert(anAccount({ id: 'thief', userNumbers: [], emails: [], ...taking })),
        ).rejects.toMatchObject({ code: 'name_reserved' });
    }
    await sweep();
    await sweep();
    await expectMerged();
    expect(await lettersTo()).toHaveLength(4);
    expect([await auditOf('gone'), await auditOf('keep')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('what somebody got in between stays there; the rest comes along', async () => {
    await two();
    await expect(mergePeople(system, asked, depsOn(dying(2, 'before')))).rejects.toThrow(Crash);
    await storage.accounts.insert(anAccount({ id: 'thief', userNumbers: ['r0000002'], emails: [] }));
    const lost: string[][] = [];
    const { effects } = await read('gone');
    const left = effects.find((each) => each.kind === 'merge');
    if (left?.kind !== 'merge') throw new Error('no effect');
    await finishMerge('gone', left.entry, { ...moving(), onLost: (_, names) => lost.push(names) });
    expect(lost).toEqual([['r0000002']]);
    expect(await read('keep')).toMatchObject({
      userNumbers: ['r0000001'],
      emails: ['keep@student.vives.be', 'gone@student.vives.be'],
    });
    expect((await storage.accounts.findByLogin('r0000002'))?.id).toBe('thief');
  });

  test('are two again where the one that was to stay became part of a third: the log and the letters say so', async () => {
    await two();
    await storage.accounts.insert(person('third', 'r0000003'));
    await expect(mergePeople(system, asked, depsOn(dying(2, 'before')))).rejects.toThrow(Crash);
    const meanwhile = { keepId: 'third', goneId: 'keep', reason: 'enrolled thrice' };
    expect(await mergePeople(system, meanwhile, depsOn())).toMatchObject({ kind: 'merged' });
    await sweep();
    await sweep();
    const gone = await read('gone');
    expect([gone.merged, gone.userNumbers, gone.reserved]).toEqual([undefined, ['r0000002'], undefined]);
    expect((await auditOf('gone')).map(({ action }) => action).sort()).toEqual([
      'person.merge-undone',
      'person.merged',
    ]);
    expect((await lettersTo()).filter((each) => each.endsWith('account-back')).sort()).toEqual([
      'gone@example.org account-back',
      'gone@student.vives.be account-back',
    ]);
  });

  test('each merged into the other at once end as one or as two, with everything', async () => {
    await two();
    const other = { keepId: 'gone', goneId: 'keep', reason: 'at once' };
    const ends = await Promise.allSettled([merge(), mergePeople(system, other, depsOn())]);
    await sweep();
    await sweep();
    // who is told that they are merged is told the truth
    for (const [index, id] of ['gone', 'keep'].entries()) {
      const end = ends[index];
      if (end?.status === 'fulfilled' && end.value.kind === 'merged') expect((await read(id)).merged).toBeDefined();
    }
    const numbers = [await read('keep'), await read('gone')].flatMap(({ userNumbers }) => userNumbers);
    expect(numbers.sort()).toEqual(['r0000001', 'r0000002']);
    for (const name of numbers) expect(isOpen((await storage.accounts.findByLogin(name)) as Account, now)).toBe(true);
  });

  test.each([
    ['same', { keepId: 'keep', goneId: 'keep' }, {}, {}],
    ['role', {}, { roles: ['desk'] }, {}],
    ['role', {}, {}, { roles: ['owner'] }],
    ['suspended', {}, {}, { suspension: { kind: 'security', reason: 'x', at: 1 } }],
    ['held', {}, {}, { legalHold: { reason: 'x', at: 1 } }],
    ['keep-not-active', {}, { activatedAt: undefined }, {}],
    ['gone', {}, { merged: { into: 'x', at: 1, undoUntil: 1 } }, {}],
  ] as [string, object, Partial<Account>, Partial<Account>][])(
    'are not merged: %s',
    async (because, which, keep, gone) => {
      await two(keep, gone);
      expect(await mergePeople(system, { ...asked, ...which }, depsOn())).toEqual({ kind: 'refused', because });
    },
  );

  test('are not merged without a reason, nor where a role is granted that the account does not show', async () => {
    await two();
    expect(await mergePeople(system, { ...asked, reason: ' \u200b ' }, depsOn())).toMatchObject({
      because: 'no-reason',
    });
    granted = [grant('desk', ['vives'], 'gone')];
    expect(await merge()).toEqual({ kind: 'refused', because: 'role' });
  });

  const grant = (role: RoleName, at: RoleGrant['organisations'], id: string): RoleGrant => ({
    id: `grant of ${id}`,
    role,
    organisations: at,
    holder: { kind: 'person', id },
    grantedAt: 1,
    grantedBy: 'x',
  });
  const somebody = (role: RoleName, at: RoleGrant['organisations'], id = 'actor'): Actor => ({
    kind: 'person',
    id,
    name: 'Somebody',
    grants: [grant(role, at, id)],
    via: 'console',
  });

  test('are merged by owners, and by people administrators of all their organisations; nobody merges himself', async () => {
    const elsewhere = {
      affiliations: [...person('gone', 'r').affiliations, { ...enrolled('kuleuven'), source: 'csv' }],
    };
    await two({}, elsewhere);
    const by = async (actor: Actor) => {
      const { kind, because } = (await planMerge(actor, 'keep', 'gone', depsOn())) as {
        kind: string;
        because?: string;
      };
      return because ?? kind;
    };
    expect(await by(somebody('people-administrator', ['vives']))).toBe('no-right');
    expect(await by(somebody('people-administrator', ['kuleuven']))).toBe('not-found');
    expect(await by(somebody('people-administrator', ['vives', 'kuleuven']))).toBe('planned');
    expect(await by(somebody('owner', 'association'))).toBe('planned');
    for (const role of ['desk', 'auditor'] as const)
      expect(await by(somebody(role, ['vives', 'kuleuven']))).toBe('no-right');
    expect(await by(somebody('client-administrator', ['vives', 'kuleuven']))).toBe('not-found');
    expect(await by(somebody('owner', 'association', 'gone'))).toBe('himself');
  });
});

describe('a merge that was a mistake', () => {
  beforeEach(async () => {
    await two();
    await merge();
    await sweep();
  });
  const undo = () => undoMerge(system, { goneId: 'gone', reason: 'two people' }, depsOn());

  test('is undone: both are as before, with what their source has said since, and the credentials open again', async () => {
    // the source goes on to speak of the second one
    await updateAccount(storage.accounts, 'keep', (account) => {
      const feeds = account.feeds.map((feed) =>
        feed.key === 'gone'
          ? {
              ...feed,
              fields: {
                ...feed.fields,
                'affiliations.vives': JSON.stringify([enrolled('vives', 'staff', '2028-01-31')]),
              },
            }
          : feed,
      );
      const affiliations = account.affiliations.map((each) =>
        each.role === 'staff' ? { ...each, until: '2028-01-31' } : each,
      );
      return { outcome: 'said', account: { ...account, feeds, affiliations } };
    });
    expect(await undo()).toMatchObject({ kind: 'undone' });
    await sweep();
    const [keep, gone] = [await read('keep'), await read('gone')];
    expect(keep).toMatchObject({ userNumbers: ['r0000001'], emails: ['keep@student.vives.be'], credentialsEpoch: 2 });
    expect([keep.mergedFrom, keep.formerNumbers, keep.reserved]).toEqual([undefined, undefined, undefined]);
    expect(keep.affiliations.map(({ role }) => role)).toEqual(['student']);
    expect(gone).toMatchObject({
      userNumbers: ['r0000002'],
      emails: ['gone@student.vives.be'],
      password: { hash: 'hash of gone' },
      auditKey: 'audit key of gone',
      credentialsEpoch: 6,
      affiliations: [{ role: 'staff', until: '2028-01-31' }],
    });
    expect([gone.merged, gone.totps.length, isOpen(gone, now), isOpen(keep, now)]).toEqual([undefined, 1, true, true]);
    expect((await storage.accounts.findByFeedKey('csv', 'gone'))?.id).toBe('gone');
    expect((await lettersTo()).filter((each) => !each.endsWith('accounts-merged')).sort()).toEqual([
      'gone@example.org account-back',
      'gone@student.vives.be account-back',
      'keep@example.org account-parted',
      'keep@student.vives.be account-parted',
    ]);
    for (const id of ['keep', 'gone'])
      expect((await auditOf(id)).map(({ action }) => action)).toContain('person.merge-undone');
    expect(await undo()).toMatchObject({ kind: 'not-found' });
  });

  test('is undone by the job where the process died in between, and merged again is not undone by what is left over', async () => {
    const { accounts } = storage;
    let writes = 0;
    const once = async (...args: Parameters<typeof accounts.replace>) => {
      writes += 1;
      if (writes > 1) throw new Error('dead');
      return accounts.replace(...args);
    };
    await expect(
      undoMerge(system, { goneId: 'gone', reason: 'two' }, depsOn({ ...accounts, replace: once })),
    ).rejects.toThrow('dead');
    const left = (await read('keep')).effects.find((each) => each.kind === 'part');
    if (left?.kind !== 'part') throw new Error('no effect');
    expect((await read('gone')).merged).toBeDefined();
    await expect(
      withReservedNames(accounts, sealer).insert(anAccount({ id: 'x', userNumbers: ['r0000002'], emails: [] })),
    ).rejects.toMatchObject({ code: 'name_reserved' });
    await sweep();
    expect(await read('gone')).toMatchObject({ userNumbers: ['r0000002'] });
    now += DAY;
    await merge();
    await finishPart('keep', left, moving());
    expect((await read('gone')).merged).toBeDefined();
    expect((await read('keep')).userNumbers).toEqual(['r0000001', 'r0000002']);
  });

  test('keeps the seed of the other under whichever secret is current', async () => {
    const values = sealedValuesOf('accounts', await read('gone'));
    expect(values).toEqual([{ sealed: totp.sealedSeed, owner: 'gone', field: 'totp' }]);
    await updateAccount(storage.accounts, 'keep', (account) => ({ outcome: 0, account, effects: [{ kind: 'part', account: { ...person('gone', 'r0000002'), totps: [totp] } }] })); // biome-ignore format: one effect
    expect(sealedValuesOf('accounts', await read('keep'))).toEqual(values);
  });

  test('cannot be undone after 30 days: what was kept for it is erased, and the id leads on', async () => {
    await storage.consents.add({
      accountId: 'gone',
      clientId: 'c',
      scopes: [],
      claims: [],
      givenAt: 1,
      resourceScopes: {},
    } as never);
    now += 30 * DAY - 1;
    expect(await planUndo(system, 'gone', depsOn())).toMatchObject({ kind: 'planned' });
    expect(await forgetDue()).toBe(0);
    now += 2;
    expect(await undo()).toEqual({ kind: 'refused', because: 'too-late' });
    expect(await forgetDue()).toBe(1);
    expect(await forgetDue()).toBe(0);
    const gone = await read('gone');
    expect(gone.merged).toEqual({ into: 'keep', at: START, undoUntil: START + 30 * DAY });
    expect(JSON.stringify(gone)).not.toMatch(/hash of gone|r0000002|Peeters/);
    expect(await storage.consents.byAccount('gone')).toEqual([]);
    expect(await undo()).toEqual({ kind: 'refused', because: 'too-late' });
  });

  test('goes with the person: erasing the account that stays erases what was kept of the other, and its audit key', async () => {
    await updateAccount(storage.accounts, 'keep', (account) =>
      erased(account, { rule: 'test', counts: {} }, { sealer, now }),
    );
    await sweep();
    const gone = await read('gone');
    expect(gone).toMatchObject({ auditKey: '', merged: { into: 'keep' } });
    expect(gone.merged?.before).toBeUndefined();
    expect(await undo()).toMatchObject({ kind: 'refused', because: 'too-late' });
  });
});

describe('an account that is of two people', () => {
  const split = (entries = [{ source: 'csv', key: 'gone' }]) =>
    splitPerson(system, { accountId: 'keep', entries, reason: 'two people' }, depsOn());
  beforeEach(async () => {
    const [one, other] = [person('keep', 'r0000001'), person('gone', 'r0000002')];
    await storage.accounts.insert({
      ...one,
      userNumbers: ['r0000001', 'r0000002'],
      emails: [...one.emails, ...other.emails],
      affiliations: [...one.affiliations, ...other.affiliations],
      feeds: [...one.feeds, ...other.feeds],
    });
  });

  test('is split: the entry takes along what it alone gave, the epoch rises, and the other person is invited', async () => {
    const planned = await planSplit(system, { accountId: 'keep', entries: [{ source: 'csv', key: 'gone' }] }, depsOn());
    expect(planned).toMatchObject({ kind: 'planned', fresh: { userNumbers: ['r0000002'] } });
    const done = await split();
    if (done.kind !== 'split') throw new Error(done.kind);
    await sweep();
    const [keep, fresh] = [await read('keep'), await read(done.fresh.id)];
    expect(keep).toMatchObject({ userNumbers: ['r0000001'], emails: ['keep@student.vives.be'], credentialsEpoch: 2 });
    expect([keep.formerNumbers, keep.reserved, keep.feeds.length]).toEqual([undefined, undefined, 1]);
    expect(keep.affiliations.map(({ role }) => role)).toEqual(['student']);
    expect(fresh).toMatchObject({
      userNumbers: ['r0000002'],
      emails: ['gone@student.vives.be'],
      personalEmail: 'gone@example.org',
      affiliations: [{ role: 'staff', source: 'csv' }],
      feeds: [{ key: 'gone' }],
    });
    expect([fresh.activatedAt, fresh.password]).toEqual([undefined, undefined]);
    expect((await lettersTo()).sort()).toEqual([
      'gone@example.org invitation',
      'keep@example.org account-parted',
      'keep@student.vives.be account-parted',
    ]);
    expect(await auditOf('keep')).toMatchObject([{ action: 'person.split', details: { entries: 'csv:gone' } }]);
    expect(await auditOf(fresh.id)).toMatchObject([{ action: 'person.created', actor: { kind: 'command' } }]);
    expect((await storage.accounts.findByLogin('r0000002'))?.id).toBe(fresh.id);
  });

  test('gives a number of the account in use to the other person, as no feed may (rule 26): once, and audited', async () => {
    expect(await read('keep')).toMatchObject({ activatedAt: 1 });
    const said = {
      key: 'other',
      lines: [2],
      complete: true,
      numbers: ['r0000002'],
      mainNumber: 'r0000002',
      values: {},
    };
    const statement: Statement = { ...said, affiliations: [enrolled('vives')] };
    const holding = (userNumbers: string[]) =>
      updateAccount(storage.accounts, 'keep', (account) => ({ outcome: 0, account: { ...account, userNumbers } }));
    // had a source taken it away, none would give it to anybody
    await holding(['r0000001']);
    expect(await read('keep')).toMatchObject({ formerNumbers: ['r0000002'] });
    expect(joinRefusal(await read('keep'), statement, 'csv')).toMatchObject({ kind: 'refused', column: 'number' });
    await holding(['r0000001', 'r0000002']);

    const done = await split();
    if (done.kind !== 'split') throw new Error(done.kind);
    await sweep();
    expect((await storage.accounts.findByLogin('r0000002'))?.id).toBe(done.fresh.id);
    expect(await auditOf('keep')).toContainEqual(expect.objectContaining({ action: 'person.split' }));
  });

  test('keeps the number by which applications know it (rule 27)', async () => {
    const done = await split([{ source: 'csv', key: 'keep' }]);
    expect(done).toMatchObject({ kind: 'split', kept: ['r0000001'], fresh: { userNumbers: [] } });
    expect((await storage.accounts.findByLogin('r0000001'))?.id).toBe('keep');
  });

  /** What a second source knows of the other person as well, over SCIM. */
  const moreOf = (email: string): Account['feeds'][number] => ({
    ...entry('7', 'r0000003', email, { ...enrolled('vives', 'alumnus'), end: 'withdrawn' }),
    ...{ source: 'hr', scim: { id: 'resource', createdAt: 1, modifiedAt: 2, user: { userName: 'ann' } } },
  });
  const withMore = (account: Account): Account => {
    const value = (of: string) => ({ value: of, ...{ organisation: 'vives', role: 'staff', source: 'csv' } });
    const lists = { 'groups.vives': [value('choir')], 'entitlements.vives': [value('urn:mace:lab')] };
    const said = Object.fromEntries(
      Object.entries(lists).map(([column, values]) => [
        column,
        JSON.stringify(values.map(({ source: _, ...each }) => each)),
      ]),
    );
    const [own, other] = account.feeds as [Account['feeds'][number], Account['feeds'][number]];
    const email = 'other@student.vives.be';
    return {
      ...account,
      userNumbers: [...account.userNumbers, 'r0000003'],
      emails: [...account.emails, email],
      feeds: [own, { ...other, fields: { ...other.fields, ...said } }, moreOf(email)],
      affiliations: [
        ...account.affiliations,
        { ...enrolled('vives', 'alumnus'), end: 'withdrawn', source: 'hr', withdrawnAt: START - 90 * DAY },
      ],
      groups: lists['groups.vives'],
      entitlements: lists['entitlements.vives'],
      evidence: [
        { source: 'csv', level: 'medium', day: '2026-01-07', mac: sealer.mac('evidence', 'csv', 'keep') },
        { source: 'csv', level: 'medium', day: '2026-02-08', mac: sealer.mac('evidence', 'csv', 'gone') },
      ],
    };
  };

  test('is one again as before once both halves are merged: that undoes it', async () => {
    await updateAccount(storage.accounts, 'keep', (account) => ({
      outcome: 0,
      account: withWindows(withMore(account), organisations, START),
    }));
    const before = await read('keep');
    const done = await split([
      { source: 'csv', key: 'gone' },
      { source: 'hr', key: '7' },
    ]);
    if (done.kind !== 'split') throw new Error(done.kind);
    await sweep();
    const gone = done.fresh.id;
    const names = ['r0000002', 'r0000003', 'gone@student.vives.be', 'other@student.vives.be'];
    expect(await read(gone)).toMatchObject({ userNumbers: names.slice(0, 2), emails: names.slice(2) });
    now += DAY;
    expect(await mergePeople(system, { keepId: 'keep', goneId: gone, reason: 'one' }, depsOn())).toMatchObject({
      kind: 'merged',
    });
    await sweep();
    const after = await read('keep');
    const changes = ['revision', 'credentialsEpoch', 'claims', 'heldAddresses', 'mergedFrom'] as const;
    const without = (account: Account) =>
      Object.fromEntries(Object.entries(account).filter(([member]) => !changes.some((each) => each === member)));
    expect(without(after)).toEqual(without(before));
    // what does not come back: sessions, and for seven days mail to addresses that are new to an account in use
    expect(after).toMatchObject({ credentialsEpoch: 2, mergedFrom: [gone] });
    expect(after.heldAddresses).toEqual(names.slice(2).map((address) => ({ address, until: now + 7 * DAY })));
    expect(await read(gone)).toMatchObject({ merged: { into: 'keep' }, tickets: [], userNumbers: [] });
    for (const name of names) expect((await storage.accounts.findByLogin(name))?.id).toBe('keep');
    // and the merge is undone like any other
    await undoMerge(system, { goneId: gone, reason: 'two after all' }, depsOn());
    await sweep();
    expect([(await read('keep')).userNumbers, (await read(gone)).userNumbers]).toEqual([
      ['r0000001'],
      names.slice(0, 2),
    ]);
  });

  test('is open again once both halves are merged, though the split left it without an affiliation', async () => {
    await updateAccount(storage.accounts, 'keep', (account) => {
      const affiliations = account.affiliations.filter(({ role }) => role === 'staff');
      const [own, other] = account.feeds as [Account['feeds'][number], Account['feeds'][number]];
      const { 'affiliations.vives': _, ...fields } = own.fields;
      const next = { ...account, affiliations, feeds: [{ ...own, fields }, other] };
      return { outcome: 0, account: withWindows(next, organisations, START) };
    });
    const before = await read('keep');
    const done = await split();
    if (done.kind !== 'split') throw new Error(done.kind);
    await sweep();
    expect(isOpen(await read('keep'), now)).toBe(false);
    await mergePeople(system, { keepId: 'keep', goneId: done.fresh.id, reason: 'one' }, depsOn());
    await sweep();
    const { affiliations, windows, endsAt, feeds } = await read('keep');
    expect({ affiliations, windows, endsAt, feeds }).toEqual({
      affiliations: before.affiliations,
      windows: before.windows,
      endsAt: before.endsAt,
      feeds: before.feeds,
    });
    expect(isOpen(await read('keep'), now)).toBe(true);
  });

  test('is not split of what it does not have, of everything, or with a role', async () => {
    expect(await split([{ source: 'csv', key: 'other' }])).toEqual({ kind: 'refused', because: 'unknown' });
    expect(await split([])).toEqual({ kind: 'refused', because: 'unknown' });
    expect(await split(['keep', 'gone'].map((key) => ({ source: 'csv', key })))).toEqual({
      kind: 'refused',
      because: 'all',
    });
    await updateAccount(storage.accounts, 'keep', (account) => ({
      outcome: 0,
      account: { ...account, roles: ['desk'] },
    }));
    expect(await split()).toEqual({ kind: 'refused', because: 'role' });
  });
});
