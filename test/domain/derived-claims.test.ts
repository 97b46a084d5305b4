/** Claims that a registration derives and renames: what it may say, and whom it fits. Cost: a second, without a server. */
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';
import { unknownNames } from '../../src/domain/clients/metadata/known-names.ts';
import { isDerivable, isRenameable } from '../../src/domain/clients/release/claim-names.ts';
import { derivedClaims, factsOf, fits, readTerm } from '../../src/domain/clients/release/derived-claims.ts';
import {
  type Asked,
  type ReleaseMembers,
  release,
  released,
  releasingClient,
  type Use,
} from '../../src/domain/clients/release/release.ts';
import { personalClaims, scopes } from '../../src/domain/clients/release/scopes.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const today = '2026-09-21';
const staff = { organisation: 'kuleuven', role: 'staff', source: 'csv' };
const somebody = (change: Partial<Account> = {}) =>
  anAccount({
    userNumbers: ['u0000001'],
    emails: ['an@kuleuven.be'],
    personalEmail: 'admin@example.org',
    affiliations: [staff, { organisation: 'vives', role: 'student', until: '2026-09-20', source: 'csv' }],
    groups: [{ ...staff, value: 'ict staff' }],
    claims: { preferred_username: 'admin', nickname: 'root' },
    ...change,
  });
const facts = factsOf(somebody(), today);

describe('a term', () => {
  test.each(['staff', 'staff@kuleuven', '@kuleuven', 'group:ict staff', 'group:ict staff@kuleuven'])(
    '%s fits whom it names today',
    (term) => expect(fits(term, facts)).toBe(true),
  );

  test.each(['student', 'staff@vives', '@vives', '@alum', 'group:ict', 'group:ict staff@vives', 'ict staff', ''])(
    '%s fits nobody else, nor what is over',
    (term) => expect(fits(term, facts)).toBe(false),
  );

  test.each([
    '',
    '@',
    'group:',
    'group:@kuleuven',
    'Staff',
    'staff@',
    'staff@KULEUVEN',
    'a@b@c',
    'staff || true',
    '*',
    'staff\0',
  ])('"%s" is none', (term) => expect(readTerm(term)).toBeUndefined());
});

test('rules give each value once, in their order, and nothing where none fits', () => {
  const rules = [
    { claim: 'groups', value: 'b', when: ['student', 'staff'] },
    { claim: 'groups', value: 'a', when: ['@kuleuven'] },
    { claim: 'groups', value: 'b', when: ['@kuleuven'] },
    { claim: 'pedel_x', value: 'c', when: ['alumnus'] },
  ];
  expect([...derivedClaims(rules, facts)]).toEqual([['groups', ['b', 'a']]]);
});

const everything: Asked['consent'] = { scopes: new Set(scopes), claims: new Set(personalClaims) };
function told(
  members: ReleaseMembers,
  { account = somebody(), use = 'userinfo', ...change }: Partial<Asked> & { account?: Account; use?: Use } = {},
) {
  const person = {
    account,
    organisations,
    domain: 'login.example.edu',
    now: Date.parse(today),
    pairwise: () => '',
  };
  const asked = { scopes, claims: [], consent: everything, ...change };
  const { sub: _, ...claims } = released(
    release(releasingClient({ scope: 'openid groups', ...members }), person, asked, use),
  );
  return claims;
}

describe('a derived claim', () => {
  const rules = [
    { claim: 'groups', value: 'admins', when: ['staff@kuleuven'] },
    { claim: 'pedel_library', value: 'lender', when: ['@kuleuven'] },
    { claim: 'eduperson_entitlement', value: 'urn:mace:dir:entitlement:common-lib-terms', when: ['staff'] },
  ];
  const members = { pedel_derived_claims: rules, scope: 'openid groups eduperson_entitlement' };

  test('stands beside what the person has', () => {
    expect(told(members)).toEqual({
      groups: ['ict staff', 'admins'],
      roles: ['staff@kuleuven'],
      eduperson_entitlement: ['urn:mace:dir:entitlement:common-lib-terms'],
      pedel_library: ['lender'],
    });
    expect(told(members, { account: somebody({ affiliations: [], groups: [] }) })).toEqual({
      groups: [],
      roles: [],
      pedel_library: [],
    });
  });

  test('is told to no client whose scope, request or consent does not have it', () => {
    const consent = { scopes: new Set(['openid']), claims: new Set<string>() };
    expect(told(members, { consent })).toEqual({});
    expect(told(members, { scopes: ['openid'] })).toEqual({});
    expect(told({ ...members, scope: 'openid' })).toEqual({});
    // allowed by name alone: the groups, and nothing that goes beyond them
    const byName = { scopes: ['openid'], claims: ['groups', 'pedel_library'], consent: everything };
    expect(told(members, byName)).toEqual({ groups: ['ict staff', 'admins'] });
  });
});

describe('a renamed claim', () => {
  const rename = (pedel_rename: Record<string, string>, scope: string, change: Parameters<typeof told>[1] = {}) =>
    told({ pedel_rename, scope }, change);

  test('has the value of its source, which stays', () => {
    expect(rename({ groups: 'eduperson_scoped_affiliation' }, 'openid eduperson')).toMatchObject({
      groups: ['staff@kuleuven.be', 'employee@kuleuven.be', 'member@kuleuven.be'],
      eduperson_scoped_affiliation: expect.any(Array),
    });
    expect(rename({ department: 'groups' }, 'openid groups').department).toEqual(['ict staff']);
  });

  test('is not told where its source is not, though it is asked for', () => {
    const name = { groups: 'eduperson_scoped_affiliation', mail: 'email' };
    expect(rename(name, 'openid groups')).toEqual({ roles: ['staff@kuleuven'] });
    const consent = { scopes: new Set(['openid', 'groups']), claims: new Set<string>() };
    expect(rename(name, scopes.join(' '), { consent })).toEqual({ roles: ['staff@kuleuven'] });
    expect(rename(name, scopes.join(' '), { scopes: ['openid'] })).toEqual({});
  });

  test('preferred_username is a number, principal name or institution address, and never a name that somebody chose', () => {
    const username = (from: string, change: Partial<Account> = {}, scope = 'openid profile email eduperson') =>
      rename({ preferred_username: from }, scope, { account: somebody(change) }).preferred_username;
    expect(username('user_number')).toBe('u0000001');
    expect(username('eduperson_principal_name')).toBe('u0000001@kuleuven.be');
    expect(username('email')).toBe('an@kuleuven.be');
    for (const [from, lacks] of [
      ['email', { emails: [] }],
      ['user_number', { userNumbers: [] }],
      ['eduperson_principal_name', { userNumbers: [] }],
    ] as [string, Partial<Account>][])
      expect(username(from, lacks)).toBeUndefined();
    expect(username('nickname')).toBeUndefined();
    expect(username('email', {}, 'openid profile')).toBeUndefined();
    expect(username('user_number', {}, 'openid email')).toBeUndefined();
  });
});

const faults = (change: object, scope = 'openid profile email eduperson groups eduperson_entitlement') => {
  const read = readClientMetadata({ client_name: 'A', redirect_uris: ['https://a.example/cb'], scope, ...change });
  return 'faults' in read ? read.faults.map(({ member, remedy }) => `${member}: ${remedy}`) : [];
};
const derive = (change: object, scope?: string) =>
  faults({ pedel_derived_claims: [{ claim: 'groups', value: 'a', when: ['staff'], ...change }] }, scope);

test('in the ID token they stand where groups, and the source of a renamed claim, are named for it', () => {
  const members = {
    scope: 'openid groups profile email',
    pedel_derived_claims: [{ claim: 'pedel_library', value: 'lender', when: ['@kuleuven'] }],
    pedel_rename: { mail: 'email', preferred_username: 'user_number' },
  };
  const inIdToken = (pedel_id_token_claims: string[]) =>
    told({ ...members, pedel_id_token_claims }, { use: 'id_token' });
  expect(inIdToken(['name'])).toEqual({ name: expect.any(String) });
  expect(inIdToken(['groups', 'email'])).toEqual({
    groups: ['ict staff'],
    pedel_library: ['lender'],
    email: 'an@kuleuven.be',
    mail: 'an@kuleuven.be',
  });
  expect(inIdToken(['preferred_username'])).toEqual({ preferred_username: 'u0000001' });
});

describe('a registration', () => {
  test('no standard claim is derived or renamed, in whatever spelling', () => {
    const forbidden = [
      ...personalClaims,
      'sub',
      'iss',
      'aud',
      'acr',
      'amr',
      'exp',
      'nonce',
      'azp',
      'sid',
      'cnf',
      'act',
      'scope',
    ].filter((claim) => !['groups', 'roles', 'eduperson_entitlement', 'preferred_username'].includes(claim));
    for (const claim of forbidden) {
      for (const spelling of [claim, claim.toUpperCase(), ` ${claim}`, `${claim}\0`, `${claim}#nl`]) {
        expect([spelling, isDerivable(spelling), isRenameable(spelling)]).toEqual([spelling, false, false]);
      }
    }
    const others = [
      '__proto__',
      'constructor',
      'toString',
      '',
      'a b',
      'é',
      '😀',
      '\u202ea',
      'eduperson_orcid',
      'schac_x',
      'voperson_x',
      'Pedel_x',
      'a'.repeat(101),
    ];
    for (const name of others) expect([name, isDerivable(name), isRenameable(name)]).toEqual([name, false, false]);
    expect(isDerivable('preferred_username')).toBe(false);
    for (const name of ['groups', 'roles', 'isMemberOf', 'https://example.edu/claims/groups', 'x.y'])
      expect([name, isRenameable(name)]).toEqual([name, true]);
    expect(derive({ claim: 'email' })).toEqual([expect.stringContaining('no standard claim can be')]);
    expect(faults({ pedel_rename: { sub: 'email' } })).toEqual([
      expect.stringContaining('choose another name than "sub"'),
    ]);
    const parsed = JSON.parse('{ "__proto__": "email" }');
    expect(faults({ pedel_rename: parsed })).toHaveLength(1);
  });

  test('is refused for a role, a claim or a term that does not exist, with what does', () => {
    expect(derive({})).toEqual([]);
    expect(derive({ when: ['docent@kuleuven'] })).toEqual([expect.stringContaining('student, staff')]);
    expect(derive({ when: ['ict-staff'] })).toEqual([expect.stringContaining('group:ict-staff')]);
    expect(derive({ value: 'a,admins' })).toEqual([expect.stringContaining('choose another value')]);
    expect(derive({ claim: 'eduperson_entitlement' })).toEqual([expect.stringContaining('urn:mace')]);
    expect(faults({ pedel_rename: { groups: 'affiliation' } })).toEqual([
      expect.stringContaining('eduperson_scoped_affiliation'),
    ]);
    expect(faults({ pedel_rename: { preferred_username: 'nickname' } })).toEqual([
      expect.stringContaining('user_number, eduperson_principal_name, email'),
    ]);
  });

  test('is refused where its scope does not have the claim', () => {
    expect(derive({}, 'openid profile')).toEqual([
      'pedel_derived_claims: add "groups" to the scope, with which groups is asked for and consented to',
    ]);
    expect(derive({ claim: 'pedel_x' }, 'openid')).toHaveLength(1);
    expect(faults({ pedel_rename: { groups: 'eduperson_affiliation' } }, 'openid groups')).toEqual([
      'pedel_rename: add "eduperson" to the scope, which has eduperson_affiliation, or remove groups',
    ]);
    expect(faults({ pedel_rename: { preferred_username: 'email' } }, 'openid email')).toHaveLength(1);
    expect(faults({ pedel_rename: { x: 'pedel_y' } })).toHaveLength(1);
    const bundled = { pedel_bundle: 'pseudonymous', pedel_rename: { groups: 'eduperson_affiliation' } };
    expect(faults(bundled, 'openid eduperson')).toEqual([
      'pedel_rename: remove groups: pedel_bundle pseudonymous does not have eduperson_affiliation',
    ]);
    const both = {
      pedel_derived_claims: [{ claim: 'groups', value: 'a', when: ['staff'] }],
      pedel_rename: { groups: 'eduperson_affiliation' },
    };
    expect(faults(both)).toEqual(['pedel_rename: remove groups: pedel_derived_claims fills it already']);
  });

  test('of any shape is answered with a remedy and never with an exception', () => {
    const odd = [
      null,
      1,
      'x',
      {},
      [],
      [null],
      [1],
      [[]],
      [{}],
      [{ claim: 'groups' }],
      [{ claim: {}, value: [], when: {} }],
      Array(101).fill({}),
    ];
    for (const value of odd) {
      for (const member of ['pedel_derived_claims', 'pedel_rename'])
        for (const fault of faults({ [member]: value })) expect(fault.length).toBeGreaterThan(member.length + 10);
    }
    expect(derive({ when: [] })).toHaveLength(1);
    expect(derive({ when: Array(51).fill('staff') })).toHaveLength(1);
    expect(derive({ when: ['staff'.repeat(1e6)] })).toHaveLength(1);
    expect(derive({ unless: 1 })).toEqual([expect.stringContaining('remove unless')]);
    expect(
      faults({ pedel_rename: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, 'email'])) }),
    ).toHaveLength(1);
  });

  test('names organisations and groups of the configuration only', () => {
    const known = {
      organisations: ['kuleuven', 'vives'],
      sources: [{ id: 'hr', organisations: ['kuleuven'], groups: ['ict-*'] }],
    };
    const unknown = (term: string) =>
      unknownNames({ pedel_derived_claims: [{ claim: 'groups', value: 'a', when: ['staff', term] }] }, known);
    for (const term of ['@vives', 'staff@kuleuven', 'group:ict-staff', 'group:ict-staff@kuleuven'])
      expect(unknown(term)).toBeUndefined();
    const member = 'pedel_derived_claims';
    expect(unknown('student@kulv')).toEqual({
      member,
      value: 'kulv',
      remedy: 'use an organisation of the configuration: kuleuven, vives',
    });
    expect(unknown('group:admins')).toEqual({
      member,
      value: 'admins',
      remedy:
        'use a group that a source may give, or add it to the groups of one in the configuration (now they list ict-*)',
    });
    expect(unknown('group:ict-staff@vives')?.remedy).toContain('may give at vives');
  });
});
