/** People merged, taken apart again and split over the API: what is told before, who may, and what is refused in which words. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { anAccount } from '../support/account.ts';
import { association, at, closeAll, type Kit, startApi } from './support.ts';

let kit: Kit;
type Service = Awaited<ReturnType<Kit['service']>>;
let owner: Service;
beforeAll(async () => {
  kit = await startApi({ apiRequestsPerMinute: 100_000 });
  owner = await kit.service('owner', [association('owner')]);
});
afterAll(closeAll);

let made = 0;
async function person(change: Partial<Account> = {}, organisation = 'vives'): Promise<string> {
  made += 1;
  const id = `p${made}`;
  const number = `r${String(made).padStart(7, '0')}`;
  const affiliation = { organisation, role: 'student' };
  await kit.storage.accounts.insert(
    anAccount({
      id,
      userNumbers: [number],
      emails: [],
      personalEmail: `${id}@example.org`,
      affiliations: [{ ...affiliation, source: 'csv' }],
      feeds: [feed(id, number, [affiliation])],
      ...change,
    }),
  );
  return id;
}
const feed = (key: string, number: string, affiliations: { organisation: string; role: string }[]) => ({
  source: 'csv',
  key,
  fields: {
    ...{ given_name: 'An', family_name: 'Claes', number, numbers: number },
    [`affiliations.${affiliations[0]?.organisation}`]: JSON.stringify(affiliations),
  },
});
const read = async (id: string) => {
  const found = await kit.storage.accounts.findById(id);
  if (found === undefined) throw new Error(id);
  return found;
};
const post = (by: Service, path: string, body: object) => by.call('POST', `/people/${path}`, { body });
const reason = 'enrolled twice';

describe('two accounts of one person', () => {
  test('are planned by a dry run, merged, shown as merged, and taken apart again', async () => {
    const [keep, gone] = [await person({ activatedAt: 1 }), await person()];
    const before = await read(keep);
    const planned = await post(owner, `${keep}/merge`, { other: gone, reason, dry_run: true });
    expect(planned).toMatchObject({
      status: 200,
      body: { dry_run: true, id: keep, other: gone, entries: [{ source: 'csv', key: gone }] },
    });
    expect(planned.body.not_moved).toBeUndefined();
    expect([await read(keep), (await read(gone)).merged]).toEqual([before, undefined]);

    const done = await post(owner, `${keep}/merge`, { other: gone, reason });
    expect(done.body).toEqual({ ...planned.body, dry_run: false, not_moved: [] });
    expect((await read(keep)).feeds.map(({ key }) => key)).toEqual([keep, gone]);
    const shown = (await owner.call('GET', `/people/${keep}`)).body;
    expect(shown).toMatchObject({
      entries: [
        { source: 'csv', key: keep },
        { source: 'csv', key: gone },
      ],
      merged: [{ id: gone, undo_until: expect.any(String) }],
    });
    expect(shown.merged_into).toBeUndefined();
    expect((await owner.call('GET', `/people/${gone}`)).body).toMatchObject({
      ...{ id: gone, numbers: [], entries: [], merged: [] },
      ...{ state: 'merged', merged_into: keep },
    });

    expect((await post(owner, `${keep}/unmerge`, { other: gone, reason, dry_run: true })).body.dry_run).toBe(true);
    expect((await read(gone)).merged).toBeDefined();
    expect((await post(owner, `${keep}/unmerge`, { other: gone, reason })).status).toBe(200);
    expect([(await read(gone)).merged, (await read(keep)).mergedFrom]).toEqual([undefined, undefined]);
    expect((await owner.call('GET', `/people/${keep}`)).body.merged).toEqual([]);
    expect((await owner.call('GET', `/people/${gone}`)).body).toMatchObject({ numbers: [expect.any(String)] });
    expect((await owner.call('GET', `/people/${gone}`)).body.merged_into).toBeUndefined();
    expect(await post(owner, `${keep}/unmerge`, { other: gone, reason })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/other', code: 'unknown-person' }] },
    });
  });

  test('are merged once, however often the same request comes', async () => {
    const [keep, gone] = [await person(), await person()];
    const request = { body: { other: gone, reason }, headers: { 'idempotency-key': `merge-${keep}` } };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => owner.call('POST', `/people/${keep}/merge`, request)),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => ![200, 409].includes(status))).toEqual([]);
    expect((await read(keep)).mergedFrom).toEqual([gone]);
    const again = await owner.call('POST', `/people/${keep}/merge`, request);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(await post(owner, `${keep}/merge`, { other: gone, reason })).toMatchObject({ status: 409 });
  });

  test('that were merged one into the next come apart in the other order only, each as it was', async () => {
    const [one, two, three] = [await person(), await person(), await person()];
    expect((await post(owner, `${two}/merge`, { other: one, reason })).status).toBe(200);
    expect((await post(owner, `${three}/merge`, { other: two, reason })).status).toBe(200);
    for (const [from, other] of [
      [two, one],
      [three, one],
      [two, three],
    ])
      expect([404, 409, 422]).toContain((await post(owner, `${from}/unmerge`, { other, reason })).status);
    expect((await read(three)).feeds.map(({ key }) => key).sort()).toEqual([one, two, three].sort());

    expect((await post(owner, `${three}/unmerge`, { other: two, reason })).status).toBe(200);
    expect((await read(two)).mergedFrom).toEqual([one]);
    expect((await post(owner, `${two}/unmerge`, { other: one, reason })).status).toBe(200);
    for (const id of [one, two, three]) {
      const { feeds, merged, mergedFrom } = await read(id);
      expect([feeds.map(({ key }) => key), merged, mergedFrom]).toEqual([[id], undefined, undefined]);
    }
  });

  test('each into the other at the same moment become one, or stay two, and lose nothing', async () => {
    const [one, two] = [await person(), await person()];
    const answers = await Promise.all([
      post(owner, `${one}/merge`, { other: two, reason }),
      post(owner, `${two}/merge`, { other: one, reason }),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => ![200, 409].includes(status))).toEqual([]);
    const both = await Promise.all([one, two].map(read));
    expect(both.flatMap(({ feeds }) => feeds.map(({ key }) => key)).sort()).toEqual([one, two].sort());
    // who was told that they are merged was told the truth
    const toldOf = [two, one].filter((_, index) => answers[index]?.status === 200);
    expect(both.filter(({ id, merged }) => toldOf.includes(id) && merged === undefined)).toEqual([]);
  });

  test('are not merged for what stands in the way, which is named', async () => {
    const [keep, gone, held, active] = [
      await person(),
      await person(),
      await person({ legalHold: { reason: 'court', at: 1 } }),
      await person({ activatedAt: 1 }),
    ];
    const refusal = async (other: string, why = reason) => {
      const { status, body } = await post(owner, `${keep}/merge`, { other, reason: why });
      return [status, body.errors?.[0].code ?? body.code, body.errors?.[0].pointer];
    };
    expect(await refusal(keep)).toEqual([422, 'same', '/other']);
    expect(await refusal('nobody')).toEqual([422, 'unknown-person', '/other']);
    expect(await refusal(held)).toEqual([409, 'conflict', undefined]);
    expect(await refusal(active)).toEqual([409, 'conflict', undefined]);
    expect(await refusal(gone, ' \u200b ')).toEqual([422, 'no-reason', '/reason']);
    expect((await post(owner, `${keep}/merge`, { other: gone })).status).toBe(422);
    expect((await post(owner, 'nobody/merge', { other: gone, reason })).status).toBe(404);
    expect((await read(gone)).merged).toBeUndefined();
  });

  test('rule 26: are merged by who looks after people at all organisations of both, and hidden from others', async () => {
    const people = await kit.service('people-of-vives', [at('people-administrator', 'vives')]);
    const both = [
      { organisation: 'vives', role: 'student', source: 'csv' },
      { organisation: 'kuleuven', role: 'student', source: 'csv' },
    ];
    const [own, other, shared, foreign] = [
      await person(),
      await person(),
      await person({ affiliations: both }),
      await person({}, 'kuleuven'),
    ];
    for (const body of [{ dry_run: true }, {}]) {
      const asked = (id: string) => post(people, `${own}/merge`, { other: id, reason, ...body });
      expect(await asked(shared)).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
      expect(await asked(foreign)).toMatchObject({ status: 422, body: { errors: [{ code: 'unknown-person' }] } });
      expect((await post(people, `${foreign}/merge`, { other: own, reason, ...body })).status).toBe(404);
      const desk = await kit.service(`desk-${body.dry_run}`, [at('desk', 'vives')]);
      expect((await post(desk, `${own}/merge`, { other, reason, ...body })).body.code).toBe('not-allowed');
      const reader = await kit.service(`reader-${body.dry_run}`, [association('owner')], ['people:read']);
      expect((await post(reader, `${own}/merge`, { other, reason, ...body })).body.code).toBe('insufficient-scope');
    }
    expect((await post(owner, `${foreign}/merge`, { other: shared, reason })).status).toBe(200);
    // the merge of others is not undone through a person of one’s own
    expect((await post(people, `${own}/unmerge`, { other: shared, reason })).body.code).toBe('not-allowed');
    expect((await post(owner, `${own}/unmerge`, { other: shared, reason })).status).toBe(422);
    expect((await read(shared)).merged?.into).toBe(foreign);
    expect((await post(people, `${own}/merge`, { other, reason })).status).toBe(200);
  });

  test('tell where they went to those who see the account that stays, however often it was merged on', async () => {
    const [first, second, third] = [await person(), await person(), await person()];
    const people = await kit.service('people-who-look', [at('people-administrator', 'vives')]);
    const others = await kit.service('people-elsewhere', [at('people-administrator', 'kuleuven')]);
    const auditor = await kit.service('auditor-who-looks', [at('auditor', 'vives')]);
    expect((await post(owner, `${second}/merge`, { other: first, reason })).status).toBe(200);
    expect((await post(owner, `${third}/merge`, { other: second, reason })).status).toBe(200);
    for (const [gone, into] of [
      [first, second],
      [second, third],
    ]) {
      for (const by of [owner, people, auditor])
        expect((await by.call('GET', `/people/${gone}`)).body).toMatchObject({ merged_into: into, numbers: [] });
      expect((await others.call('GET', `/people/${gone}`)).status).toBe(404);
    }
  });
});

describe('an account that is of two people', () => {
  test('is split by its entries, which the person shows', async () => {
    const id = await person({ activatedAt: 1 });
    const { revision, ...account } = await read(id);
    const second = feed(`${id}-b`, 'r7000001', [{ organisation: 'vives', role: 'staff' }]);
    const affiliations = [...account.affiliations, { organisation: 'vives', role: 'staff', source: 'csv' }];
    const mixed = { ...account, userNumbers: [...account.userNumbers, 'r7000001'], affiliations };
    await kit.storage.accounts.replace(
      { ...mixed, feeds: [...account.feeds, second], revision: revision + 1 },
      revision,
    );
    const { entries } = (await owner.call('GET', `/people/${id}`)).body;
    const asked = { entries: entries.slice(1), reason: 'two people' };
    const planned = await post(owner, `${id}/split`, { ...asked, dry_run: true });
    expect(planned.body).toEqual({
      ...{ dry_run: true, id, stays: [] },
      new_account: { numbers: ['r7000001'], emails: [] },
    });
    expect((await read(id)).feeds).toHaveLength(2);

    const done = await post(owner, `${id}/split`, asked);
    const fresh = done.body.new_account.id;
    expect([done.status, done.headers.get('location')]).toEqual([200, `${kit.base}/people/${fresh}`]);
    expect((await kit.storage.accounts.findByLogin('r7000001'))?.id).toBe(fresh);
    expect((await read(id)).feeds).toHaveLength(1);

    for (const [body, code] of [
      [{ ...asked }, 'unknown'],
      [{ entries: entries.slice(0, 1), reason }, 'all'],
    ] as const)
      expect((await post(owner, `${id}/split`, body)).body.errors).toMatchObject([{ pointer: '/entries', code }]);
    expect((await post(owner, `${id}/split`, { entries: [], reason })).status).toBe(422);
  });
});

test('an auditor sees the first signs of the keys by which sources know a person, and of what was merged', async () => {
  const auditor = await kit.service('auditor', [association('auditor')]);
  const [keep, gone] = [await person(), await person()];
  await post(owner, `${keep}/merge`, { other: gone, reason });
  const { body } = await auditor.call('GET', `/people/${keep}`);
  const number = `r${gone.slice(1).padStart(7, '0')}`;
  expect(body).toMatchObject({ masked: true, merged: [{ id: gone, name: `${number.slice(0, 4)}…` }] });
  expect(body.entries.every(({ key }: { key: string }) => key.endsWith('…'))).toBe(true);
  expect((await post(auditor, `${keep}/unmerge`, { other: gone, reason })).body.code).toBe('not-allowed');
});
