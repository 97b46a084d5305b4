/** Every claim of a person made up for documents, by the functions that make those of real people. */
import type { Account } from '../domain/account/account.ts';
import { claimsOf } from '../domain/account/claims.ts';
import { emptyAccount } from '../domain/account/empty-account.ts';
import { inEveryLanguage, languages } from '../domain/account/languages.ts';
import { membershipClaims } from '../domain/account/membership.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import type { JsonValue } from '../domain/json-value.ts';

const NOW = Date.UTC(2026, 8, 21, 10);
const TODAY = '2026-09-21';
const source = 'sap';
const row = { organisation: 'example', role: 'staff', source };

const account: Account = {
  ...emptyAccount({
    id: 'mDx0S7q2_4kQ8vR1n9ZtJw',
    revision: 1,
    createdAt: 0,
    auditKey: '',
    language: languages[0].id,
    credentialsEpoch: 1,
  }),
  givenName: 'Robin',
  familyName: 'Storm',
  userNumbers: ['u0012345', 'r0654321'],
  emails: ['robin.storm@example.edu'],
  phone: '+32 16 32 00 00',
  claims: {
    nickname: 'Rob',
    middle_name: 'Jo',
    profile: 'https://www.example.edu/people/robin.storm',
    picture: 'https://www.example.edu/people/robin.storm.jpg',
    website: 'https://robin.example.org/',
    gender: 'X',
    birthdate: '1990-04-01',
    zoneinfo: 'Europe/Brussels',
    locale: 'nl-BE',
    updated_at: 1_789_000_000,
    address: { locality: 'Leuven', country: 'BE' },
  },
  affiliations: [row, { ...row, role: 'student' }],
  groups: [{ ...row, value: 'ict-staff' }],
  entitlements: [{ ...row, value: 'urn:mace:dir:entitlement:common-lib-terms' }],
  orcid: 'https://orcid.org/0000-0002-1825-0097',
  evidence: [{ source, level: 'medium', day: '2026-01-15' }],
};

const organisation = {
  id: 'example',
  name: inEveryLanguage(() => 'Example University'),
  domains: ['example.edu'],
  contacts: [],
  secondFactor: 'required',
  activation: 'link',

  colour: '#1d3557',
} satisfies Organisation;

/** A value for each personal claim that Pedel has. */
export function sampleClaims(): Record<string, JsonValue | undefined> {
  return {
    ...claimsOf(account, [organisation], NOW, true),
    ...membershipClaims(account, [organisation], TODAY, 'example.edu'),
  };
}
