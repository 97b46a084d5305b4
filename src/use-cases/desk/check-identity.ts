/** Checks what a caller says of himself: limited for person and agent, and in the audit log before it is answered. */
import { checkIdentity, type IdentityFact, type IdentityVerdict } from '../../domain/desk/identity-check.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { counterOf, givenBackUnlessJudged, type Limiter, takeAll } from '../../domain/rate-limits/rate-limits.ts';
import { type Actor, entryBy } from '../actor.ts';
import { type DeskPorts, personAtDesk } from './desk-people.ts';

export type IdentityDeps = Pick<DeskPorts, 'accounts' | 'roleGrants' | 'now'> & {
  auditLog: Pick<AuditLog, 'append'>;
  limiter: Limiter;
  randomBytes: RandomBytes;
};

/** @returns `limited`: too many were wrong; undefined: this agent sees no such person */
export async function checkAtDesk(
  actor: Actor,
  personId: string,
  { fact, typed }: { fact: IdentityFact; typed: string },
  deps: IdentityDeps,
): Promise<IdentityVerdict | 'limited' | undefined> {
  const account = await personAtDesk(actor, personId, deps);
  if (account === undefined) return undefined;
  const note = (verdict: string) =>
    deps.auditLog.append(
      entryBy(actor, { action: 'desk.identity-checked', details: { fact, verdict }, subject: personId }, deps),
    );
  const counters = [counterOf('identityPerPerson', personId), counterOf('identityPerAgent', actor.id)];
  const taken = await takeAll(deps.limiter, counters, undefined, deps.now());
  if (!taken.allowed) {
    if (taken.firstHit) await note('limited');
    return 'limited';
  }
  const verdict = await givenBackUnlessJudged(taken, async () => {
    const found = checkIdentity(account, fact, typed);
    if (found === 'right' || found === 'wrong') await note(found);
    return found;
  });
  if (verdict !== 'wrong') await taken.giveBack();
  return verdict;
}
