/** The member `pedel_access`: who may use an application. Each fault of it has a remedy of its own. */
import { z } from 'zod';
import { affiliationRoles } from '../../../feed/feed-columns.ts';
import type { AccessRule } from '../../access-rule.ts';
import { LIST_LENGTH, operatorMember, words } from './member.ts';

export const MOST_PEOPLE = 500;
const NAME_LENGTH = 200;

/** By name of the list: how long it may be, and the remedy for one of its values; undefined: it is one. */
const lists: Record<string, { most: number; remedyFor: (value: string) => string | undefined }> = {
  affiliations: { most: LIST_LENGTH, remedyFor: affiliationRemedy },
  organisations: {
    most: LIST_LENGTH,
    remedyFor: (value) => (/^[a-z0-9-]+$/.test(value) ? undefined : 'give ids of organisations, as configured'),
  },
  groups: {
    most: LIST_LENGTH,
    remedyFor: (value) =>
      /^\S.*@[a-z0-9-]+$/u.test(value)
        ? undefined
        : 'give groups with their organisation, such as "library-staff@kuleuven"',
  },
  people: { most: MOST_PEOPLE, remedyFor: personRemedy },
};

function affiliationRemedy(value: string): string | undefined {
  const [, role = ''] = /^([a-z]+)(?:@[a-z0-9-]+)?$/.exec(value) ?? [];
  if (affiliationRoles.includes(role)) return undefined;
  return `give a role, or a role at an organisation such as "student@vives"; the roles are ${words.listed(affiliationRoles)}`;
}

function personRemedy(value: string): string | undefined {
  if (value.includes('@')) return 'give the user number: an address may go to somebody else later';
  return /^[\w.-]+$/.test(value) ? undefined : 'give a user number, or the sub that applications get';
}

type Issue = { path: (string | number)[]; message: string };

/** Every fault of a rule, where it is. */
function faultsOf(rule: unknown): Issue[] {
  if (rule === 'everybody') return [];
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return [{ path: [], message: '' }];
  const given = Object.entries(rule);
  if (given.length === 0)
    return [{ path: [], message: 'name somebody, or give "everybody"; pedel_valid_until closes an application' }];
  return given.flatMap(([name, list]) => (Object.hasOwn(lists, name) ? faultsOfList(name, list) : unknownList(name)));
}

function unknownList(name: string): Issue[] {
  return [{ path: [name], message: `remove ${name.slice(0, 40)}: the lists are ${words.listed(Object.keys(lists))}` }];
}

function faultsOfList(name: string, list: unknown): Issue[] {
  const { most = 0, remedyFor = () => undefined } = lists[name] ?? {};
  if (!Array.isArray(list) || list.length === 0)
    return [{ path: [name], message: `give a list of ${name}, or leave ${name} out` }];
  if (list.length > most)
    return [{ path: [name], message: `name at most ${most} ${name}${name === 'people' ? '; more are a group' : ''}` }];
  return list.flatMap((value, index) => {
    const usable = typeof value === 'string' && value !== '' && value.length <= NAME_LENGTH;
    const message = usable ? remedyFor(value) : `give texts of at most ${NAME_LENGTH} characters`;
    return message === undefined ? [] : [{ path: [name, index], message }];
  });
}

export const accessMember = operatorMember(
  z.custom<AccessRule>().superRefine((rule, context) => {
    for (const { path, message } of faultsOf(rule)) context.addIssue({ code: 'custom', path, message });
  }),
  '"everybody", or an object with lists of affiliations, organisations, groups or people; one of them suffices',
  {
    help:
      'Who may use it; others are told why and whom to ask, see no link to it, and it learns nothing of them. affiliations are roles ' +
      '("staff") or roles at an organisation ("student@vives") that hold today; groups are "name@organisation"; people are user numbers or subs, ' +
      `${MOST_PEOPLE} at most.`,
    example: { affiliations: ['staff', 'student@vives'], people: ['u0000001'] },
    otherwise: 'everybody',
  },
);
