/** What is claimed of a person is true of that person (rule 32). */
import { afterEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { claimsOf } from '../../src/domain/account/claims.ts';
import { claimsOfScope } from '../../src/domain/clients/release/scopes.ts';
import { application, closeAll, organisations, person, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const now = Date.UTC(2026, 8, 21);

test('an address or telephone is called verified only where somebody verified it', () => {
  const claimed = (change: Parameters<typeof person>[0]) => claimsOf(person(change), organisations, now, false);
  expect(claimed({})).toMatchObject({ email: 'an.peeters@kuleuven.be', email_verified: true });
  expect(claimed({ emails: [], personalEmail: 'an@example.org' })).toMatchObject({
    email: 'an@example.org',
    email_verified: false,
  });
  const proven = { emails: [], personalEmail: 'an@example.org', provenAddresses: ['an@example.org'] };
  expect(claimed(proven)).toMatchObject({ email: 'an@example.org', email_verified: true });
  expect(claimed({ ...proven, provenAddresses: ['old@example.org'] })).toMatchObject({ email_verified: false });
  expect(claimed({ phone: '+3216000000' })).toMatchObject({ phone_number_verified: false });
  expect(claimed({ phone: '+3216000000', claims: { phone_number_verified: true } })).toMatchObject({
    phone_number_verified: true,
  });
});

test('each scope releases what OpenID Connect gives it, and signing in tells no name', () => {
  expect(claimsOfScope).toMatchObject({
    openid: ['sub', 'acr', 'amr', 'auth_time'],
    email: ['email', 'email_verified'],
    phone: ['phone_number', 'phone_number_verified'],
    address: ['address'],
  });
});

test('claims of eduperson come by scope or by name, in userinfo and in the ID token, and not unasked', async () => {
  const kit = await startOidc({ clients: [application('toledo')] });
  const told = async (asked: Record<string, string>) => {
    const { access_token: token, id_token: idToken } = await kit.tokens(visitor(), { client_id: 'toledo', ...asked });
    const of = (claims: object) => Object.keys(claims).filter((name) => /^(eduperson|schac)_/.test(name));
    return { userinfo: of((await (await kit.me(token)).json()) as object), idToken: of(decodeJwt(idToken)) };
  };
  const all = [
    'eduperson_principal_name',
    'eduperson_scoped_affiliation',
    'eduperson_affiliation',
    'schac_home_organization',
  ];
  expect(await told({ scope: 'openid profile' })).toEqual({ userinfo: [], idToken: [] });
  expect(await told({ scope: 'openid eduperson' })).toMatchObject({
    userinfo: expect.arrayContaining(all),
    idToken: [],
  });
  const named = {
    userinfo: { eduperson_affiliation: null },
    id_token: { schac_home_organization: { essential: true } },
  };
  expect(await told({ scope: 'openid', claims: JSON.stringify(named) })).toEqual({
    userinfo: ['eduperson_affiliation'],
    idToken: ['schac_home_organization'],
  });
});

test('derived and renamed claims stand where the claims of their scopes do, and follow the groups of the moment', async () => {
  const staff = { organisation: 'kuleuven', role: 'staff', source: 'csv' };
  const members = {
    scope: 'openid profile eduperson groups',
    response_types: ['code', 'id_token'],
    grant_types: ['authorization_code', 'implicit'],
    pedel_derived_claims: [
      { claim: 'groups', value: 'admins', when: ['group:ict-staff'] },
      { claim: 'pedel_library', value: 'lender', when: ['@kuleuven'] },
    ],
    pedel_rename: { preferred_username: 'user_number', affiliation: 'eduperson_affiliation' },
  };
  const account = person({ affiliations: [staff], groups: [{ ...staff, value: 'ict-staff' }] });
  const kit = await startOidc({ clients: [application('toledo', members)], accounts: [account] });
  const { access_token: token, id_token: idToken } = await kit.tokens(visitor(), {
    client_id: 'toledo',
    scope: 'openid profile eduperson groups',
  });
  const own = (claims: object) => {
    const { groups, pedel_library, preferred_username, affiliation } = claims as Record<string, unknown>;
    return { groups, pedel_library, preferred_username, affiliation };
  };
  const me = async () => own((await (await kit.me(token)).json()) as object);
  expect(await me()).toEqual({
    groups: ['ict-staff', 'admins'],
    pedel_library: ['lender'],
    preferred_username: account.userNumbers[0],
    affiliation: ['staff', 'employee', 'member'],
  });
  expect(own(decodeJwt(idToken))).toEqual({});
  const stored = await kit.storage.accounts.findById(account.id);
  if (stored === undefined) throw new Error('no account');
  const { groups: _, ...without } = stored;
  await kit.storage.accounts.replace({ ...without, revision: stored.revision + 1 }, stored.revision);
  expect((await me()).groups).toEqual([]);
});
