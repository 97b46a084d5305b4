/** Members by which an application gets claims of its own: derived from affiliations and groups, or under other names. */
import { z } from 'zod';
import { entitlementFault, groupFault } from '../../../account/groups.ts';
import { affiliationRoles } from '../../../feed/feed-columns.ts';
import { derivableClaims, isDerivable, isRenameable, renameableClaims } from '../../release/claim-names.ts';
import { type DerivedRule, type Renaming, readTerm, usernameSources } from '../../release/derived-claims.ts';
import { personalClaims } from '../../release/scopes.ts';
import { type ClientMember, LIST_LENGTH, operatorMember } from './member.ts';

/** Terms of one rule. */
const TERMS_AT_MOST = 50;
const NAMES_AT_MOST = 20;

/** A fault of a member, where it is; the sentence is its remedy. */
type Issue = { path: (string | number)[]; message: string };

function checked<Value>(faultsOf: (value: unknown) => Issue[]) {
  return z.custom<Value>().superRefine((value, context) => {
    for (const { path, message } of faultsOf(value)) context.addIssue({ code: 'custom', path, message });
  });
}

function faultsOfRules(rules: unknown): Issue[] {
  if (!Array.isArray(rules)) return [{ path: [], message: '' }];
  if (rules.length > LIST_LENGTH) return [{ path: [], message: `give at most ${LIST_LENGTH} rules` }];
  return rules.flatMap((rule, index) =>
    faultsOfRule(rule).map(({ path, message }) => ({ path: [index, ...path], message })),
  );
}

function faultsOfRule(rule: unknown): Issue[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return [{ path: [], message: '' }];
  const { claim, value, when, ...others } = rule as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return [{ path: [unknown], message: `remove ${unknown.slice(0, 40)}: a rule has claim, value and when` }];
  if (typeof claim !== 'string' || !isDerivable(claim))
    return [
      {
        path: ['claim'],
        message: `derive ${derivableClaims.join(', ')}, or a name of your own such as pedel_library; no standard claim can be`,
      },
    ];
  if (typeof value !== 'string' || value === '') return [{ path: ['value'], message: 'give a text' }];
  const fault = (claim === 'eduperson_entitlement' ? entitlementFault : groupFault)(value);
  if (fault !== undefined) return [{ path: ['value'], message: `choose another value: this one ${fault}` }];
  if (!Array.isArray(when) || when.length === 0 || when.length > TERMS_AT_MOST)
    return [{ path: ['when'], message: `give 1 to ${TERMS_AT_MOST} terms, such as ["staff@kuleuven"]` }];
  return when.flatMap((term, index) => {
    const message = typeof term === 'string' ? termRemedy(term) : TERM;
    return message === undefined ? [] : [{ path: ['when', index], message }];
  });
}

const TERM =
  'give a role ("staff"), a role at an organisation ("staff@kuleuven"), "@kuleuven", "group:ict-staff" or "group:ict-staff@kuleuven"';

function termRemedy(term: string): string | undefined {
  const read = term.length > 200 ? undefined : readTerm(term);
  if (read === undefined) return TERM;
  if (read.kind === 'group') return groupFault(read.name) === undefined ? undefined : TERM;
  const { role } = read;
  if (role === undefined || affiliationRoles.includes(role)) return undefined;
  return `give a role that exists: ${affiliationRoles.join(', ')}; a group is written "group:${role}"`;
}

function faultsOfRenaming(renaming: unknown): Issue[] {
  if (typeof renaming !== 'object' || renaming === null || Array.isArray(renaming)) return [{ path: [], message: '' }];
  const names = Object.entries(renaming);
  if (names.length > NAMES_AT_MOST) return [{ path: [], message: `give at most ${NAMES_AT_MOST} names` }];
  return names.flatMap(([to, from]) => {
    const message = renamingRemedy(to, from);
    return message === undefined ? [] : [{ path: [to], message }];
  });
}

function renamingRemedy(to: string, from: unknown): string | undefined {
  const shown = to.slice(0, 40);
  if (!isRenameable(to))
    return `choose another name than "${shown}": ${renameableClaims.join(', ')}, or one of the application's own; no standard claim can be filled otherwise`;
  const sources: readonly string[] = to === 'preferred_username' ? usernameSources : personalClaims;
  if (typeof from === 'string' && (sources.includes(from) || (to !== 'preferred_username' && /^pedel_/.test(from))))
    return undefined;
  if (to === 'preferred_username')
    return `fill preferred_username from ${sources.join(', ')}: a name that somebody may choose would be somebody else's in the application`;
  return `give ${shown} the name of a claim: ${sources.join(', ')}`;
}

export const derivedMembers = {
  pedel_derived_claims: operatorMember(
    checked<DerivedRule[]>(faultsOfRules),
    'a list of { "claim", "value", "when" }',
    {
      help:
        'Claims that people get because of affiliations and groups that hold today; one term of when suffices. A claim is groups, ' +
        'roles or eduperson_entitlement, which get the value beside those that they have, or begins with pedel_ (scope groups). A term is ' +
        '"staff", "staff@kuleuven", "@kuleuven" or "group:ict-staff".',
      example: [{ claim: 'groups', value: 'admins', when: ['staff@kuleuven', 'group:ict-staff'] }],
    },
  ),
  pedel_rename: operatorMember(
    checked<Renaming>(faultsOfRenaming),
    'an object of new names with the claims that they get',
    {
      help:
        'Claims that it gets under another name as well, where it gets them: groups, roles, or a name that no standard has. ' +
        `preferred_username may be ${usernameSources.join(', ')} (of the institution).`,
      example: { groups: 'eduperson_scoped_affiliation', preferred_username: 'eduperson_principal_name' },
    },
  ),
} satisfies Record<string, ClientMember>;
