/** What an agent of the service desk does for a person: each act with a reason, in one write with its audit entry. */
import type { Account, Decision } from '../../domain/account/account.ts';
import { EMAIL_ADDRESS_LENGTH, isEmailAddress, withAsciiDomain } from '../../domain/account/email-address.ts';
import { withNotMeLink } from '../../domain/account/not-me-links.ts';
import type { AuditAction } from '../../domain/audit/audit-entry.ts';
import {
  approveAct,
  askDesk,
  collectPass,
  type DeskOutcome,
  declineAct,
  endSessionsOf,
  PASS_SECONDS,
  type PreparedAct,
  type Unfit,
} from '../../domain/desk/credential-acts.ts';
import { type CredentialAct, deskRecordOf, withNote } from '../../domain/desk/desk-record.ts';
import { stopRecovery } from '../../domain/factors/slow-recovery.ts';
import { reasonOf } from '../../domain/lifecycle/reason.ts';
import { randomId } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { prepareTicket } from '../../domain/tickets/prepared-ticket.ts';
import { newTicket } from '../../domain/tickets/ticket.ts';
import type { Actor } from '../actor.ts';
import { actOnPerson, type PeopleDeps } from '../people/act-on-person.ts';
import { type DeskPorts, personAtDesk } from './desk-people.ts';

export type DeskDeps = PeopleDeps & {
  accounts: DeskPorts['accounts'];
  sealer: Sealer;
  /** of the link and code that are sent again */
  activationCodeSeconds: number;
};

/** `asked`: a colleague's agreement is waited for; `approved`: the first agent can show the pass. `code`: shown once. */
export type Acted =
  | { kind: 'done'; act: CredentialAct['kind']; code?: string }
  | { kind: 'asked' | 'approved' }
  | { kind: 'refused'; because: Unfit | 'no-reason' | 'bad-address' }
  | { kind: 'not-found' };

/** @throws Problem `lost_race` */
export async function askAtDesk(
  actor: Actor,
  personId: string,
  asked: { act: CredentialAct; reason: string },
  deps: DeskDeps,
): Promise<Acted> {
  const reason = reasonOf(asked.reason);
  if (reason === undefined) return { kind: 'refused', because: 'no-reason' };
  const act =
    asked.act.kind === 'correct-address' ? { ...asked.act, address: addressOf(asked.act.address) } : asked.act;
  if (act.kind === 'correct-address' && !isEmailAddress(act.address))
    return { kind: 'refused', because: 'bad-address' };
  const request = { id: randomId(deps.randomBytes), by: actor.id, reason };
  const prepared = prepare(personId, deps);
  return decided(
    await acting(
      actor,
      personId,
      (account) => askDesk(account, act, request, prepared, contextOf(deps)),
      ({ kind }) => (kind === 'waits' ? 'desk.act-asked' : actions[act.kind]),
      act.kind === 'correct-address' ? { reason, address: act.address } : { reason },
      deps,
    ),
    prepared,
  );
}

/** Another agent agrees to what waits. @throws Problem `lost_race` */
export async function approveAtDesk(actor: Actor, personId: string, requestId: string, deps: DeskDeps): Promise<Acted> {
  const prepared = prepare(personId, deps);
  const rule = (account: Account) => approveAct(account, requestId, actor.id, prepared, contextOf(deps));
  const done = await acting(actor, personId, rule, () => 'desk.act-approved', undefined, deps);
  const acted = decided(done, prepared);
  return acted.kind === 'done' ? { kind: 'done', act: acted.act } : acted;
}

/** The agent who asked gets the pass that a colleague agreed to. @throws Problem `lost_race` */
export async function collectAtDesk(actor: Actor, personId: string, requestId: string, deps: DeskDeps): Promise<Acted> {
  const prepared = prepare(personId, deps);
  const rule = (account: Account) => collectPass(account, requestId, actor.id, prepared, contextOf(deps));
  return decided(await acting(actor, personId, rule, () => 'desk.pass-given', undefined, deps), prepared);
}

/** @throws Problem `lost_race` */
export async function declineAtDesk(actor: Actor, personId: string, requestId: string, deps: DeskDeps): Promise<Acted> {
  const rule = (account: Account) => declineAct(account, requestId, deps.now());
  return decided(await acting(actor, personId, rule, () => 'desk.act-declined', undefined, deps));
}

/** @throws Problem `lost_race` */
export async function endSessionsAtDesk(
  actor: Actor,
  personId: string,
  typed: string,
  deps: DeskDeps,
): Promise<{ kind: 'ended' | 'no-reason' | 'not-found' }> {
  const reason = reasonOf(typed);
  if (reason === undefined) return { kind: 'no-reason' };
  const rule = (account: Account) => endSessionsOf(account, contextOf(deps));
  return (await acting(actor, personId, rule, () => 'desk.sessions-ended', { reason }, deps)) ?? { kind: 'not-found' };
}

/** @throws Problem `lost_race` */
export async function stopRecoveryAtDesk(
  actor: Actor,
  personId: string,
  typed: string,
  deps: DeskDeps,
): Promise<{ kind: 'stopped' | 'none' | 'no-reason' | 'not-found' }> {
  const reason = reasonOf(typed);
  if (reason === undefined) return { kind: 'no-reason' };
  const rule = (account: Account) => stopRecovery(account, 'desk', contextOf(deps));
  return (
    (await acting(actor, personId, rule, () => 'desk.recovery-stopped', { reason }, deps)) ?? { kind: 'not-found' }
  );
}

/** @throws Problem `lost_race` */
export async function noteAtDesk(
  actor: Actor,
  personId: string,
  typed: string,
  deps: DeskDeps,
): Promise<{ kind: 'noted' | 'no-text' | 'not-found' }> {
  const text = reasonOf(typed);
  if (text === undefined) return { kind: 'no-text' };
  const rule = (account: Account): Decision<{ kind: 'noted' }> => {
    const desk = withNote(deskRecordOf(account, deps.now()), { at: deps.now(), by: actor.id, text });
    return { outcome: { kind: 'noted' }, account: { ...account, desk } };
  };
  return (await acting(actor, personId, rule, () => 'desk.noted', { text }, deps)) ?? { kind: 'not-found' };
}

const actions = {
  pass: 'desk.pass-given',
  resend: 'desk.activation-resent',
  'correct-address': 'desk.address-corrected',
} as const satisfies Record<CredentialAct['kind'], AuditAction>;

const contextOf = ({ organisations, now }: DeskDeps) => ({ organisations, now: now() });

const addressOf = (typed: string) => withAsciiDomain(typed.trim().slice(0, EMAIL_ADDRESS_LENGTH + 1)).toLowerCase();

function prepare(accountId: string, { sealer, now, randomBytes, activationCodeSeconds }: DeskDeps): PreparedAct {
  const common = { accountId, withCode: true };
  return {
    pass: newTicket({ ...common, purpose: 'desk-pass', lifetimeSeconds: PASS_SECONDS }, sealer, now(), randomBytes),
    activation: prepareTicket(
      { ...common, purpose: 'activation', lifetimeSeconds: activationCodeSeconds },
      { sealer, now: now(), randomBytes },
    ),
  };
}

/**
 * The emails to an active person have the link that says "this was not me": it ends what the desk gave to somebody else.
 * Undefined: there is no such person for this agent, or the person has got a role.
 */
async function acting<Outcome>(
  actor: Actor,
  personId: string,
  rule: (account: Account) => Decision<Outcome>,
  action: (outcome: Outcome) => AuditAction,
  sealed: Record<string, string> | undefined,
  deps: DeskDeps,
): Promise<Outcome | undefined> {
  if ((await personAtDesk(actor, personId, deps)) === undefined) return undefined;
  const done = await actOnPerson(
    actor,
    personId,
    {
      permission: 'people:desk',
      rule: (account) => {
        const decision = rule(account);
        const told = { action: action(decision.outcome), at: deps.now() };
        return account.activatedAt === undefined ? decision : withNotMeLink(account, decision, deps, told);
      },
      audit: (outcome) => ({
        action: action(outcome),
        ...(isAboutAct(outcome) ? { details: { act: outcome.act } } : {}),
        ...(sealed === undefined ? {} : { sealed }),
      }),
    },
    deps,
  );
  return 'kind' in done ? undefined : done.outcome;
}

const isAboutAct = (outcome: unknown): outcome is { act: string } =>
  typeof outcome === 'object' && outcome !== null && 'act' in outcome;

function decided(outcome: DeskOutcome | undefined, prepared?: PreparedAct): Acted {
  if (outcome === undefined) return { kind: 'not-found' };
  switch (outcome.kind) {
    case 'waits':
      return { kind: 'asked' };
    case 'approved':
      return { kind: 'approved' };
    case 'refused':
      return outcome.because === 'has-role' ? { kind: 'not-found' } : outcome;
    case 'done': {
      const code = outcome.act === 'pass' ? prepared?.pass.code : undefined;
      return { kind: 'done', act: outcome.act, ...(code === undefined ? {} : { code }) };
    }
  }
}
