/** Rule 32: what a client learns of a person. */
import type { Mutation } from '../mutation.ts';

const file = 'src/domain/clients/release.ts';

export const release: Mutation[] = [
  {
    id: 'release-ignores-consent-to-scopes',
    rule: 32,
    file,
    search: 'scope !== undefined && consent.scopes.has(scope)',
    replace: 'scope !== undefined',
    why: 'an application of others learns what the person took back',
  },
  {
    id: 'release-ignores-consent-by-name',
    rule: 32,
    file,
    search: 'byName && consent.claims.has(claim)',
    replace: 'byName',
    why: 'an application of others learns whatever it names',
  },
  {
    id: 'release-ignores-the-registration',
    rule: 32,
    file,
    search: "  if (!client.allowed.has(claim)) return { claim, reason: { kind: 'not_allowed' } };\n",
    replace: '',
    why: 'an application learns what was not registered for it',
  },
  {
    id: 'release-of-foreign-scopes',
    rule: 32,
    file,
    search: 'client.scopes.has(each) && claimsOfScope',
    replace: 'claimsOfScope',
    why: 'an application asks for a scope that it does not have',
  },
  {
    id: 'id-token-tells-all',
    rule: 32,
    file,
    search: "(use !== 'id_token' || asked.alone === true)",
    replace: "(use !== 'id_token' || asked.alone !== undefined)",
    why: 'an ID token that travels by the browser tells the person',
  },
  {
    id: 'library-masks-what-is-released',
    rule: 32,
    file: 'src/oidc/seams.ts',
    search: 'if (told === undefined) return result.call(this);',
    replace: 'if (told !== this) return result.call(this);',
    why: 'another than the releasing function decides, and nobody is told anything',
  },
  {
    id: 'scopes-of-later-for-old-registrations',
    rule: 32,
    file: 'src/domain/clients/release.ts',
    search: "scope?.split(' ') ?? scopesUnnamed",
    replace: "scope?.split(' ') ?? Object.keys(claimsOfScope)",
    why: 'an update of Pedel tells applications groups that nobody registered them for',
    tests: ['test/domain/membership.test.ts'],
  },
  {
    id: 'groups-behind-an-old-consent',
    rule: 32,
    file: 'src/domain/clients/scopes.ts',
    search: '  eduperson: [...edupersonClaimNames],\n',
    replace: "  eduperson: [...edupersonClaimNames, 'groups', 'orcid'],\n",
    why: 'people who allowed an application their role have allowed it their groups as well',
    tests: ['test/domain/membership.test.ts'],
  },
];
