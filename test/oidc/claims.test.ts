/** What is claimed of a person is true of that person (rule 32). */
import { expect, test } from '@jest/globals';
import { claimsOfScope } from '../../src/domain/clients/scopes.ts';
import { claimsOf } from '../../src/oidc/claims.ts';
import { organisations, person } from './support.ts';

const now = Date.UTC(2026, 8, 21);

test('an address or telephone is called verified only where somebody verified it', () => {
  const claimed = (change: Parameters<typeof person>[0]) => claimsOf(person(change), organisations, now);
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
