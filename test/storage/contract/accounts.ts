import { expect, test } from '@jest/globals';
import type { Account } from '../../../src/domain/account/account.ts';
import { searchPlace } from '../../../src/domain/account/account-keys.ts';
import { updateAccount } from '../../../src/domain/account/update-account.ts';
import { scimIdKey, scimOrderTerm, scimUserNameKey } from '../../../src/domain/feed/scim-entry.ts';
import type { Accounts } from '../../../src/domain/ports/accounts.ts';
import { numbered } from './numbered.ts';
import { count, crowds, race, together } from './together.ts';

const passkey = (credentialId: string): Account['passkeys'][number] => ({
  id: credentialId,
  name: 'laptop',
  credentialId,
  publicKey: 'AA',
  signCount: 0,
  transports: [],
  keyType: 'swk',
  createdAt: 0,
});
const ticket = (id: string): Account['tickets'][number] => ({
  id,
  purpose: 'activation',
  createdAt: 0,
  expiresAt: 1,
  tries: 0,
});
const idsOf = (accounts: Account[]) => accounts.map(({ id }) => id);

export function accountsContract(accounts: () => Accounts, rounds: number): void {
  test('what was inserted is found by everything that names it, and comes back whole', async () => {
    const account = numbered(1, {
      userNumbers: ['r0000001', 'q0000001'],
      tickets: [ticket('abc')],
      passkeys: [passkey('cred-1')],
      feeds: [{ source: 'sap', key: '17', fields: { name: 'Ä\u0000"' } }],
      claims: { address: { locality: 'Brugge' } },
    });
    await accounts().insert(account);
    for (const found of await Promise.all([
      accounts().findById(account.id),
      accounts().findByLogin('r0000001'),
      accounts().findByLogin('q0000001'),
      accounts().findByLogin('person0000001@student.vives.be'),
      accounts().findByTicket('abc'),
      accounts().findByPasskey('cred-1'),
      accounts().findByFeedKey('sap', '17'),
    ]))
      expect(found).toEqual(account);
  });

  test('everybody whom a source feeds is found page by page, and nobody else', async () => {
    const fed = (number: number, ...feeds: [string, string][]) =>
      accounts().insert(numbered(number, { feeds: feeds.map(([source, key]) => ({ source, key, fields: {} })) }));
    await fed(1, ['sap', '1']);
    await fed(2, ['hr', '1'], ['sap', 'Ä"\u{10ffff}']);
    await fed(3, ['sap', ''], ['zz', '9']);
    await fed(4, ['sa', '1'], ['sap2', '1'], ['', '1']);
    const found: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < 9; page += 1) {
      const { accounts: some, next } = await accounts().fedBy('sap', after, 2);
      found.push(...idsOf(some));
      after = next;
      if (next === undefined) break;
    }
    expect(found.sort()).toEqual(['id-0000001', 'id-0000002', 'id-0000003']);
    expect(await accounts().fedBy('none', undefined, 2)).toEqual({ accounts: [] });
  });

  test('what a source says over SCIM is found by its id and name, and listed in the order of the last change', async () => {
    const said = (index: number, change: object = {}) => ({
      source: 'hr',
      key: `k${index}`,
      fields: {},
      scim: { id: `e${index}`, createdAt: 0, modifiedAt: 100 - index, user: { userName: `Name${index}` }, ...change },
    });
    for (const index of [1, 2, 3]) await accounts().insert(numbered(index, { feeds: [said(index)] }));
    // of another source too, whose terms come first
    const other = { ...said(4), source: 'a', scim: { ...said(4).scim, modifiedAt: 0 } };
    await accounts().insert(numbered(4, { feeds: [said(4), other] }));
    await accounts().insert(numbered(5, { feeds: [said(5, { user: undefined })] }));
    const idOf = async (key: string) => (await accounts().findByScimKey(key))?.id;
    expect(await idOf(scimIdKey('hr', 'e2'))).toBe('id-0000002');
    expect(await idOf(scimUserNameKey('hr', 'NAME2'))).toBe('id-0000002');
    expect(await idOf(scimUserNameKey('a', 'name2'))).toBeUndefined();
    expect(await idOf(scimIdKey('hr', 'e5'))).toBe('id-0000005');
    const [from, to] = [scimOrderTerm('hr', 0), scimOrderTerm('hr', 1000)];
    const byTerm = async (...asked: Parameters<Accounts['byTerm']>) =>
      (await accounts().byTerm(...asked)).map(({ account }) => account);
    const names = ['id-0000004', 'id-0000003', 'id-0000002', 'id-0000001'];
    expect(idsOf(await byTerm(from, to, 9))).toEqual(names);
    expect(idsOf(await byTerm(from, to, 2, 1))).toEqual(names.slice(1, 3));
    expect(idsOf(await byTerm(scimOrderTerm('hr', 98), to, 9))).toEqual(names.slice(2));
    expect(await accounts().countTerms(from, to)).toBe(4);
    // no search of people reaches them
    expect(await accounts().search('S hr', undefined, 9)).toEqual([]);
    await expect(accounts().insert(numbered(6, { feeds: [{ ...said(2), key: 'k6' }] }))).rejects.toMatchObject({
      code: 'login_taken',
    });
  });

  test('an account with several entries of a source is told once as fed, and listed at each of them', async () => {
    const said = (index: number, modifiedAt: number) => ({
      source: 'hr',
      key: `k${index}`,
      fields: {},
      scim: { id: `e${index}`, createdAt: 0, modifiedAt, user: { userName: `Name${index}` } },
    });
    await accounts().insert(numbered(1, { feeds: [said(9, 50), said(1, 10), said(2, 30)] }));
    await accounts().insert(numbered(2, { feeds: [said(3, 20)] }));
    const fed: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await accounts().fedBy('hr', after, 1);
      fed.push(...idsOf(page.accounts));
      after = page.next;
      if (after === undefined) break;
    }
    expect(fed.sort()).toEqual(['id-0000001', 'id-0000002']);
    const [from, to] = [scimOrderTerm('hr', 0), scimOrderTerm('hr', 1000)];
    const listed = async (limit: number, skip?: number) =>
      (await accounts().byTerm(from, to, limit, skip)).map(({ term, account }) => [
        term.slice(-2),
        account.id.slice(-1),
      ]);
    const all = [['e1', '1'], ['e3', '2'], ['e2', '1'], ['e9', '1']]; // biome-ignore format: a list
    expect(await listed(9)).toEqual(all);
    expect(await listed(1)).toEqual(all.slice(0, 1));
    expect(await listed(2, 1)).toEqual(all.slice(1, 3));
    expect(await listed(2, 3)).toEqual(all.slice(3));
    expect(await accounts().countTerms(from, to)).toBe(4);
    expect(await accounts().countTerms(from, scimOrderTerm('hr', 30))).toBe(2);
  });

  test('it is told whether anybody has a passkey, whatever else they have', async () => {
    const feeds = [{ source: 'sap', key: '17', fields: {} }];
    await accounts().insert(numbered(1, { feeds, tickets: [ticket('abc')] }));
    expect(await accounts().anyPasskey()).toBe(false);
    await accounts().insert(numbered(2, { passkeys: [passkey('cred-1')] }));
    expect(await accounts().anyPasskey()).toBe(true);
    await accounts().replace(numbered(2, { revision: 2 }), 1);
    expect(await accounts().anyPasskey()).toBe(false);
  });

  test('nothing else finds it: not the personal address, not another key of the feed', async () => {
    await accounts().insert(numbered(1, { feeds: [{ source: 'sap', key: '17', fields: {} }] }));
    expect(
      await Promise.all([
        accounts().findById('id-0000002'),
        accounts().findByLogin('person0000001@example.org'),
        accounts().findByTicket(''),
        accounts().findByPasskey('r0000001'),
        accounts().findByFeedKey('sap', '1'),
        accounts().findByFeedKey('other', '17'),
      ]),
    ).toEqual(Array(6).fill(undefined));
  });

  test.each([
    ['a number', { userNumbers: ['r0000001'] }, 'r0000001'],
    ['a number taken as an address', { emails: ['r0000001'] }, 'r0000001'],
    [
      'an address taken as a number',
      { userNumbers: ['person0000001@student.vives.be'] },
      'person0000001@student.vives.be',
    ],
    ['a passkey', { passkeys: [passkey('cred-1')] }, 'cred-1'],
    ['a feed key', { feeds: [{ source: 'sap', key: '17', fields: {} }] }, '17'],
    ['the id', { id: 'id-0000001' }, 'id-0000001'],
  ])('%s belongs to one account only, and the refusal names it', async (_, change, name) => {
    await accounts().insert(
      numbered(1, { passkeys: [passkey('cred-1')], feeds: [{ source: 'sap', key: '17', fields: {} }] }),
    );
    await expect(accounts().insert(numbered(2, change))).rejects.toMatchObject({
      code: 'login_taken',
      message: expect.stringContaining(name),
    });
    expect(await accounts().findByLogin('r0000002')).toBeUndefined();
    await accounts().insert(numbered(2)); // nothing of the refused one stayed behind
  });

  test('an account may name the same login twice', async () => {
    await accounts().insert(numbered(1, { userNumbers: ['x@vives.be', 'x@vives.be'], emails: ['x@vives.be'] }));
    expect((await accounts().findByLogin('x@vives.be'))?.id).toBe('id-0000001');
  });

  race('of %i who insert the same number, one wins and the others are told', crowds, rounds, async (callers, round) => {
    const login = `wanted in round ${round}`;
    const results = await together(callers, (caller) =>
      accounts()
        .insert(numbered(round * 1000 + caller, caller % 2 === 0 ? { userNumbers: [login] } : { emails: [login] }))
        .then(
          () => 'inserted',
          (error) => error.code,
        ),
    );
    expect(count(results, 'inserted')).toBe(1);
    expect(count(results, 'login_taken')).toBe(callers - 1);
    expect(idsOf(await accounts().search(login, undefined, 9))).toEqual([
      numbered(round * 1000 + results.indexOf('inserted')).id,
    ]);
  });

  race('of %i who replace the same revision, one wins', crowds, rounds, async (callers, round) => {
    await accounts().insert(numbered(round));
    const results = await together(callers, (caller) =>
      accounts().replace(numbered(round, { revision: 2, givenName: `Name ${caller}` }), 1),
    );
    expect(count(results, true)).toBe(1);
    expect((await accounts().findById(numbered(round).id))?.givenName).toBe(`Name ${results.indexOf(true)}`);
  });

  race('%i updates at once are all applied, one after the other', crowds, rounds, async (callers, round) => {
    const { id } = numbered(round);
    await accounts().insert(numbered(round, { mailedAt: [] }));
    const results = await together(callers, (caller) =>
      updateAccount(accounts(), id, (account) => ({
        outcome: account.mailedAt.length,
        account: { ...account, mailedAt: [...account.mailedAt, caller] },
      })),
    );
    const stored = await accounts().findById(id);
    expect(stored?.mailedAt.toSorted((a, b) => a - b)).toEqual(results.map((_, caller) => caller));
    expect(stored?.revision).toBe(callers + 1);
    expect(new Set(results.map(({ outcome }) => outcome)).size).toBe(callers);
  });

  test('an update of an account that is known reads only where somebody else has written since or nothing changes', async () => {
    const { id } = numbered(1);
    await accounts().insert(numbered(1, { tickets: [ticket('a'), ticket('b')] }));
    let reads = 0;
    const port = {
      replace: accounts().replace,
      findById: (wanted: string) => {
        reads += 1;
        return accounts().findById(wanted);
      },
    };
    const spend = (ticketId: string, known: Account | undefined) => {
      const rule = (account: Account) =>
        account.tickets.some((each) => each.id === ticketId)
          ? {
              outcome: 'spent',
              account: { ...account, tickets: account.tickets.filter((each) => each.id !== ticketId) },
            }
          : { outcome: 'spent before' };
      return updateAccount(port, id, rule, known);
    };
    const first = await accounts().findById(id);
    expect(await spend('a', first)).toMatchObject({ outcome: 'spent', account: { revision: 2 } });
    expect(reads).toBe(0);
    expect(await spend('b', first)).toMatchObject({ outcome: 'spent', account: { revision: 3, tickets: [] } });
    expect(await spend('a', first)).toMatchObject({
      outcome: 'spent before',
      changed: false,
      account: { revision: 3 },
    });
    expect(reads).toBe(2);
    await accounts().replace(numbered(1, { revision: 4, tickets: [ticket('c')] }), 3);
    const old = numbered(1, { revision: 3, tickets: [] });
    expect(await spend('c', old)).toMatchObject({ outcome: 'spent', account: { revision: 5 } });
  });

  race('of %i who spend the same ticket, one does', crowds, rounds, async (callers, round) => {
    const known = numbered(round, { tickets: [ticket(`abc ${round}`)] });
    await accounts().insert(known);
    const spend = (account: Account) =>
      account.tickets.length === 0
        ? { outcome: 'spent before' }
        : { outcome: 'spent', account: { ...account, tickets: [] } };
    const results = await together(callers, (caller) =>
      updateAccount(accounts(), known.id, spend, caller % 2 === 0 ? known : undefined),
    );
    expect(results.filter(({ outcome }) => outcome === 'spent')).toHaveLength(1);
    expect(await accounts().findByTicket(`abc ${round}`)).toBeUndefined();
  });

  test('a replaced account is found by its new keys and no longer by those it gave up, which others may take', async () => {
    await accounts().insert(numbered(1, { tickets: [ticket('old')], passkeys: [passkey('old')] }));
    const next = numbered(1, {
      revision: 2,
      userNumbers: ['q0000009'],
      tickets: [ticket('new')],
      passkeys: [],
      familyName: 'Maes',
    });
    expect(await accounts().replace(next, 1)).toBe(true);
    expect(await accounts().findByLogin('r0000001')).toBeUndefined();
    expect(await accounts().findByTicket('old')).toBeUndefined();
    expect(await accounts().search('peeters', undefined, 9)).toEqual([]);
    expect(await accounts().findByLogin('q0000009')).toEqual(next);
    expect(await accounts().findByTicket('new')).toEqual(next);
    await accounts().insert(numbered(2, { userNumbers: ['r0000001'], passkeys: [passkey('old')] }));
  });

  test('what goes from one account to another is found there, and nowhere else', async () => {
    await accounts().insert(numbered(1, { givenName: 'Zoë', familyName: 'Maes' }));
    await accounts().insert(numbered(2));
    const nothing = { userNumbers: [], emails: [], givenName: '', familyName: '', affiliations: [] };
    expect(await accounts().replace(numbered(1, { revision: 2, ...nothing }), 1)).toBe(true);
    for (const query of ['r0000001', 'zoe', 'maes', 'person0000001'])
      for (const organisation of [undefined, 'vives'])
        expect(await accounts().search(query, undefined, 9, organisation)).toEqual([]);
    const both = { userNumbers: ['r0000002', 'r0000001'], givenName: 'Zoë', familyName: 'Maes' };
    expect(await accounts().replace(numbered(2, { revision: 2, ...both }), 1)).toBe(true);
    for (const query of ['r000000', 'r0000001', 'zoe maes', 'maes zoe'])
      for (const organisation of [undefined, 'vives'])
        expect(idsOf(await accounts().search(query, undefined, 9, organisation))).toEqual(['id-0000002']);
  });

  race('of %i who rename somebody, the last name is the one that finds', [20], rounds, async (callers, round) => {
    const { id } = numbered(round);
    await accounts().insert(numbered(round, { familyName: `Before ${round}` }));
    await together(callers, (caller) =>
      updateAccount(accounts(), id, (account) => ({
        outcome: undefined,
        account: { ...account, familyName: `Round ${round} caller ${caller}.` },
      })),
    );
    const { familyName = '' } = (await accounts().findById(id)) ?? {};
    expect(idsOf(await accounts().search(familyName, undefined, 9))).toEqual([id]);
    expect(idsOf(await accounts().search(`round ${round} caller`, undefined, 9))).toEqual([id]);
    expect(await accounts().search(`before ${round}`, undefined, 9)).toEqual([]);
  });

  test('a number that an activated account held stays its own: nobody else gets it, and it signs nobody in', async () => {
    const active = numbered(1, { userNumbers: ['r0000001', 'q0000001'], activatedAt: 1 });
    await accounts().insert(active);
    const { account } = await updateAccount(accounts(), active.id, (read) => ({
      outcome: undefined,
      account: { ...read, userNumbers: ['r0000009'] },
    }));
    expect(account.formerNumbers).toEqual(['r0000001', 'q0000001']);
    for (const number of ['r0000001', 'q0000001']) {
      expect(await accounts().findByLogin(number)).toBeUndefined();
      expect((await accounts().findHolder(number))?.id).toBe(active.id);
      await expect(accounts().insert(numbered(2, { userNumbers: [number] }))).rejects.toMatchObject({
        code: 'login_taken',
        message: expect.stringContaining(number),
      });
    }
    expect((await accounts().findHolder('r0000009'))?.id).toBe(active.id);
    expect(await accounts().findHolder('r0000002')).toBeUndefined();
    const back = await updateAccount(accounts(), active.id, (read) => ({
      outcome: undefined,
      account: { ...read, userNumbers: ['r0000001'] },
    }));
    expect(back.account.formerNumbers).toEqual(['q0000001', 'r0000009']);
    expect(await accounts().findByLogin('r0000001')).toEqual(back.account);
  });

  test('a replacement that takes a login of another is refused whole', async () => {
    await accounts().insert(numbered(1));
    await accounts().insert(numbered(2));
    const greedy = numbered(2, { revision: 2, givenName: 'Greedy', userNumbers: ['r0000005', 'r0000001'] });
    await expect(accounts().replace(greedy, 1)).rejects.toMatchObject({ code: 'login_taken' });
    expect(await accounts().findById('id-0000002')).toEqual(numbered(2));
    expect(await accounts().findByLogin('r0000005')).toBeUndefined();
    expect((await accounts().findByLogin('r0000002'))?.id).toBe('id-0000002');
  });

  test('an account that is not there is not replaced', async () => {
    expect(await accounts().replace(numbered(1, { revision: 2 }), 1)).toBe(false);
    expect(await accounts().findById('id-0000001')).toBeUndefined();
  });

  test('a revision that does not follow is a mistake and refused', async () => {
    await expect(accounts().insert(numbered(1, { revision: 2 }))).rejects.toThrow(TypeError);
    await accounts().insert(numbered(1));
    await expect(accounts().replace(numbered(1, { revision: 3 }), 1)).rejects.toThrow(TypeError);
  });

  test('accounts with effects are listed, oldest id first, until the effects are gone', async () => {
    const effects: Account['effects'] = [{ id: 'e', kind: 'end-sessions', reason: 'test' }];
    for (const number of [3, 1, 2]) await accounts().insert(numbered(number, number === 1 ? {} : { effects }));
    expect(idsOf(await accounts().withEffects(9))).toEqual(['id-0000002', 'id-0000003']);
    expect(idsOf(await accounts().withEffects(1))).toEqual(['id-0000002']);
    await accounts().replace(numbered(2, { revision: 2 }), 1);
    expect(idsOf(await accounts().withEffects(9))).toEqual(['id-0000003']);
  });

  test('endings are paged by their time and id, the first instant included and the last not', async () => {
    for (const [number, endsAt] of [100, 200, 200, 200, 300].entries())
      await accounts().insert(numbered(number, { endsAt }));
    await accounts().insert(numbered(9));
    const page = await accounts().endingBetween(100, 300, undefined, 2);
    expect(idsOf(page)).toEqual(['id-0000000', 'id-0000001']);
    const rest = await accounts().endingBetween(100, 300, '200:id-0000001', 9);
    expect(idsOf(rest)).toEqual(['id-0000002', 'id-0000003']);
  });

  test('a search goes by the start of number, name or institution address, whatever its case and accents', async () => {
    await accounts().insert(numbered(1, { givenName: 'Zoë', familyName: 'Van den Broeck' }));
    await accounts().insert(numbered(2, { givenName: 'Jan', familyName: 'Zoetemelk' }));
    const found = async (query: string) => idsOf(await accounts().search(query, undefined, 9));
    expect(await found('R000000')).toEqual(['id-0000001', 'id-0000002']);
    expect(await found(' r0000001 ')).toEqual(['id-0000001']);
    expect(await found('zoe')).toEqual(['id-0000001', 'id-0000002']);
    for (const query of ['ZOË', 'zoe van', 'van den', 'den broeck', 'Broeck', 'van den broeck zo'])
      expect(await found(query)).toContain('id-0000001');
    expect(await found('person0000002@student')).toEqual(['id-0000002']);
    expect(await found('person0000002@example')).toEqual([]);
    for (const query of ['oetemelk', '0000001', '%', '_', 'roeck', '"', "'"]) expect(await found(query)).toEqual([]);
  });

  test('a search within an organisation finds its people, past ones too', async () => {
    const at = (...organisations: string[]) => ({
      affiliations: organisations.map((organisation) => ({ organisation, role: 'student', source: 'csv' })),
    });
    await accounts().insert(numbered(1, { ...at('vives'), givenName: 'Zoë' }));
    await accounts().insert(numbered(2, { ...at('vives', 'kuleuven'), userNumbers: ['q0000002', 'r0000002'] }));
    await accounts().insert(numbered(3, { ...at('kuleuven') }));
    await accounts().insert(numbered(4, { ...at() }));
    const found = async (organisation: string, query: string, after?: string) =>
      idsOf(await accounts().search(query, after, 9, organisation));
    for (const query of ['', 'PEETERS', 'r000000', 'person000'])
      expect((await found('vives', query)).sort()).toEqual(['id-0000001', 'id-0000002']);
    expect(await found('kuleuven', '')).toEqual(['id-0000002', 'id-0000003']);
    expect(await found('kuleuven', '', 'id-0000002')).toEqual(['id-0000003']);
    expect(await found('vives', 'zoe pee')).toEqual(['id-0000001']);
    expect(await found('vives', 'q0000002')).toEqual(['id-0000002']);
    expect(await found('kuleuven', 'r0000001')).toEqual([]);
    for (const organisation of ['viv', 'vives\u001fpeeters', ''])
      for (const query of ['', 'peeters']) expect(await found(organisation, query)).toEqual([]);
    expect(idsOf(await accounts().search('\u001fvives\u001f', undefined, 9))).toEqual([]);
    await accounts().replace(numbered(2, { revision: 2, ...at('kuleuven') }), 1);
    await accounts().replace(numbered(4, { revision: 2, ...at('vives') }), 1);
    expect(await found('vives', '')).toEqual(['id-0000001', 'id-0000004']);
  });

  test('accounts with requests of the service desk are listed by organisation, until these are gone; no search finds them so', async () => {
    const requests = [{ kind: 'pass' as const, id: 'r', by: 'b', at: 1, reason: 'lost' }];
    const desk = { acts: [], requests, notes: [] };
    await accounts().insert(numbered(2, { desk, affiliations: [] }));
    await accounts().insert(numbered(1, { desk }));
    await accounts().insert(numbered(3, { desk: { ...desk, requests: [] } }));
    const waiting = async (organisation?: string) => idsOf(await accounts().withDeskRequests(organisation, 9));
    expect(await waiting()).toEqual(['id-0000001', 'id-0000002']);
    expect(await waiting('vives')).toEqual(['id-0000001']);
    expect(await waiting('kuleuven')).toEqual([]);
    expect(idsOf(await accounts().withDeskRequests(undefined, 1))).toEqual(['id-0000001']);
    expect(idsOf(await accounts().search('desk', undefined, 9, 'vives'))).toEqual([]);
    await accounts().replace(numbered(1, { revision: 2 }), 1);
    expect(await waiting('vives')).toEqual([]);
  });

  test('an empty search lists all by id; another is paged by what it found, and repeats nobody', async () => {
    const names: Record<number, string> = { 1: 'Zoë', 2: 'Ann', 3: 'Rik', 4: 'Ann', 5: 'Bo' };
    for (const number of [5, 3, 1, 4, 2])
      await accounts().insert(numbered(number, { familyName: `Peeters-${names[number]}` }));
    const all = [1, 2, 3, 4, 5].map((number) => `id-000000${number}`);
    const byName = [2, 4, 5, 3, 1].map((number) => `id-000000${number}`);
    for (const organisation of [undefined, 'vives'])
      for (const [query, expected] of [
        ['', all],
        ['peeters', byName],
        ['p', byName],
        ['r', all],
      ] as const) {
        const found: string[] = [];
        for (let after: string | undefined; ; ) {
          const page = await accounts().search(query, after, 2, organisation);
          found.push(...idsOf(page));
          const last = page.at(-1);
          if (page.length < 2 || last === undefined) break;
          after = searchPlace(last, query);
        }
        expect(found).toEqual(expected);
      }
  });
}
