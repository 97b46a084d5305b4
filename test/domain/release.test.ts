/** What a client learns of a person, and why not more (rule 32). Costs nothing: pure functions. */
import { describe, expect, test } from '@jest/globals';
import {
  type Asked,
  type Person,
  type ReleaseMembers,
  release,
  released,
  releasingClient,
  type Use,
} from '../../src/domain/clients/release/release.ts';
import { personalClaims, scopes } from '../../src/domain/clients/release/scopes.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const somebody: Person = {
  account: anAccount({ id: 'an', userNumbers: ['u0000001'], emails: ['an.peeters@kuleuven.be'], activatedAt: 1 }),
  organisations,
  domain: 'login.example.edu',
  now: Date.UTC(2026, 8, 21),
  pairwise: (sector, accountId) => `${accountId} at ${sector}`,
};
const everything: Asked['consent'] = { scopes: new Set(scopes), claims: new Set(personalClaims) };
const nothing: Asked['consent'] = { scopes: new Set(), claims: new Set() };
const asked = (change: Partial<Asked> = {}): Asked => ({
  scopes: ['openid', 'email'],
  claims: [],
  consent: everything,
  ...change,
});
const client = (members: ReleaseMembers = {}) =>
  releasingClient({ scope: 'openid profile email eduperson', ...members });
const reasonOf = (claim: string, one = client(), what = asked(), use: Use = 'userinfo') =>
  release(one, somebody, what, use).find((each) => each.claim === claim)?.reason;

describe('a claim', () => {
  test('is told by a scope that is asked for, registered and allowed, or by name', () => {
    expect(reasonOf('email')).toEqual({ kind: 'scope', scope: 'email' });
    expect(reasonOf('name', client(), asked({ claims: ['name'] }))).toEqual({ kind: 'by_name' });
    expect(released(release(client(), somebody, asked(), 'userinfo'))).toEqual({
      sub: 'an',
      email: 'an.peeters@kuleuven.be',
      email_verified: true,
    });
  });

  test('is not told where nobody asked, the registration has it not, consent is missing or there is no value', () => {
    expect(reasonOf('name')).toEqual({ kind: 'not_asked' });
    const narrow = client({ scope: 'openid profile' });
    expect(reasonOf('email', narrow)).toEqual({ kind: 'not_asked' }); // the scope is none of its own
    expect(reasonOf('email', narrow, asked({ claims: ['email'] }))).toEqual({ kind: 'not_allowed' });
    expect(reasonOf('email', client(), asked({ consent: nothing }))).toEqual({ kind: 'consent_missing' });
    const consent = { scopes: new Set<string>(), claims: new Set(['email']) };
    // what was allowed by name is not given by scope, and the other way round
    expect(reasonOf('email', client(), asked({ consent }))).toEqual({ kind: 'consent_missing' });
    expect(reasonOf('email', client(), asked({ consent, scopes: ['openid'], claims: ['email'] }))).toEqual({
      kind: 'by_name',
    });
    const unasked = asked({ scopes: ['openid'], claims: ['email'], consent: nothing });
    expect(reasonOf('email', client(), unasked)).toEqual({ kind: 'consent_missing' });
    expect(reasonOf('nickname', client(), asked({ claims: ['nickname'] }))).toEqual({ kind: 'no_value' });
  });

  test('by scope is told by userinfo, and by the ID token where that comes alone; by name where it was asked', () => {
    expect(reasonOf('email', client(), asked(), 'id_token')).toEqual({ kind: 'elsewhere' });
    expect(reasonOf('email', client(), asked({ alone: true }), 'id_token')).toEqual({ kind: 'scope', scope: 'email' });
    expect(reasonOf('email', client(), asked({ alone: true, consent: nothing }), 'id_token')).toEqual({
      kind: 'consent_missing',
    });
    expect(reasonOf('email', client(), asked({ claims: ['email'] }), 'id_token')).toEqual({ kind: 'by_name' });
  });

  test('by scope stands in the ID token where pedel_id_token_claims names it, and nothing wider', () => {
    const inIdToken = (named: NonNullable<ReleaseMembers['pedel_id_token_claims']>, change: Partial<Asked> = {}) =>
      Object.keys(
        released(release(client({ pedel_id_token_claims: named }), somebody, asked(change), 'id_token')),
      ).sort();
    expect(inIdToken('none')).toEqual(['sub']);
    expect(inIdToken('all')).toEqual(['email', 'email_verified', 'sub']);
    expect(inIdToken(['email', 'name'])).toEqual(['email', 'sub']); // nobody asked for the name
    expect(inIdToken('all', { consent: nothing })).toEqual(['sub']);
    expect(inIdToken('all', { scopes: ['openid', 'phone'] })).toEqual(['sub']); // a scope it does not have
  });

  test('beyond the bundle is not told, by scope, by name or in an ID token that comes alone', () => {
    const pseudonymous = client({ pedel_bundle: 'pseudonymous', pedel_id_token_claims: 'all' });
    const wide = asked({
      scopes: ['openid', 'profile', 'email', 'eduperson'],
      claims: ['name', 'eduperson_assurance'],
    });
    for (const use of ['userinfo', 'id_token', 'access_token'] as const)
      expect(Object.keys(released(release(pseudonymous, somebody, { ...wide, alone: true }, use))).sort()).toEqual([
        'eduperson_assurance',
        'eduperson_scoped_affiliation',
        'schac_home_organization',
        'sub',
      ]);
    expect(reasonOf('name', pseudonymous, wide)).toEqual({ kind: 'not_allowed' });
    expect(reasonOf('eduperson_assurance', pseudonymous, wide)).toEqual({
      kind: 'bundle',
      bundle: 'pseudonymous',
      scope: 'eduperson',
    });
  });
});

describe('the subject', () => {
  test('is the account, or that of the sector; a client without a sector has none', () => {
    const sub = (members: ReleaseMembers, what = asked(), use: Use = 'userinfo') =>
      released(release(client(members), somebody, what, use)).sub;
    const pairwise = { subject_type: 'pairwise', redirect_uris: ['https://files.example/back'] };
    expect([sub({}), sub(pairwise)]).toEqual(['an', 'an at files.example']);
    expect(sub({ ...pairwise, sector_identifier_uri: 'https://all.example/list' })).toBe('an at all.example');
    expect(sub({ ...pairwise, pedel_sector: 'files' })).toBe('an at files');
    expect(sub({ ...pairwise, response_types: [] })).toBeUndefined();
    // introspection: never the account of whom the token's client knows by a pairwise subject
    const foreign = asked({ issuedTo: { subject: { type: 'pairwise', sector: 'webmail.example' } } });
    expect(sub({}, foreign, 'introspection')).toBe('an at webmail.example');
    expect(sub(pairwise, foreign, 'introspection')).toBe('an at files.example');
  });
});

test('introspection tells sub and the username that is set, and no claim of a scope', () => {
  const told = (issuedTo: Asked['issuedTo'], members: ReleaseMembers = {}) =>
    released(release(client(members), somebody, asked(issuedTo === undefined ? {} : { issuedTo }), 'introspection'));
  expect(told('itself')).toEqual({ sub: 'an' });
  expect(told(client())).toEqual({ sub: 'an', username: 'u0000001' });
  expect(told(client(), { pedel_introspection_username: 'none' })).toEqual({ sub: 'an' });
});
