/**
 * TOTP (RFC 6238: SHA-1, 6 digits, steps of 30 s, unless a source brought a seed with others): accepts one step before and after,
 * and each step at most once (rule 4).
 */
import { generateURI, ScureBase32Plugin, verifySync } from 'otplib';
import type { Account } from '../account/account.ts';
import type { RandomBytes } from '../random.ts';
import type { TotpSettings } from './factor-records.ts';

const STEP_SECONDS = 30;
const SEED_BYTES = 20; // 160 bits, RFC 4226 section 4 R6

/** A new seed of 160 bits in base32, as authenticator apps take it. */
export function newTotpSeed(randomBytes: RandomBytes): string {
  return totpSeedOf(randomBytes(SEED_BYTES));
}

/** These bytes in base32, without padding. */
export function totpSeedOf(bytes: Uint8Array): string {
  return new ScureBase32Plugin().encode(Uint8Array.from(bytes)).replace(/=+$/, '');
}

/** The time step at `now` (epoch ms). */
export function totpStep(now: number, { period }: TotpSettings = {}): number {
  return Math.floor(now / 1000 / (period ?? STEP_SECONDS));
}

/** `otpauth://…` for the QR code; the app shows `label` (the user number). */
export function totpUri(seed: string, issuerName: string, label: string): string {
  return generateURI({ issuer: issuerName, label, secret: seed });
}

/**
 * The time step that `typed` belongs to at `now` (epoch ms), if it is later than `lastStep`. Undefined: refuse the code.
 * The caller's rule stores the step in the write that accepts it, so that of parallel uses of one code one wins.
 */
export function matchTotp(
  seed: string,
  typed: string,
  lastStep: number,
  now: number,
  settings: TotpSettings = {},
): number | undefined {
  const { algorithm, digits, period } = {
    algorithm: 'sha1' as const,
    digits: 6 as const,
    period: STEP_SECONDS,
    ...settings,
  };
  const token = typed.normalize('NFKC').replace(/[\s-]/g, '');
  if (!/^\d+$/.test(token) || token.length !== digits) return undefined;
  const epoch = Math.floor(now / 1000);
  const latest = totpStep(now, settings) + 1;
  if (lastStep >= latest) return undefined;
  const result = verifySync({
    secret: seed,
    token,
    epoch,
    epochTolerance: period,
    algorithm,
    digits,
    period,
    afterTimeStep: Math.max(lastStep, 0),
  });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}

/**
 * The account with that step taken. Undefined: the factor is gone, or this step or a later one was taken before. `now`:
 * epoch ms.
 */
export function withTotpStep(account: Account, factorId: string, step: number, now: number): Account | undefined {
  const factor = account.totps.find(({ id }) => id === factorId);
  if (factor === undefined || factor.lastStep >= step) return undefined;
  const totps = account.totps.map((each) => (each === factor ? { ...each, lastStep: step, lastUsedAt: now } : each));
  return { ...account, totps };
}
