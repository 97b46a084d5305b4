/** Whose names, numbers and addresses somebody who reads the audit log sees: an auditor, whatever else he is, only their first signs. */
import type { Account } from '../../domain/account/account.ts';
import { type Actor, may } from '../actor.ts';

/** Whether nothing is masked: the actor is no auditor, or looks after all people anyway. */
export function seesEverybody(actor: Actor): boolean {
  return may(actor, 'people:read', undefined) === 'yes' || actor.grants.every(({ role }) => role !== 'auditor');
}

/** Whether this person is not masked. */
export function seesPerson(actor: Actor, { affiliations }: Pick<Account, 'affiliations'>): boolean {
  if (seesEverybody(actor)) return true;
  return affiliations.some(({ organisation }) => may(actor, 'people:read', organisation) === 'yes');
}

/** The start of it, so that two are told apart and neither is known. */
export const masked = (text: string, more = ''): string =>
  [text.slice(0, 4), more.slice(0, 2)].filter(Boolean).join(' ').concat('…');
