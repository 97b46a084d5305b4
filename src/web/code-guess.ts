/** Judges a typed code within its limits, and leaves its trace: one of the second factor, or one that was mailed. */
import type Koa from 'koa';
import type { Account } from '../domain/account/account.ts';
import { takeFactorGuess } from '../domain/rate-limits/factor-guess.ts';
import type { Limit } from '../domain/rate-limits/limits.ts';
import { givenBackUnlessJudged, takeNetworkTry } from '../domain/rate-limits/rate-limits.ts';
import { factorOfCode, type Proof, type ProofOutcome } from '../domain/sign-in/proof.ts';
import type { Evidence } from '../domain/sign-in/sign-in.ts';
import { evidenceOf } from './sign-in/factor-question.ts';
import type { Web } from './web.ts';

export type CodeGuess = Pick<Proof, 'place' | 'client'> & {
  account: Account;
  /** the sign-in or ticket in which the code is typed */
  attempt: string;
  typed: string;
  /** Called once in a window in which so many codes were wrong that somebody else must know the password. */
  onTooManyWrong?(): Promise<void>;
};

export type CodeGuessed<Refusal> =
  | { kind: 'accepted' }
  | { kind: 'refused'; refusal: Refusal | 'wrong' }
  | { kind: 'too-many'; retryAfterSeconds: number };

/**
 * Takes one guess at a TOTP or recovery code (rule 3). `accept` spends a right one, and returns why it does not:
 * `used` costs a guess as a wrong one does, the others cost nothing.
 * @throws what `accept` and the storage throw; the guess then costs nothing
 */
export async function guessCode<Refusal extends Extract<ProofOutcome, 'used' | 'changed' | 'other-account'>>(
  web: Web,
  ctx: Koa.Context,
  guess: CodeGuess,
  accept: (evidence: Evidence) => Promise<Refusal | undefined>,
): Promise<CodeGuessed<Refusal>> {
  const { account, attempt, typed, place, client, onTooManyWrong } = guess;
  const { limiter, limitsHit } = noting(web);
  const knownBrowser = web.knownBrowsers.knownTo(ctx, account);
  const told = (outcome: ProofOutcome) =>
    web.trace(ctx, {
      place,
      factor: factorOfCode(typed),
      outcome,
      account: account.id,
      knownBrowser: knownBrowser !== undefined,
      limitsHit,
      ...(client === undefined ? {} : { client }),
    });
  const taken = await takeFactorGuess(
    limiter,
    {
      accountId: account.id,
      network: web.network(ctx),
      attempt,
      ...(knownBrowser === undefined ? {} : { knownBrowser }),
    },
    web.now(),
  );
  if (!taken.allowed) {
    if (taken.tellOwner) await onTooManyWrong?.();
    await told('limited');
    return { kind: 'too-many', retryAfterSeconds: taken.retryAfterSeconds };
  }
  const wrong = async () => {
    if ((await taken.wrong()).tellOwner) await onTooManyWrong?.();
  };
  const evidence = evidenceOf(web, account, typed);
  if (evidence === undefined) {
    await wrong();
    await told('wrong');
    return { kind: 'refused', refusal: 'wrong' };
  }
  let refusal: Refusal | undefined;
  try {
    refusal = await accept(evidence);
  } catch (error) {
    await taken.notJudged();
    throw error;
  }
  if (refusal === undefined) {
    await taken.right();
    await told('right');
    return { kind: 'accepted' };
  }
  await (refusal === 'used' ? wrong() : taken.notJudged());
  await told(refusal);
  return { kind: 'refused', refusal };
}

/**
 * Takes one guess at a code that was mailed, or that the service desk gave, beside the ten tries that each has. `judge` tries it, and says of what it
 * found which outcome it is.
 * @returns undefined if the network tried too many
 * @throws what `judge` and the storage throw; the guess then costs the network nothing
 */
export async function guessMailedCode<Found>(
  web: Web,
  ctx: Koa.Context,
  guess: Pick<Proof, 'place' | 'login' | 'account' | 'client'> & { factor?: 'mailed-code' | 'desk-pass' },
  judge: () => Promise<{ outcome: ProofOutcome; found: Found }>,
): Promise<{ found: Found } | undefined> {
  const { limiter, limitsHit } = noting(web);
  const told = (outcome: ProofOutcome) => web.trace(ctx, { factor: 'mailed-code', ...guess, outcome, limitsHit });
  const taken = await takeNetworkTry(limiter, 'codesPerNetwork', web.network(ctx), web.now());
  if (!taken.allowed) {
    await told('limited');
    return undefined;
  }
  const { outcome, found } = await givenBackUnlessJudged(taken, judge);
  if (outcome === 'right') await taken.giveBack();
  await told(outcome);
  return { found };
}

/** A limiter that also collects the limits that are first reached. */
export function noting(web: Pick<Web, 'attempts' | 'onLimitHit'>) {
  const limitsHit: Limit[] = [];
  const limiter = {
    attempts: web.attempts,
    onLimitHit(hit: Parameters<Web['onLimitHit']>[0]) {
      limitsHit.push(hit.limit);
      web.onLimitHit(hit);
    },
  };
  return { limiter, limitsHit };
}
