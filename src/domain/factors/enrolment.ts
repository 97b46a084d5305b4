/** Enrolling a second factor: what entitles a person to it (rule 7), what is kept between pages, and the one write that adds it. */
import { randomUUID } from 'node:crypto';
import {
  type Account,
  type Decision,
  type EnrolmentProof,
  hasSecondFactor,
  type PendingEnrolment,
  type TotpFactor,
} from '../account/account.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { RandomBytes } from '../tickets/short-code.ts';
import { liveTicket, withoutTicket } from '../tickets/ticket.ts';
import {
  type ActingPerson,
  factorAddedEffects,
  factorsOf,
  MAX_FACTORS,
  type NewFactor,
  withFactor,
  withRecoveryCodes,
} from './factor.ts';
import { newRecoveryCodes } from './recovery-code.ts';
import { matchTotp, newTotpSeed } from './totp.ts';

export type EnrolmentStep = 'send-code' | 'verify' | 'choose' | 'totp' | 'passkey' | 'codes';

const PENDING_SECONDS = 60 * 60; // as long as an interaction; installing an application takes its time
const YOUNG_SESSION_SECONDS = 60 * 60;
export const RECENT_SECONDS = 600;

/** A new enrolment. `proof` absent: the person has to fetch a code from the mailbox first. */
export function beginEnrolment(account: Account, proof: EnrolmentProof | undefined, now: number): PendingEnrolment {
  const { id: accountId, credentialsEpoch: epoch } = account;
  return { accountId, epoch, since: now, ...(proof === undefined ? {} : { proof }) };
}

/** Which page is due. */
export function enrolmentStep(pending: PendingEnrolment): EnrolmentStep {
  if (pending.sealedCodes !== undefined) return 'codes';
  if (pending.proof === undefined) return pending.codeSentTo === undefined ? 'send-code' : 'verify';
  return pending.kind ?? 'choose';
}

/** Whether it can still be finished: by whom it was begun, for an hour, in the epoch in which it began. */
export function isEnrolmentAlive(account: Account, pending: PendingEnrolment, now: number): boolean {
  const ours = pending.accountId === account.id && pending.epoch === account.credentialsEpoch;
  return ours && now < pending.since + PENDING_SECONDS * 1000;
}

/**
 * What a session entitles to by itself (rule 7); undefined = nothing yet: prove a factor, or, where there is none,
 * have a code mailed. `authTime` in seconds; `multiFactor`: whether its amr holds two different factors; `activatedAt`:
 * epoch ms of the activation that opened it, which no other sign-in and no feed puts into a session.
 */
export function proofOfSession(
  account: Account,
  session: { authTime: number; multiFactor: boolean; activatedAt?: number },
  now: number,
): EnrolmentProof | undefined {
  if (hasSecondFactor(account)) {
    const recent = now / 1000 - session.authTime <= RECENT_SECONDS;
    return session.multiFactor && recent ? 'existing-factor' : undefined;
  }
  const { activatedAt } = account;
  if (activatedAt === undefined || session.activatedAt !== activatedAt) return undefined;
  return now <= activatedAt + YOUNG_SESSION_SECONDS * 1000 ? 'activation-session' : undefined;
}

/** The person chose an authenticator application: a seed, kept as it is when he or she comes back to that page. */
export function chooseTotp(
  account: Account,
  pending: PendingEnrolment,
  sealer: Sealer,
  randomBytes: RandomBytes,
): PendingEnrolment {
  const sealedSeed = pending.sealedSeed ?? sealer.seal(newTotpSeed(randomBytes), account.id, 'totp');
  return { ...pending, kind: 'totp', factorId: pending.factorId ?? randomUUID(), sealedSeed };
}

/** The person chose a passkey or security key. */
export function choosePasskey(pending: PendingEnrolment, randomBytes: RandomBytes): PendingEnrolment {
  const challenge = pending.challenge ?? Buffer.from(randomBytes(32)).toString('base64url');
  return { ...pending, kind: 'passkey', factorId: pending.factorId ?? randomUUID(), challenge };
}

/** The person wants to choose again; what entitles to it stays. */
export function chooseAgain({ kind: _, ...pending }: PendingEnrolment): PendingEnrolment {
  return pending;
}

/** The seed in base32, for the QR code and for typing. @throws Problem `sealed_unreadable` */
export function seedOf(account: Account, pending: PendingEnrolment, sealer: Sealer): string {
  return sealer.open(pending.sealedSeed ?? '', account.id, 'totp');
}

/** The factor that `code` proves to be in the person's hands, its step already taken (rule 4); undefined = a wrong code. */
export function proveTotp(
  account: Account,
  pending: PendingEnrolment,
  code: string,
  name: string,
  sealer: Sealer,
  now: number,
): TotpFactor | undefined {
  const { kind, factorId, sealedSeed } = pending;
  if (kind !== 'totp' || factorId === undefined || sealedSeed === undefined) return undefined;
  const step = matchTotp(sealer.open(sealedSeed, account.id, 'totp'), code, 0, now);
  return step === undefined
    ? undefined
    : { id: factorId, name, sealedSeed, lastStep: step, createdAt: now, lastUsedAt: now };
}

/** The amr values that a factor enrolled just now adds to `pwd`: it was proven by enrolling it. */
export function amrOfNewFactor(added: NewFactor): string[] {
  return [added.kind === 'totp' ? 'otp' : added.factor.keyType, 'mfa'];
}

/** Ten codes for this account: what to store, and the codes sealed for showing until they are kept. */
export function sealedRecoveryCodes(account: Account, sealer: Sealer, now: number, randomBytes: RandomBytes) {
  const { codes, stored } = newRecoveryCodes(sealer, account.id, now, randomBytes);
  return { stored, sealedCodes: sealer.seal(JSON.stringify(codes), account.id, 'recovery-codes') };
}

/** @throws Problem `sealed_unreadable` */
export function openRecoveryCodes(account: Account, sealedCodes: string, sealer: Sealer): string[] {
  return JSON.parse(sealer.open(sealedCodes, account.id, 'recovery-codes')) as string[];
}

export type AddFactorOutcome =
  | { kind: 'added'; codesStored: boolean }
  /** this very enrolment was finished before: a form sent twice */
  | { kind: 'already-added' }
  /** `proof-needed`: whatever entitled to it does no longer, or not to this */
  | { kind: 'refused'; reason: 'proof-needed' | 'full' | 'taken' };

/**
 * Rule: an active account gets a factor, with its first recovery codes, in one write that also spends the mailed code.
 * Of two tabs that enrol a first factor at once, one wins; the other must then prove that one.
 */
export function addFactor(
  account: Account,
  added: NewFactor,
  pending: PendingEnrolment,
  codes: { stored: { macs: string[]; createdAt: number } },
  context: ActingPerson,
): Decision<AddFactorOutcome> {
  const factors = factorsOf(account);
  if (factors.some(({ id }) => id === added.factor.id)) return { outcome: { kind: 'already-added' } };
  if (!isEntitled(account, pending, context.now)) return { outcome: { kind: 'refused', reason: 'proof-needed' } };
  if (factors.length >= MAX_FACTORS) return { outcome: { kind: 'refused', reason: 'full' } };
  const next = withFactor(account, added);
  if (next === undefined) return { outcome: { kind: 'refused', reason: 'taken' } };
  const codesStored = account.recoveryCodes === undefined;
  const equipped = codesStored ? withRecoveryCodes(next, codes.stored) : next;
  return {
    outcome: { kind: 'added', codesStored },
    account: pending.ticketId === undefined ? equipped : withoutTicket(equipped, pending.ticketId),
    effects: factorAddedEffects(account, added, context),
  };
}

/** Rule 7, checked where it counts: inside the write. */
function isEntitled(account: Account, pending: PendingEnrolment, now: number): boolean {
  if (account.activatedAt === undefined || !isEnrolmentAlive(account, pending, now)) return false;
  switch (pending.proof) {
    case 'existing-factor':
      return hasSecondFactor(account);
    case 'activation-session':
      return !hasSecondFactor(account);
    case 'mailed-code':
      return (
        !hasSecondFactor(account) &&
        pending.ticketId !== undefined &&
        liveTicket(account, pending.ticketId, ['first-factor'], now) !== undefined
      );
    default: // `activation` counts in the write that spends its ticket, which is another rule's
      return false;
  }
}
