/** Who finds whom: by role and organisation, by what, and what an auditor sees. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Actor } from '../../src/use-cases/actor.ts';
import { type PeopleChoice, type PeopleQuery, searchPeople } from '../../src/use-cases/people/search-people.ts';
import { numbered } from '../storage/contract/numbered.ts';

const actorWith = (role: RoleName, organisations: RoleGrant['organisations']): Actor => ({
  kind: 'person',
  id: 'me',
  name: 'Me',
  grants: [{ id: 'g', holder: { kind: 'person', id: 'me' }, role, organisations, grantedBy: 'x', grantedAt: 0 }],
  via: 'console',
});
let storage: Storage;

beforeEach(async () => {
  storage = await openStorage('sqlite::memory:', { now: () => 0 });
  const homes = [['vives'], ['vives', 'kuleuven'], ['kuleuven'], []];
  for (const [index, organisations] of homes.entries())
    await storage.accounts.insert(
      numbered(index + 1, {
        givenName: ['Zoë', 'Jan', 'Jana', 'Root'][index] ?? '',
        affiliations: organisations.map((organisation) => ({ organisation, role: 'student', source: 'csv' })),
      }),
    );
});

const find = async (actor: Actor, query: string, more: Partial<PeopleQuery & PeopleChoice> = {}) =>
  searchPeople(actor, { query, limit: 25, ...more }, { accounts: storage.accounts, now: () => 0 });
const namesOf = async (actor: Actor, query: string, choice: PeopleChoice = {}) => {
  const answer = await find(actor, query, choice);
  return answer.kind === 'found' ? answer.people.map(({ name }) => name) : answer.kind;
};

test('one finds the people of the organisations of the role, and everybody by a role for the association', async () => {
  expect(await namesOf(actorWith('desk', ['vives']), 'peeters')).toEqual(['Zoë Peeters', 'Jan Peeters']);
  expect(await namesOf(actorWith('people-administrator', ['kuleuven']), '')).toEqual(['Jan Peeters', 'Jana Peeters']);
  expect(await namesOf(actorWith('desk', ['kuleuven', 'vives']), 'person')).toHaveLength(3);
  expect(await namesOf(actorWith('desk', 'association'), 'PEETERS ZOE')).toEqual(['Zoë Peeters']);
  expect(await namesOf(actorWith('owner', 'association'), 'root')).toEqual(['Root Peeters']);
  expect(await namesOf(actorWith('desk', ['vives']), 'r0000003')).toEqual([]);
  expect(await namesOf(actorWith('client-administrator', 'association'), 'jan')).toBe('not-found');
});

test('a choice of organisation and state narrows the list, and shows nobody of an organisation that is not one’s own', async () => {
  const everywhere = actorWith('desk', 'association');
  expect(await namesOf(everywhere, '', { organisation: 'vives' })).toEqual(['Zoë Peeters', 'Jan Peeters']);
  expect(await namesOf(everywhere, 'jan', { organisation: 'kuleuven' })).toEqual(['Jan Peeters', 'Jana Peeters']);
  expect(await namesOf(actorWith('desk', ['vives']), '', { organisation: 'kuleuven' })).toEqual([]);
  expect(await namesOf(actorWith('desk', ['vives']), 'r0000003', { organisation: 'kuleuven' })).toEqual([]);
  expect(await namesOf(everywhere, '', { organisation: '\u0000$ne' })).toEqual([]);
  await storage.accounts.insert(numbered(9, { givenName: 'Active', activatedAt: 1 }));
  expect(await namesOf(everywhere, '', { state: 'active' })).toEqual(['Active Peeters']);
  expect(await namesOf(everywhere, '', { state: 'suspended' })).toEqual([]);
});

test('nobody is found by the personal address, which is shown to nobody whole', async () => {
  for (const organisations of ['association', ['vives']] as const)
    expect(await namesOf(actorWith('desk', [organisations].flat() as never), 'person0000001@example')).toEqual([]);
  expect(await namesOf(actorWith('desk', 'association'), 'person0000001@example')).toEqual([]);
  expect(await namesOf(actorWith('desk', 'association'), 'person0000001@student')).toEqual(['Zoë Peeters']);
});

test('a page says where the next one begins, and each person is on one page only', async () => {
  const actor = actorWith('desk', ['kuleuven', 'vives']);
  const first = await find(actor, 'peeters', { limit: 2 });
  expect(first).toMatchObject({ people: [{ name: 'Zoë Peeters' }, { name: 'Jan Peeters' }] });
  const rest = await find(actor, 'peeters', { limit: 2, after: first.kind === 'found' ? String(first.next) : '' });
  expect(rest).toMatchObject({ people: [{ name: 'Jana Peeters' }] });
  expect(rest).not.toHaveProperty('next');
});

test('a number of before leads to whose it was, within the organisations of the role', async () => {
  await storage.accounts.insert(numbered(9, { formerNumbers: ['r0000077'], activatedAt: 1 }));
  expect(await namesOf(actorWith('desk', ['vives']), ' R0000077 ')).toEqual(['Annelies Peeters']);
  expect(await namesOf(actorWith('desk', ['kuleuven']), 'r0000077')).toEqual([]);
});

test('an auditor sees people masked, and finds them by whole numbers, addresses and names alone', async () => {
  const auditor = actorWith('auditor', ['vives']);
  const answer = await find(auditor, 'r0000001');
  expect(answer).toMatchObject({
    people: [{ name: 'Z. P.', number: 'r000…', email: 'pers…', masked: true, affiliations: [{ role: 'student' }] }],
  });
  expect(JSON.stringify(answer)).not.toMatch(/Peeters|r0000001|person0000001/);
  expect(await namesOf(auditor, 'zoe peeters')).toEqual(['Z. P.']);
  for (const query of ['z', 'zoe', 'r000000', 'person0000001@']) expect(await namesOf(auditor, query)).toEqual([]);
  expect(await namesOf(auditor, '')).toEqual(['Z. P.', 'J. P.']);
});

test('a query that is too long, or of signs that no name has, finds nobody', async () => {
  const actor = actorWith('desk', ['vives']);
  for (const query of ['p'.repeat(201), '\u001fvives\u001f%', '%', '"'])
    expect(await namesOf(actor, query)).toEqual([]);
});
