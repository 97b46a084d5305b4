/** People over SCIM: made, read, replaced and deleted by one source, which sees and changes nothing of others. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { SAFEGUARD } from '../../src/domain/feed/source.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { releaseSource } from '../../src/use-cases/scim/safeguard.ts';
import { anAccount } from '../support/account.ts';
import { until } from '../support/campus.ts';
import { closeAll, PEDEL, type Scim, startScim, user } from './scim-support.ts';

afterEach(closeAll);

const student = { [PEDEL]: { numbers: ['r1234567'], affiliations: [{ organisation: 'vives', role: 'student' }] } };
const accountOf = async (kit: Scim, number = 'r1234567') => {
  const found = await kit.storage.accounts.findByLogin(number);
  if (found === undefined) throw new Error(number);
  return found;
};
/** Beside the node, which dispatches what a write left. */
const changed = async (kit: Scim, change: Partial<Account>, number?: string) => {
  const { id } = await accountOf(kit, number);
  await updateAccount(kit.storage.accounts, id, (account) => ({
    outcome: 'changed',
    account: { ...account, ...change },
  }));
};
/** The entries of an account, once there are so many: they go there after the write that carries them. */
const auditOf = (kit: Scim, subject: string, many: number) =>
  until(
    async () => {
      const entries = await kit.storage.auditLog.page({ subject }, undefined, 50);
      return entries.length >= many ? entries : undefined;
    },
    () => `there are not ${many} entries`,
  );

test('a person is made, read, replaced and deleted, and reads as it was written', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const said = user(student);
  const made = await hr.add(said);
  expect(made).toMatchObject({ status: 201, body: { ...said, meta: { resourceType: 'User' } } });
  const { id } = made.body;
  expect(made.headers.get('location')).toBe(`${kit.base}/Users/${id}`);
  expect(made.headers.get('content-type')).toBe('application/scim+json');
  const account = await accountOf(kit);
  expect(account).toMatchObject({ givenName: 'Kim', personalEmail: 'kim@example.org' });
  expect(account.affiliations).toEqual([{ organisation: 'vives', role: 'student', source: 'hr' }]);
  expect(account.id).not.toBe(id);
  const read = await hr.call('GET', `/Users/${id}`);
  expect(read).toMatchObject({ status: 200, body: made.body });
  const etag = read.headers.get('etag') ?? '';
  expect(etag).toBe(read.body.meta.version);
  expect((await hr.call('GET', `/Users/${id}`, undefined, { 'if-none-match': etag })).status).toBe(304);

  const stone = { ...made.body, name: { givenName: 'Kim', familyName: 'Stone' } };
  expect(await hr.call('PUT', `/Users/${id}`, stone)).toMatchObject({
    status: 200,
    body: { name: { familyName: 'Stone' } },
  });
  expect((await accountOf(kit)).familyName).toBe('Stone');
  expect((await hr.call('DELETE', `/Users/${id}`)).status).toBe(204);
  expect((await hr.call('GET', `/Users/${id}`)).status).toBe(404);
  expect((await hr.call('DELETE', `/Users/${id}`)).status).toBe(404);
  // the same key is the same person, and the same resource
  const again = await hr.add(said);
  expect(again).toMatchObject({ status: 201, body: { id } });
  expect((await accountOf(kit)).id).toBe(account.id);
});

test('said twice, nothing changes, and each write stands in the audit log once, with who wrote it', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const { body } = await hr.add(user(student));
  expect(await hr.add(user(student))).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
  const account = await accountOf(kit);
  const first = await hr.call('PUT', `/Users/${body.id}`, { ...body, nickName: 'k' });
  const second = await hr.call('PUT', `/Users/${body.id}`, { ...body, nickName: 'k' });
  expect(second.body).toEqual(first.body);
  const phones = {
    phoneNumbers: [
      { value: '+32 50 1', type: 'work' },
      { value: '+32 50 2', type: 'home' },
    ],
  };
  await hr.call('PUT', `/Users/${body.id}`, { ...body, ...phones });
  // of what no column takes the resource alone tells
  await hr.call('PUT', `/Users/${body.id}`, {
    ...body,
    phoneNumbers: phones.phoneNumbers.slice(0, 1),
  });
  const entries = await auditOf(kit, account.id, 4);
  expect(entries.map(({ action, details }) => [action, details?.fields])).toEqual([
    ['person.changed', 'scim'],
    ['person.changed', 'nickname phone'],
    ['person.changed', 'nickname'],
    ['person.created', expect.any(String)],
  ]);
  for (const { actor } of entries)
    expect(actor).toMatchObject({ kind: 'system', id: expect.stringContaining('source hr') });
});

test('of ten who write the same version at once one wins, and the others are told', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const { body } = await hr.add(user(student));
  const headers = { 'if-match': body.meta.version };
  const results = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      hr.call('PUT', `/Users/${body.id}`, { ...body, nickName: `k${index}` }, headers),
    ),
  );
  expect(results.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
  const made = await Promise.all(
    Array.from({ length: 5 }, () =>
      hr.add(
        user({ userName: 'ann', externalId: 'a1', [PEDEL]: { affiliations: student[PEDEL]?.affiliations ?? [] } }),
      ),
    ),
  );
  expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
});

test('of many who add to a person at once each addition is there, and of many who delete one does', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const { body } = await hr.add(user(student));
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();
  const numbers = Array.from({ length: 8 }, (_, index) => `r00000${10 + index}`);
  const added = await Promise.all(
    numbers.map((number) => hr.patch(body.id, { op: 'add', path: `${PEDEL}:numbers`, value: [number] })),
  );
  expect(statuses(added)).toEqual(Array(8).fill(200));
  const read = await hr.call('GET', `/Users/${body.id}`);
  expect(read.body[PEDEL].numbers.sort()).toEqual([...numbers, 'r1234567']);
  const deleted = await Promise.all(Array.from({ length: 6 }, () => hr.call('DELETE', `/Users/${body.id}`)));
  expect(statuses(deleted)).toEqual([204, ...Array(5).fill(404)]);
});

test('a source sees and changes nothing of another, though both know the person', async () => {
  const kit = await startScim();
  const [hr, csv] = [await kit.source('hr'), await kit.source('csv')];
  const ofHr = await hr.add(user(student));
  // both confirm the number, so it is one account
  const ofCsv = await csv.add(user({ ...student, externalId: '7', userName: 'storm', nickName: 'stormy' }));
  expect(ofCsv.status).toBe(201);
  expect(await kit.storage.accounts.search('', undefined, 9)).toHaveLength(1);
  expect(ofCsv.body.id).not.toBe(ofHr.body.id);
  expect((await hr.call('GET', `/Users/${ofHr.body.id}`)).body).toEqual(ofHr.body);
  for (const [method, said] of [['GET'], ['PUT', ofHr.body], ['DELETE']] as [string, object?][])
    expect((await hr.call(method, `/Users/${ofCsv.body.id}`, said)).status).toBe(404);
  expect((await hr.list({})).body).toMatchObject({ totalResults: 1, Resources: [{ id: ofHr.body.id }] });
  for (const filter of [`id eq "${ofCsv.body.id}"`, 'userName eq "storm"', 'externalId eq "7"'])
    expect((await hr.list({ filter })).body.totalResults).toBe(0);
  const both = await hr.list({ filter: 'emails.value eq "kim@example.org"' });
  expect(both.body).toMatchObject({ totalResults: 1, Resources: [{ id: ofHr.body.id }] });
  // what the owner changed flows back to nobody
  await changed(kit, { personalEmail: 'own@example.org', language: 'en' });
  expect((await csv.call('GET', `/Users/${ofCsv.body.id}`)).body).toEqual(ofCsv.body);
});

test('what is another person’s is refused in the same words, whoever has it', async () => {
  const kit = await startScim();
  const [hr, csv] = [await kit.source('hr'), await kit.source('csv')];
  await hr.add(user(student));
  await kit.storage.accounts.insert(anAccount({ userNumbers: ['u0000001'], emails: ['ann@vives.be'] }));
  const at = (number: string) => ({ [PEDEL]: { ...student[PEDEL], numbers: [number] } });
  const refused = await Promise.all([
    hr.add(user({ externalId: 'k2', userName: 'KIM@example.org' })),
    hr.add(user({ externalId: 'k1', userName: 'other' })),
    csv.add(user({ externalId: 'k2', userName: 'u0000001', ...at('u0000001') })),
    csv.add(
      user({ externalId: 'k3', userName: 'ann', emails: [{ value: 'ann@vives.be', type: 'work' }], ...at('s0000009') }),
    ),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
  expect(new Set(refused.map(({ body }) => body.detail)).size).toBe(1);
  // nor is somebody taken over whom the source itself knows by another key, from a file
  const fields = { number: 'r7654321', numbers: 'r7654321' };
  const known = { id: 'known', userNumbers: ['r7654321'], emails: [], feeds: [{ source: 'hr', key: '99', fields }] };
  await kit.storage.accounts.insert(anAccount(known));
  expect((await hr.add(user({ externalId: 'k4', userName: 'r7654321', ...at('r7654321') }))).status).toBe(409);
  expect((await kit.storage.accounts.findByFeedKey('hr', '99'))?.id).toBe('known');
});

test('an account with a role is changed by no source', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const { body } = await hr.add(user(student));
  await changed(kit, { roles: ['owner'] });
  expect((await hr.call('PUT', `/Users/${body.id}`, { ...body, nickName: 'k' })).status).toBe(403);
  expect((await hr.patch(body.id, { op: 'replace', path: 'active', value: false })).status).toBe(403);
  expect((await hr.call('DELETE', `/Users/${body.id}`)).status).toBe(403);
  expect((await hr.call('GET', `/Users/${body.id}`)).body).toEqual(body);
});

test('who is not active any more is out at once, and in again when the source says so', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const { body } = await hr.add(user(student));
  await changed(kit, { activatedAt: 1 });
  const { credentialsEpoch } = await accountOf(kit);
  const off = await hr.patch(body.id, { op: 'Replace', path: 'active', value: 'False' });
  expect(off).toMatchObject({ status: 200, body: { active: false, [PEDEL]: student[PEDEL] } });
  const closed = await accountOf(kit);
  expect(closed.endsAt).toBeLessThanOrEqual(Date.now());
  expect(closed.credentialsEpoch).toBe(credentialsEpoch + 1);
  await hr.patch(body.id, { op: 'replace', path: 'active', value: true });
  expect((await accountOf(kit)).endsAt).toBeUndefined();
});

test('an affiliation that the source says no more is gone, at an organisation that it names no more too', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const both = [...(student[PEDEL]?.affiliations ?? []), { organisation: 'kuleuven', role: 'staff' }];
  const { body } = await hr.add(user({ [PEDEL]: { numbers: ['r1234567'], affiliations: both } }));
  expect((await accountOf(kit)).affiliations).toHaveLength(2);
  await hr.patch(body.id, { op: 'remove', path: `${PEDEL}:affiliations[organisation eq "vives"]` });
  expect((await accountOf(kit)).affiliations).toEqual([{ organisation: 'kuleuven', role: 'staff', source: 'hr' }]);
});

test('a source ends so many people within a day and no more, until an operator releases them', async () => {
  const kit = await startScim({ apiRequestsPerMinute: 10_000 });
  const hr = await kit.source('hr');
  const grant = (id: string, role: RoleGrant['role'], at: RoleGrant['organisations']): RoleGrant => {
    const holder = { kind: 'person', id } as const;
    return { id: `grant of ${id}`, holder, role, organisations: at, grantedAt: 1, grantedBy: 'test' };
  };
  const grants = [
    grant('boss', 'owner', 'association'),
    grant('people', 'people-administrator', ['vives']),
    grant('elsewhere', 'people-administrator', ['alum']),
    grant('desk', 'desk', ['vives']),
  ];
  for (const { holder } of grants)
    await kit.storage.accounts.insert(
      anAccount({
        id: holder.id,
        userNumbers: [],
        emails: [],
        personalEmail: `${holder.id}@x.example`,
        activatedAt: 1,
      }),
    );
  const { revision } = await kit.storage.roleGrants.read();
  await kit.storage.roleGrants.replace({ revision: revision + 1, grants, effects: [] }, revision);
  const told = (many: number) =>
    until(
      async () => {
        const letters = await kit.storage.outbox.list({ kind: 'letter' }, undefined, 500);
        const found = letters
          .filter(({ payload }) => payload.template === 'scim-held')
          .map(({ payload }) => payload.to);
        return found.length >= many ? found.sort() : undefined;
      },
      () => `there are not ${many} letters`,
    );
  const numbers = Array.from({ length: SAFEGUARD.least + 2 }, (_, index) => `r${2_000_000 + index}`);
  const ids: string[] = [];
  for (const number of numbers) {
    const at = { [PEDEL]: { ...student[PEDEL], numbers: [number] } };
    ids.push((await hr.add(user({ userName: number, externalId: number, ...at }))).body.id);
    await changed(kit, { activatedAt: 1 }, number);
  }
  // an end that comes soon counts as one that has come
  const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const ends = { op: 'replace', path: `${PEDEL}:affiliations[role eq "student"].endedOn`, value: soon };
  expect((await hr.patch(ids.pop() ?? '', ends)).status).toBe(200);
  const ended: number[] = [];
  for (const id of ids) ended.push((await hr.call('DELETE', `/Users/${id}`)).status);
  expect(ended).toEqual([...Array(SAFEGUARD.least - 1).fill(204), 503, 503]);
  const held = await hr.call('DELETE', `/Users/${ids.at(-1)}`);
  expect(held.headers.get('retry-after')).toBe('3600');
  expect((await accountOf(kit, numbers.at(-2))).endsAt).toBeUndefined();
  // owners hear, and who administers people of the source, once each time
  expect(await told(2)).toEqual(['boss@x.example', 'people@x.example']);
  // what ends nobody goes on
  expect((await hr.patch(ids.at(-1) ?? '', { op: 'add', path: 'nickName', value: 'k' })).status).toBe(200);
  const { values } = kit.storage;
  await releaseSource(
    systemActor('op'),
    'hr',
    { people: 1 },
    {
      sources: [],
      values,
      now: Date.now,
      randomBytes: (size) => new Uint8Array(size),
    },
  );
  expect((await hr.call('DELETE', `/Users/${ids.at(-1)}`)).status).toBe(204);
  expect((await hr.call('DELETE', `/Users/${ids.at(-2)}`)).status).toBe(503);
  expect(await told(4)).toHaveLength(4);
});

describe('two people of a source whose accounts were merged', () => {
  const said = (number: string, role: string, change = {}) =>
    user({
      [PEDEL]: { numbers: [number], affiliations: [{ organisation: 'vives', role }] },
      ...change,
    });

  /** The account of the second, without its credentials, is now part of that of the first. */
  async function merged() {
    const kit = await startScim();
    const hr = await kit.source('hr');
    const one = (await hr.add(said('r1234567', 'student'))).body;
    const two = (await hr.add(said('r7654321', 'staff', { userName: 'k.storm', externalId: 'k2' }))).body;
    const gone = await accountOf(kit, 'r7654321');
    await changed(kit, { userNumbers: [], feeds: [], affiliations: [] }, 'r7654321');
    const kept = await accountOf(kit);
    await changed(kit, {
      userNumbers: [...kept.userNumbers, ...gone.userNumbers],
      affiliations: [...kept.affiliations, ...gone.affiliations],
      feeds: [...kept.feeds, ...gone.feeds],
    });
    return { kit, hr, one, two, kept };
  }
  const roles = async (kit: Scim) => (await accountOf(kit)).affiliations.map(({ role }) => role).sort();

  test('are both there under their ids, and read as they were written', async () => {
    const { hr, one, two } = await merged();
    for (const each of [one, two]) {
      expect(await hr.call('GET', `/Users/${each.id}`)).toMatchObject({ status: 200, body: each });
      for (const filter of [
        `id eq "${each.id}"`,
        `userName eq "${each.userName}"`,
        `externalId eq "${each.externalId}"`,
      ]) {
        const { body } = await hr.list({ filter });
        expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: each.id }] });
      }
    }
    const all = await hr.list({});
    expect(all.body.Resources.map(({ id }: { id: string }) => id)).toEqual([one.id, two.id]);
    expect(all.body.totalResults).toBe(2);
    expect((await hr.list({ startIndex: '2', count: '1' })).body).toMatchObject({
      totalResults: 2,
      Resources: [{ id: two.id }],
    });
    const byAddress = await hr.list({ filter: 'emails.value eq "kim@example.org"' });
    expect(byAddress.body.totalResults).toBe(2);
  });

  test('are changed and deleted one without the other', async () => {
    const { kit, hr, one, two, kept } = await merged();
    await hr.patch(two.id, { op: 'replace', path: 'active', value: false });
    expect((await hr.call('GET', `/Users/${one.id}`)).body).toEqual(one);
    const { affiliations } = await accountOf(kit);
    expect(affiliations.find(({ role }) => role === 'student')?.end).toBeUndefined();
    expect(affiliations.find(({ role }) => role === 'staff')?.end).toBe('withdrawn');
    expect((await hr.call('DELETE', `/Users/${one.id}`)).status).toBe(204);
    expect((await hr.call('GET', `/Users/${one.id}`)).status).toBe(404);
    expect((await hr.call('GET', `/Users/${two.id}`)).status).toBe(200);
    const again = await hr.add(said('r1234567', 'student'));
    expect(again).toMatchObject({ status: 201, body: { id: one.id } });
    expect((await accountOf(kit)).id).toBe(kept.id);
    expect(await roles(kit)).toEqual(['staff', 'student']);
  });

  test('stay two: neither takes the key or the name of the other', async () => {
    const { kit, hr, one, two } = await merged();
    for (const taken of [{ externalId: 'k1' }, { userName: 'KIM@example.org' }]) {
      const answer = await hr.call('PUT', `/Users/${two.id}`, { ...two, ...taken });
      expect(answer).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    }
    expect((await hr.add(said('r7654321', 'staff', { userName: 'other', externalId: 'k3' }))).status).toBe(409);
    expect(await hr.call('PUT', `/Users/${two.id}`, { ...two, externalId: 'k9' })).toMatchObject({ status: 200 });
    expect((await hr.call('GET', `/Users/${one.id}`)).body).toEqual(one);
    expect((await accountOf(kit)).feeds.map(({ key }) => key).sort()).toEqual(['k1', 'k9']);
  });
});
