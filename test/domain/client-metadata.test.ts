import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { makeCredentials, registrations } from '../../demo/clients.ts';
import { clientDefaults, clientMemberList } from '../../src/domain/clients/metadata/client-members.ts';
import { memberFault, readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';
import { DEVICE_GRANT } from '../../src/domain/clients/metadata/members/protocol.ts';
import { unboundedNumbers } from '../support/zod-numbers.ts';

const web = { client_id: 'x', redirect_uris: ['https://x.example.edu/cb'] };
function faultsOf(change: object): string[] {
  const read = readClientMetadata({ ...web, ...change });
  return 'faults' in read ? read.faults.map(({ member }) => member) : [];
}
const publicKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };

const fapi = { pedel_profile: 'fapi2', jwks: { keys: [publicKey] } };

describe('registration metadata', () => {
  test('of a device has scopes as any other to which people sign in', () => {
    const device = { client_id: 'tv', response_types: [], grant_types: [DEVICE_GRANT] };
    const read = readClientMetadata(device);
    expect(read).toMatchObject({ accepted: { metadata: { scope: expect.stringMatching(/^openid ./) } } });
    expect(JSON.stringify(read)).not.toContain('offline_access');
  });

  test('the applications of the demo campus are accepted as they are', async () => {
    const all = registrations(3000, await makeCredentials());
    expect(all.flatMap((each) => Object.entries(readClientMetadata(each)))).toEqual(
      all.map(() => ['accepted', expect.anything()]),
    );
  });

  test.each<[string, object, string[]]>([
    ['a plain web application', {}, []],
    [
      'localhost over http',
      { redirect_uris: ['http://localhost:3001/cb', 'http://127.0.0.1/cb', 'http://[::1]:1/cb'] },
      [],
    ],
    ['a redirect URI with a query', { redirect_uris: ['https://x.example.edu/?openidconnectcallback=1'] }, []],
    [
      'a native application with a scheme of its own',
      { application_type: 'native', redirect_uris: ['edu.example.app:/cb'], token_endpoint_auth_method: 'none' },
      [],
    ],
    [
      'implicit on localhost as a native application',
      {
        application_type: 'native',
        redirect_uris: ['http://localhost/cb'],
        response_types: ['id_token'],
        grant_types: ['implicit'],
      },
      [],
    ],
    [
      'hybrid with the words in another order',
      { response_types: ['id_token code'], grant_types: ['authorization_code', 'implicit'] },
      [],
    ],
    [
      'a resource server that signs nobody in',
      { redirect_uris: [], response_types: [], grant_types: [], pedel_introspects: ['webmail'] },
      [],
    ],
    ['a device', { redirect_uris: [], response_types: [], grant_types: [DEVICE_GRANT, 'refresh_token'] }, []],
    [
      'private_key_jwt with a public key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] } },
      [],
    ],
    ['pairwise with one host', { subject_type: 'pairwise' }, []],
    ['FAPI 2.0, which implies the rest', fapi, []],
    [
      'FAPI 2.0 with all that it implies, and answers in a JWT',
      {
        ...fapi,
        token_endpoint_auth_method: 'private_key_jwt',
        dpop_bound_access_tokens: true,
        require_pushed_authorization_requests: true,
        id_token_signed_response_alg: 'PS256',
        token_endpoint_auth_signing_alg: 'ES256',
        response_modes: ['jwt'],
        authorization_signed_response_alg: 'PS256',
      },
      [],
    ],
    ['access of everybody', { pedel_access: 'everybody' }, []],
    [
      'access by affiliations, organisations, groups and people',
      {
        pedel_access: {
          affiliations: ['alumnus', 'student@vives'],
          organisations: ['kuleuven'],
          groups: ['readers of Greek@kuleuven'],
          people: ['U0000001', '2f1c9e0a-4b7d-4c1e-9a55-0c6d3a2b1f00'],
        },
      },
      [],
    ],

    ['http to elsewhere', { redirect_uris: ['http://x.example.edu/cb'] }, ['redirect_uris']],
    ['a fragment', { redirect_uris: ['https://x.example.edu/#a'] }, ['redirect_uris']],
    ['a pattern', { redirect_uris: ['https://*.example.edu/'] }, ['redirect_uris']],
    ['no address at all', { redirect_uris: ['/callback'] }, ['redirect_uris']],
    ['no redirect URI', { redirect_uris: [] }, ['redirect_uris']],
    [
      'javascript as a scheme',
      { application_type: 'native', redirect_uris: ['javascript:alert(1)'] },
      ['redirect_uris'],
    ],
    [
      'implicit on localhost as a web application',
      { redirect_uris: ['http://localhost/cb'], response_types: ['id_token'], grant_types: ['implicit'] },
      ['redirect_uris'],
    ],
    [
      'a fragment after sign-out',
      { post_logout_redirect_uris: ['https://x.example.edu/#a'] },
      ['post_logout_redirect_uris'],
    ],
    [
      'a response type without its grant type',
      { response_types: ['code id_token'], grant_types: ['authorization_code'] },
      ['grant_types'],
    ],
    ['refresh_token alone', { response_types: [], redirect_uris: [], grant_types: ['refresh_token'] }, ['grant_types']],
    ['a device with a sign-in that it does not have', { grant_types: [DEVICE_GRANT] }, ['grant_types']],
    [
      'a device without openid',
      { redirect_uris: [], response_types: [], grant_types: [DEVICE_GRANT], scope: 'profile' },
      ['scope'],
    ],
    ['offline_access without refresh_token', { scope: 'openid offline_access' }, ['scope']],
    ['a scope without openid', { scope: 'profile' }, ['scope']],
    [
      'a secret where none is used',
      { token_endpoint_auth_method: 'none', client_secret: 'x'.repeat(40) },
      ['client_secret'],
    ],
    ['a short secret', { client_secret: 'x'.repeat(31) }, ['client_secret']],
    [
      'client_secret_jwt, which needs the secret in clear',
      { token_endpoint_auth_method: 'client_secret_jwt' },
      ['token_endpoint_auth_method'],
    ],
    ['HS256', { id_token_signed_response_alg: 'HS256' }, ['id_token_signed_response_alg']],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, ['jwks']],
    [
      'a private key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...publicKey, d: 'secret' }] } },
      ['jwks'],
    ],
    ['keys in two ways', { jwks: { keys: [publicKey] }, jwks_uri: 'https://x.example.edu/jwks' }, ['jwks_uri']],
    [
      'pairwise with two hosts',
      { subject_type: 'pairwise', redirect_uris: ['https://a.example.edu/', 'https://b.example.edu/'] },
      [],
    ],
    ['a bundle', { pedel_bundle: 'personalised', subject_type: 'public' }, []],
    ['an unknown bundle', { pedel_bundle: 'everything' }, ['pedel_bundle']],
    ['a scope of which the bundle has nothing', { pedel_bundle: 'pseudonymous', scope: 'openid email' }, ['scope']],
    ['a public pseudonym', { subject_type: 'public', pedel_bundle: 'pseudonymous' }, ['subject_type']],
    ['a public pseudonym by default', { subject_type: 'public' }, ['subject_type']],
    [
      'claims of the ID token that it does not get',
      { scope: 'openid email', pedel_id_token_claims: ['email', 'name'] },
      ['pedel_id_token_claims'],
    ],
    [
      'claims of the ID token beyond the bundle',
      { pedel_bundle: 'pseudonymous', pedel_id_token_claims: ['email'] },
      ['pedel_id_token_claims'],
    ],
    ['claims of the ID token that nobody knows', { pedel_id_token_claims: ['sub'] }, ['pedel_id_token_claims']],
    ['claims of the ID token in a word', { pedel_id_token_claims: 'some' }, ['pedel_id_token_claims']],
    ['a sector for a public sub', { scope: 'openid', pedel_sector: 'x.example.edu' }, ['pedel_sector']],
    ['a sector that is no host', { pedel_sector: 'https://x.example.edu' }, ['pedel_sector']],
    [
      'a sector in two ways',
      { pedel_sector: 'x.example.edu', sector_identifier_uri: 'https://x.example.edu/s.json' },
      ['sector_identifier_uri'],
    ],
    ['a purpose by language', { pedel_purpose: 'To lend.', 'pedel_purpose#nl': 'Om uit te lenen.' }, []],
    ['a purpose of two lines', { pedel_purpose: 'To lend.\nAnd more.' }, ['pedel_purpose']],
    ['a purpose without end', { pedel_purpose: 'x'.repeat(301) }, ['pedel_purpose']],
    ['the client_id of our own pages', { client_id: 'pedel' }, ['client_id']],
    ['a client_id that a raw Basic header garbles', { client_id: 'https://x.example.edu/' }, ['client_id']],
    [
      'the same where the body carries it',
      { client_id: 'https://x.example.edu/', token_endpoint_auth_method: 'client_secret_post' },
      [],
    ],
    ['a secret that a raw Basic header garbles', { client_secret: `${'x'.repeat(40)}+` }, ['client_secret']],
    ['a secret that cannot be decoded', { client_secret: `${'x'.repeat(40)}%` }, ['client_secret']],
    ['a key without its parts', { jwks: { keys: [{ kty: 'RSA' }] } }, ['jwks']],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct' }] } }, ['jwks']],
    ['no response mode at all', { response_modes: [] }, ['response_modes']],
    ['FAPI 2.0 without keys', { pedel_profile: 'fapi2' }, ['jwks']],
    ['FAPI 2.0 with a secret', { ...fapi, client_secret: 'x'.repeat(40) }, ['client_secret']],
    ...(
      [
        ['token_endpoint_auth_method', 'client_secret_basic'],
        ['token_endpoint_auth_method', 'none'],
        ['require_pushed_authorization_requests', false],
        ['dpop_bound_access_tokens', false],
        ['token_endpoint_auth_signing_alg', 'RS256'],
        ['id_token_signed_response_alg', 'RS256'],
        ['userinfo_signed_response_alg', 'RS256'],
        ['authorization_signed_response_alg', 'RS256'],
        ['request_object_signing_alg', 'RS256'],
        ['response_types', ['code', 'none']],
        ['grant_types', ['authorization_code', 'implicit']],
        ['grant_types', ['authorization_code', DEVICE_GRANT]],
        ['pedel_require_pkce', false],
      ] as const
    ).map(([name, value]): [string, object, string[]] => [
      `FAPI 2.0 with ${name} ${value}`,
      { ...fapi, [name]: value },
      [name],
    ]),
    ['neither id nor name', { client_id: undefined }, ['client_id', 'client_name']],
    ['an unknown member', { redirect_uri: 'https://x.example.edu/' }, ['redirect_uri']],
    ['an unknown member of our own', { pedel_admin: true }, ['pedel_admin']],
    ['a language that we do not have', { 'client_name#fr': 'X' }, ['client_name#fr']],
    ['the word of before for affiliations', { pedel_affiliations: ['alumnus'] }, ['pedel_affiliations']],
    ...(
      [
        ['nobody', {}],
        ['something else', 'nobody'],
        ['null', null],
        ['a list', ['staff']],
        ['an empty list', { people: [] }],
        ['no list', { affiliations: 'staff' }],
        ['an unknown list', { roles: ['staff'] }],
        ['a list that every object has', { constructor: ['staff'] }],
        ['a role that is none', { affiliations: ['lecturer'] }],
        ['affiliations in other words', { affiliations: ['Alumni of VIVES'] }],
        ['an organisation by its name', { organisations: ['KU Leuven'] }],
        ['a group of no organisation', { groups: ['readers'] }],
        ['an address, which may go to another person', { people: ['an.peeters@kuleuven.be'] }],
        ['what is no text', { people: [7] }],
        ['a null byte', { people: ['u0000001\0'] }],
        ['too many people', { people: Array.from({ length: 501 }, (_, n) => `u${n}`) }],
      ] as const
    ).map(([what, rule]): [string, object, string[]] => [
      `access of ${what}`,
      { pedel_access: rule },
      ['pedel_access'],
    ]),
    ['an unknown acr', { pedel_acr: 'https://refeds.org/profile/gold' }, ['pedel_acr']],
  ])('%s', (_what, change, members) => {
    expect(faultsOf(change)).toEqual(members);
  });

  test('what cannot be the object of a registration is refused', () => {
    for (const input of [null, 1, 'x', [], [web]]) expect(readClientMetadata(input)).toHaveProperty('faults');
  });

  test('a fault says what was given, what is accepted and the remedy; of a list it names the element', () => {
    const read = readClientMetadata({
      ...web,
      contacts: ['library@example.edu', 'nobody'],
      scope: 'openid everything',
      subject_type: 'private',
      pedel_first_party: 'yes',
      client_secret: 'short',
      jwks: { keys: [{ d: 'private' }] },
    });
    const faults = Object.fromEntries(
      ('faults' in read ? read.faults : []).map(({ member, ...fault }) => [member, fault]),
    );
    expect(faults).toEqual({
      contacts: { value: 'nobody', expected: 'a list of e-mail addresses', remedy: 'give a list of e-mail addresses' },
      scope: {
        value: 'openid everything',
        expected: expect.stringMatching(/^words out of openid profile .*offline_access/),
        remedy: 'remove "everything": there is no such scope',
      },
      subject_type: {
        value: 'private',
        expected: 'one of public, pairwise',
        remedy: 'give one of public, pairwise',
      },
      pedel_first_party: { value: 'yes', expected: 'true or false', remedy: 'give true or false' },
      client_secret: { expected: expect.any(String), remedy: expect.stringContaining('at least 32 random ASCII') },
      jwks: { expected: expect.any(String), remedy: expect.stringContaining('public keys') },
    });
  });
});

describe('the registry of members', () => {
  test.each(clientMemberList.map((member) => [member.name, member] as const))('%s', (name, member) => {
    expect(member.help).toMatch(/^[A-Z].*\.$/);
    expect(member.expected).not.toMatch(/\.$/);
    expect(memberFault(name, member.example)).toBeUndefined();
    expect(memberFault(name, null)).toMatchObject({ member: name, expected: member.expected });
    if (member.default !== undefined) expect(memberFault(name, member.default)).toBeUndefined();
    // rule 15: what is ours is an operator's to set
    expect(member.setBy).toBe(/^pedel_|^client_(id|secret)$/.test(name) ? 'operator' : 'anyone');
  });

  test('the defaults are those of the standards', () => {
    expect(clientDefaults).toMatchObject({
      application_type: 'web',
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
    });
  });

  test.each([
    ['pedel_access_token_seconds', 1, 86_400, ''],
    ['pedel_refresh_token_idle_seconds', 1, 366 * 86_400, ' (366 days)'],
    ['default_max_age', 0, 400 * 86_400, ''],
  ])('%s is a whole number, %i to %i', (name, least, most, inDays) => {
    for (const value of [least, most]) expect(memberFault(name, value)).toBeUndefined();
    for (const value of [least - 1, most + 1, least + 0.5, Number.MAX_SAFE_INTEGER, 1e15, 1e300, '60', true]) {
      expect(memberFault(name, value)?.remedy).toBe(`give a whole number of seconds, ${least} to ${most}${inDays}`);
    }
  });

  test('texts and lists are bounded', () => {
    expect(memberFault('client_name', 'x'.repeat(2001))).toBeDefined();
    expect(memberFault('redirect_uris', Array(101).fill('https://x.example.edu/'))).toBeDefined();
    expect(memberFault('jwks', { keys: Array(101).fill({ kty: 'EC' }) })).toBeDefined();
  });
});

test('no number of a registration is without bounds', () => {
  expect(unboundedNumbers(z.object({ a: z.int(), b: z.array(z.int().min(0)), c: z.int().min(0).max(9) }))).toEqual([
    '.a',
    '.b',
  ]);
  expect(clientMemberList.flatMap(({ name, schema }) => unboundedNumbers(schema, name))).toEqual([]);
});
