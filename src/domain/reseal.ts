/** After a change of secret: what stays is sealed anew under the current one, and nothing is lost on the way. */
import type { Account, Effect, Ticket } from './account.ts';
import type { PendingEnrolment } from './enrolment.ts';
import { Problem } from './problem.ts';
import type { Sealer } from './sealed.ts';

export type Resealed = { kind: 'current' } | { kind: 'resealed'; sealed: string } | { kind: 'unreadable' };

/** `current` has the current secret alone, `all` every one that is known. */
export type Resealing = { current: Pick<Sealer, 'seal' | 'open'>; all: Pick<Sealer, 'open'> };

/** One sealed value, as it would be under the current secret. */
export function reseal(sealed: string, owner: string, field: string, { current, all }: Resealing): Resealed {
  if (openOr(current, sealed, owner, field) !== undefined) return { kind: 'current' };
  const plain = openOr(all, sealed, owner, field);
  return plain === undefined ? { kind: 'unreadable' } : { kind: 'resealed', sealed: current.seal(plain, owner, field) };
}

/**
 * Every sealed value of an account: seeds, those of an enrolment that waits in a ticket, letters that are not handed on
 * yet. `account` where any of them changes; counts of values.
 */
export function resealAccount(
  read: Account,
  resealing: Resealing,
): { account?: Account; resealed: number; unreadable: number } {
  const counts = { resealed: 0, unreadable: 0 };
  const turn = (sealed: string, field: string): string => {
    const result = reseal(sealed, read.id, field, resealing);
    if (result.kind === 'current') return sealed;
    counts[result.kind] += 1;
    return result.kind === 'resealed' ? result.sealed : sealed;
  };
  const account: Account = {
    ...read,
    totps: read.totps.map((totp) => ({ ...totp, sealedSeed: turn(totp.sealedSeed, 'totp') })),
    tickets: read.tickets.map((ticket) => resealTicket(ticket, turn)),
    effects: read.effects.map((effect) => resealEffect(effect, turn)),
  };
  return { ...(counts.resealed > 0 ? { account } : {}), ...counts };
}

type Turn = (sealed: string, field: string) => string;

function resealTicket(ticket: Ticket, turn: Turn): Ticket {
  const { pending } = ticket;
  if (pending === undefined) return ticket;
  const { sealedSeed, enrolment } = pending;
  return {
    ...ticket,
    pending: {
      ...pending,
      ...(sealedSeed === undefined ? {} : { sealedSeed: turn(sealedSeed, 'totp') }),
      ...(enrolment === undefined ? {} : { enrolment: resealEnrolment(enrolment, turn) }),
    },
  };
}

function resealEnrolment(enrolment: PendingEnrolment, turn: Turn): PendingEnrolment {
  const { sealedSeed, sealedCodes } = enrolment;
  return {
    ...enrolment,
    ...(sealedSeed === undefined ? {} : { sealedSeed: turn(sealedSeed, 'totp') }),
    ...(sealedCodes === undefined ? {} : { sealedCodes: turn(sealedCodes, 'recovery-codes') }),
  };
}

function resealEffect(effect: Effect, turn: Turn): Effect {
  if (effect.kind !== 'letter' || effect.letter.sealedSecret === undefined) return effect;
  return { ...effect, letter: { ...effect.letter, sealedSecret: turn(effect.letter.sealedSecret, 'letter') } };
}

function openOr(sealer: Pick<Sealer, 'open'>, sealed: string, owner: string, field: string): string | undefined {
  try {
    return sealer.open(sealed, owner, field);
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_unreadable') return undefined;
    throw error;
  }
}
