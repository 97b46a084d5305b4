/** Makes the claims of scope `eduperson`, by the REFEDS mapping of eduPerson and SCHAC to OpenID Connect. */
import type { JsonValue } from '../json-value.ts';
import type { Account } from './account.ts';
import { isCurrent } from './affiliation.ts';
import { identityProofed } from './assurance.ts';
import { homeOrganisation, type Organisation } from './organisation.ts';

/** Claims of scope `eduperson`, named as in the REFEDS white paper (see `edupersonClaims`). */
export const edupersonClaimNames = [
  'eduperson_principal_name',
  'eduperson_scoped_affiliation',
  'eduperson_affiliation',
  'schac_home_organization',
  'schac_personal_unique_code',
  'eduperson_assurance',
] as const;

/** Roles as values of eduPersonAffiliation (eduPerson 202208, 2.2.1); a role that is not listed becomes `affiliate`. */
const affiliationsOfRole: Record<string, string[]> = {
  student: ['student', 'member'],
  staff: ['staff', 'employee', 'member'],
  faculty: ['faculty', 'employee', 'member'],
  employee: ['employee', 'member'],
  member: ['member'],
  alumnus: ['alum'],
  alumna: ['alum'],
  alum: ['alum'],
};

/**
 * The claims to release on `today` (`YYYY-MM-DD`); undefined: the claim is left out.
 *
 * Source: REFEDS OIDCre, "White Paper for implementation of mappings between SAML 2.0 and OpenID Connect in Research
 * and Education" (snake case of the attribute's name; multi-valued attributes are arrays), eduPerson 202208, SCHAC 1.6.
 * Decisions:
 * - `eduperson_principal_name` is the first user number at the first domain of the home organisation; a number that an
 *   activated account held goes to no other (rule 26), so none is reassigned;
 * - only affiliations that hold today count;
 * - the European Student Identifier is formed from the home organisation's domain and a student's number, and given to
 *   students only: `urn:schac:personalUniqueCode:int:esi:<domain>:<number>`;
 * - `eduperson_assurance` (REFEDS Assurance Framework 2.0) says of every account that it is one person's, of the principal
 *   name, where there is one, that it is not reassigned, and of identity proofing what the evidence on the account says.
 *   That there is a second factor is evidence too, but no value of the framework; `acr` says whether it was used.
 */
export function edupersonClaims(
  account: Account,
  organisations: Organisation[],
  today: string,
): Record<(typeof edupersonClaimNames)[number], JsonValue | undefined> {
  const current = account.affiliations.filter((affiliation) => isCurrent(affiliation, today));
  const domainOf = (id: string) => organisations.find((organisation) => organisation.id === id)?.domains[0];
  const home = homeOrganisation(account, organisations, today).domains[0];
  const [number] = account.userNumbers;
  const affiliations = unique(current.flatMap(({ role }) => affiliationsOfRole[role] ?? ['affiliate']));
  const scoped = unique(
    current.flatMap(({ role, organisation }) => {
      const domain = domainOf(organisation);
      return domain === undefined ? [] : (affiliationsOfRole[role] ?? ['affiliate']).map((each) => `${each}@${domain}`);
    }),
  );
  return {
    eduperson_principal_name: number !== undefined && home !== undefined ? `${number}@${home}` : undefined,
    eduperson_scoped_affiliation: scoped,
    eduperson_affiliation: affiliations,
    schac_home_organization: home,
    schac_personal_unique_code: studentIdentifiers(account, current, domainOf),
    eduperson_assurance: [
      'https://refeds.org/assurance',
      'https://refeds.org/assurance/ID/unique',
      ...(number !== undefined && home !== undefined
        ? ['https://refeds.org/assurance/ID/eppn-unique-no-reassign']
        : []),
      ...identityProofed(account).map((level) => `https://refeds.org/assurance/IAP/${level}`),
    ],
  };
}

function studentIdentifiers(
  account: Account,
  current: Account['affiliations'],
  domainOf: (organisation: string) => string | undefined,
): string[] | undefined {
  const number = account.userNumbers.find((each) => /^[rsm]\d/.test(each));
  if (number === undefined) return undefined;
  const codes = current
    .filter(({ role }) => role === 'student')
    .map(({ organisation }) => domainOf(organisation))
    .filter((domain) => domain !== undefined)
    .map((domain) => `urn:schac:personalUniqueCode:int:esi:${domain}:${number}`);
  return codes.length === 0 ? undefined : unique(codes);
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
