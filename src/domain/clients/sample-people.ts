/** People made up for previews: one of each common kind at each organisation, in no store, with a value for most claims. */
import type { Account } from '../account/account.ts';
import { emptyAccount } from '../account/empty-account.ts';
import { languages } from '../account/languages.ts';
import type { Organisation } from '../account/organisation.ts';

/** `id`: to be chosen by. `role` and `organisation`: of the one affiliation that the person has. */
export type SamplePerson = { id: string; role: string; organisation: string; account: Account };

const kinds = [
  { role: 'staff', givenName: 'An', familyName: 'Claes', number: 'u0000001' },
  { role: 'student', givenName: 'Bram', familyName: 'Peeters', number: 'r0000001' },
  { role: 'alum', givenName: 'Chloé', familyName: 'Maes', number: 'r0000002' },
] as const;

/** In the order of the organisations. */
export function samplePeople(organisations: readonly Organisation[]): SamplePerson[] {
  return organisations.flatMap(({ id: organisation, domains: [domain = 'example.edu'] }) =>
    kinds.map(({ role, givenName, familyName, number }) => ({
      id: `${role}@${organisation}`,
      role,
      organisation,
      account: made({ role, givenName, familyName, number, organisation, domain }),
    })),
  );
}

type Made = {
  role: string;
  givenName: string;
  familyName: string;
  number: string;
  organisation: string;
  domain: string;
};

function made({ role, givenName, familyName, number, organisation, domain }: Made): Account {
  const id = `sample-${role}-${organisation}`;
  return {
    ...emptyAccount({ id, revision: 1, createdAt: 0, auditKey: '', language: languages[0].id, credentialsEpoch: 1 }),
    activatedAt: 0,
    givenName,
    familyName,
    userNumbers: [number],
    emails: [`${givenName}.${familyName}@${domain}`.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')],
    affiliations: [{ role, organisation, source: 'sample' }],
  };
}
