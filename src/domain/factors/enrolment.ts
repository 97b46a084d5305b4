/** Enrolling a second factor: decides who may (rule 7), which step comes next, and adds it in one write. */
import { type Account, type Decision, hasSecondFactor } from '../account/account.ts';
import { withProvenAddress } from '../account/proven-addresses.ts';
import { type RandomBytes, randomId } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { isRecent } from '../sign-in/step-up.ts';
import { liveTicket, withoutTicket } from '../tickets/ticket.ts';
import {
  type ActingPerson,
  endOtherSessions,
  factorAddedEffects,
  factorsOf,
  MAX_FACTORS,
  type NewFactor,
  withFactor,
  withRecoveryCodes,
} from './factor.ts';
import type { TotpFactor } from './factor-records.ts';
import type { EnrolmentProof, PendingEnrolment } from './pending-enrolment.ts';
import { newRecoveryCodes } from './recovery-code.ts';
import { finishedRecovery, isRipe, recoveryOf } from './slow-recovery.ts';
import { matchTotp, newTotpSeed } from './totp.ts';

export type EnrolmentStep = 'send-code' | 'verify' | 'choose' | 'totp' | 'passkey' | 'codes';

const PENDING_SECONDS = 60 * 60; // as long as an interaction: installing an app takes time
const YOUNG_SESSION_SECONDS = 60 * 60;

/** A new enrolment. Without `proof` a code must be mailed and typed first. `now`: epoch ms. */
export function beginEnrolment(account: Account, proof: EnrolmentProof | undefined, now: number): PendingEnrolment {
  const { id: accountId, credentialsEpoch: epoch } = account;
  return { accountId, epoch, since: now, ...(proof === undefined ? {} : { proof }) };
}

/** The step that comes next. */
export function enrolmentStep(pending: PendingEnrolment): EnrolmentStep {
  if (pending.sealedCodes !== undefined) return 'codes';
  if (pending.proof === undefined) return pending.codeSentTo === undefined ? 'send-code' : 'verify';
  return pending.kind ?? 'choose';
}

/**
 * Whether the enrolment can still be finished: by the same person, within an hour, in the same epoch. `now`: epoch ms.
 */
export function isEnrolmentAlive(account: Account, pending: PendingEnrolment, now: number): boolean {
  const ours = pending.accountId === account.id && pending.epoch === account.credentialsEpoch;
  return ours && now < pending.since + PENDING_SECONDS * 1000;
}

/**
 * What a session proves by itself (rule 7). Undefined: not enough; prove a factor, or have a code mailed if there is
 * none.
 * @param session `authTime` in epoch seconds; `multiFactor`: its `amr` holds two different factors; `activatedAt`:
 *   epoch ms of the activation that opened this session, which only an activation puts there
 * @param now epoch ms
 */
export function proofOfSession(
  account: Account,
  session: { authTime: number; multiFactor: boolean; activatedAt?: number },
  now: number,
): EnrolmentProof | undefined {
  if (hasSecondFactor(account)) {
    return session.multiFactor && isRecent(session.authTime, now) ? 'existing-factor' : undefined;
  }
  const { activatedAt } = account;
  if (activatedAt === undefined || session.activatedAt !== activatedAt) return undefined;
  return now <= activatedAt + YOUNG_SESSION_SECONDS * 1000 ? 'activation-session' : undefined;
}

/**
 * The person chose an authenticator app. Makes a seed, or keeps the one there is, because it may be in the app already.
 */
export function chooseTotp(
  account: Account,
  pending: PendingEnrolment,
  sealer: Sealer,
  randomBytes: RandomBytes,
): PendingEnrolment {
  const sealedSeed = pending.sealedSeed ?? sealer.seal(newTotpSeed(randomBytes), account.id, 'totp');
  return { ...pending, kind: 'totp', factorId: pending.factorId ?? randomId(randomBytes), sealedSeed };
}

/** The person chose a passkey or security key. Makes a challenge of 32 bytes, or keeps the one there is. */
export function choosePasskey(pending: PendingEnrolment, randomBytes: RandomBytes): PendingEnrolment {
  const challenge = pending.challenge ?? Buffer.from(randomBytes(32)).toString('base64url');
  return { ...pending, kind: 'passkey', factorId: pending.factorId ?? randomId(randomBytes), challenge };
}

/** Back to the choice of a kind; the proof stays. */
export function chooseAgain({ kind: _, ...pending }: PendingEnrolment): PendingEnrolment {
  return pending;
}

/** The TOTP seed in base32, for the QR code and for typing. @throws Problem `sealed_unreadable` */
export function seedOf(account: Account, pending: PendingEnrolment, sealer: Sealer): string {
  return sealer.open(pending.sealedSeed ?? '', account.id, 'totp');
}

/**
 * The factor to add, with the time step of `code` already taken (rule 4). Undefined: the code is wrong. `now`: epoch ms.
 * @throws Problem `sealed_unreadable`
 */
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

/** The `amr` values (RFC 8176) that a factor adds to `pwd` when it was enrolled just now, which proved it. */
export function amrOfNewFactor(added: NewFactor): string[] {
  return [added.kind === 'totp' ? 'otp' : added.factor.keyType, 'mfa'];
}

/**
 * Ten new recovery codes: `stored` goes into the account, `sealedCodes` is shown until the person has kept them. `now`:
 * epoch ms.
 */
export function sealedRecoveryCodes(account: Account, sealer: Sealer, now: number, randomBytes: RandomBytes) {
  const { codes, stored } = newRecoveryCodes(sealer, account.id, now, randomBytes);
  return { stored, sealedCodes: sealer.seal(JSON.stringify(codes), account.id, 'recovery-codes') };
}

/** The codes of `sealedRecoveryCodes`. @throws Problem `sealed_unreadable` */
export function openRecoveryCodes(account: Account, sealedCodes: string, sealer: Sealer): string[] {
  return JSON.parse(sealer.open(sealedCodes, account.id, 'recovery-codes')) as string[];
}

export type AddFactorOutcome =
  | { kind: 'added'; codesStored: boolean }
  /** this enrolment was finished before: the form was sent twice */
  | { kind: 'already-added' }
  /**
   * `proof-needed`: the proof no longer holds; `full`: ten factors are the most; `taken`: the passkey is there already
   */
  | { kind: 'refused'; reason: 'proof-needed' | 'full' | 'taken' };

/**
 * Rule: adds a factor to an active account, and recovery codes if it has none, in one write that also spends the mailed
 * code. If two tabs enrol a first factor at once, one wins and the other must prove that factor. The first factor raises
 * the epoch and ends all other sessions, so that nobody who knew only the password goes on (rule 7); so does one that a desk pass
 * or a slow recovery opened, which takes the place of all earlier ones (rule 9): the caller renews
 * the session of `context.sessionUid` and remembers its browser anew.
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
  if (!isEntitled(account, pending, context)) return { outcome: { kind: 'refused', reason: 'proof-needed' } };
  const replaces = pending.proof === 'desk-pass' || pending.proof === 'slow-recovery';
  const kept = replaces ? withoutFactors(account) : account;
  if (factorsOf(kept).length >= MAX_FACTORS) return { outcome: { kind: 'refused', reason: 'full' } };
  const next = withFactor(kept, added);
  if (next === undefined) return { outcome: { kind: 'refused', reason: 'taken' } };
  const codesStored = kept.recoveryCodes === undefined;
  const equipped = codesStored ? withRecoveryCodes(next, codes.stored) : next;
  const { ticketId } = pending;
  const spent = ticketId === undefined ? equipped : withoutTicket(withProvenAddress(equipped, ticketId), ticketId);
  const effects = factorAddedEffects(account, added, context);
  if (hasSecondFactor(kept)) return { outcome: { kind: 'added', codesStored }, account: spent, effects };
  const epoch = account.credentialsEpoch + 1;
  return {
    outcome: { kind: 'added', codesStored },
    account: { ...finishedRecovery(spent), credentialsEpoch: epoch },
    effects: [endOtherSessions('a second factor was set up', epoch, context), ...effects],
  };
}

/** A desk pass or a slow recovery replaces what was lost: whoever found it, or stole it, opens nothing with it. */
function withoutFactors({ recoveryCodes: _, ...account }: Account): Account {
  return { ...account, totps: [], passkeys: [] };
}

/** Rule 7, checked inside the write, so that nothing can change in between. */
function isEntitled(account: Account, pending: PendingEnrolment, context: ActingPerson): boolean {
  const { now } = context;
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
    case 'desk-pass':
      return pending.ticketId !== undefined && liveTicket(account, pending.ticketId, ['desk-pass'], now) !== undefined;
    case 'slow-recovery': {
      const recovery = recoveryOf(account, context);
      const ripe = recovery !== undefined && isRipe(recovery, now);
      return (
        ripe && pending.ticketId !== undefined && liveTicket(account, pending.ticketId, ['recovery'], now) !== undefined
      );
    }
    default: // `activation` holds only in the write that spends its ticket (`activate`)
      return false;
  }
}
