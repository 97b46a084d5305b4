/** What a client learns of a person, and why not more (rule 32). Costs nothing: pure functions. */
import { describe, expect, test } from '@jest/globals';
import {
  type Asked,
  type Person,
  type ReleaseMembers,
  type ReleasingClient,
  release,
  released,
  releasingClient,
  type Use,
} from '../../src/domain/clients/release.ts';
import { personalClaims, scopes } from '../../src/domain/clients/scopes.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const somebody: Person = {
  account: anAccount({ id: 'an', userNumbers: ['u0000001'], emails: ['an.peeters@kuleuven.be'], activatedAt: 1 }),
  organisations,
  issuer: 'https://login.example.edu',
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
const client = (members: ReleaseMembers = {}, subject: ReleasingClient['subject'] = { type: 'public' }) =>
  releasingClient({ scope: 'openid profile email eduperson', ...members }, subject);
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
});

describe('the subject', () => {
  test('is the account, or that of the sector; a client without a sector has none', () => {
    const sub = (subject: ReleasingClient['subject'], what = asked(), use: Use = 'userinfo') =>
      released(release(client({}, subject), somebody, what, use)).sub;
    const pairwise = { type: 'pairwise', sector: 'files.example' } as const;
    expect([sub({ type: 'public' }), sub(pairwise)]).toEqual(['an', 'an at files.example']);
    expect(sub({ type: 'pairwise', sector: undefined })).toBeUndefined();
    // introspection: never the account of whom the token's client knows by a pairwise subject
    const foreign = asked({ issuedTo: { subject: { type: 'pairwise', sector: 'webmail.example' } } });
    expect(sub({ type: 'public' }, foreign, 'introspection')).toBe('an at webmail.example');
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
