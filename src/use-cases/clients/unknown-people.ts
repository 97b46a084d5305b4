/** Names people whom a registration lets in and nobody knows: most are spelling mistakes, some are yet to be fed in. */
import { accessRuleOf } from '../../domain/clients/access-rule.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';

/** Whether an account has this user number, has held it, or has this `sub`. */
export type KnowsPerson = (numberOrSub: string) => Promise<boolean>;

const NAMED = 5;

/** A sentence about the people of `pedel_access` who are not known. @returns undefined: all are @throws what `knows` throws */
export async function unknownPeople(
  metadata: ClientRecord['metadata'],
  knows: KnowsPerson,
): Promise<string | undefined> {
  const rule = accessRuleOf(metadata);
  const people = rule === 'everybody' ? [] : (rule.people ?? []);
  const unknown: string[] = [];
  for (const each of people) if (!(await knows(each))) unknown.push(each);
  if (unknown.length === 0) return undefined;
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
  return `pedel_access: nobody has the user number or sub ${unknown.slice(0, NAMED).join(', ')}${more} yet`;
}
