/** Groups, roles, entitlements and identifiers as claims, and the scopes that have them. Costs nothing: pure functions. */
import { expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { membershipClaims } from '../../src/domain/account/membership.ts';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';
import { type Asked, release, released, releasingClient } from '../../src/domain/clients/release/release.ts';
import { personalClaims, scopes } from '../../src/domain/clients/release/scopes.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const today = '2026-09-21';
const domain = 'login.example.edu';
const inRow = { organisation: 'vives', role: 'student', source: 'csv' };
const named = organisations.map((each) =>
  each.id === 'vives' ? { ...each, groupNamespace: 'urn:geant:vives.be' } : each,
);
const claims = (change: Partial<Account> = {}, of = organisations) =>
  membershipClaims(anAccount(change), of, today, domain);

test('claims of groups, roles and entitlements are those that hold today', () => {
  const given = claims({
    affiliations: [
      inRow,
      { organisation: 'kuleuven', role: 'staff', source: 'csv', until: '2026-09-20' },
      { organisation: 'alum', role: 'alumnus', source: 'csv' },
    ],
    groups: [
      { ...inRow, value: 'ict-b' },
      { ...inRow, value: 'ict-a' },
      { value: 'gone', organisation: 'kuleuven', role: 'staff', source: 'csv' },
    ],
    entitlements: [{ ...inRow, value: 'urn:mace:dir:entitlement:common-lib-terms' }],
    orcid: 'https://orcid.org/0000-0002-1825-0097',
  });
  expect(given).toMatchObject({
    groups: ['ict-a', 'ict-b'],
    roles: ['alumnus@alum', 'student@vives'],
    eduperson_entitlement: ['urn:mace:dir:entitlement:common-lib-terms'],
    orcid: 'https://orcid.org/0000-0002-1825-0097',
  });
});

test('who has no groups has an empty list, and no role of Pedel itself is a claim', () => {
  expect(claims({ affiliations: [], roles: ['owner'] })).toMatchObject({
    groups: [],
    roles: [],
    eduperson_entitlement: undefined,
    orcid: undefined,
  });
});

test('groups are entitlements by AARC-G069 where their organisation has a namespace', () => {
  const groups = [
    { ...inRow, value: 'chess club' },
    { value: 'x', organisation: 'alum', role: 'alumnus', source: 'csv' },
  ];
  const affiliations = [inRow, { organisation: 'alum', role: 'alumnus', source: 'csv' }];
  expect(claims({ groups, affiliations }, named).eduperson_entitlement).toEqual([
    'urn:geant:vives.be:group:chess%20club',
  ]);
});

test('voperson_id is for life: the same wherever somebody belongs, and not the sub', () => {
  const id = claims().voperson_id;
  expect(id).toMatch(/^[0-9a-f]{32}@login\.example\.edu$/);
  expect(claims({ affiliations: [], userNumbers: [], emails: [] }).voperson_id).toBe(id);
  expect(claims({ id: 'account-2' }).voperson_id).not.toBe(id);
  expect(id).not.toContain('account-1');
});

const newer = ['groups', 'roles', 'eduperson_entitlement', 'orcid', 'voperson_id'];
const told = (scope: string | undefined, consent: Asked['consent'], asked = scopes) =>
  Object.keys(
    released(
      release(
        releasingClient({ scope }),
        {
          account: anAccount({ orcid: 'x' }),
          organisations: named,
          domain,
          now: Date.parse(today),
          pairwise: () => '',
        },
        { scopes: asked, claims: personalClaims, consent },
        'userinfo',
      ),
    ),
  ).filter((claim) => newer.includes(claim));
const all: Asked['consent'] = { scopes: new Set(scopes), claims: new Set(personalClaims) };

test('a scope that was registered, or consented to, before these claims were there gives none of them', () => {
  const before = 'openid profile email phone address eduperson';
  expect(told(before, all)).toEqual([]);
  expect(told(undefined, all)).toEqual([]);
  const consented: Asked['consent'] = { scopes: new Set(before.split(' ')), claims: new Set() };
  expect(told(scopes.join(' '), consented)).toEqual([]);
  expect(told('openid groups', all)).toEqual(['groups', 'roles']);
});

test('a registration that names no scope gets none of these', () => {
  const read = readClientMetadata({ client_name: 'A', redirect_uris: ['https://a.example/cb'] });
  const scope = 'accepted' in read ? String(read.accepted.metadata.scope) : '';
  expect(told(scope, all)).toEqual([]);
});
