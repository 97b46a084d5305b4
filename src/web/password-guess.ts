/** Judges a typed password within its limits: what was not judged costs nothing, and a right one gives back (rule 2). */
import { setTimeout as wait } from 'node:timers/promises';
import type Koa from 'koa';
import { limits } from '../domain/rate-limits/limits.ts';
import { type PasswordGuess, type PasswordTaken, takePasswordGuess } from '../domain/rate-limits/password-guess.ts';
import type { Limiter } from '../domain/rate-limits/rate-limits.ts';
import type { Proof, ProofOutcome } from '../domain/sign-in/proof.ts';
import { noting } from './code-guess.ts';
import type { Web } from './web.ts';

/**
 * When to ask again while other tries of the same person are judged, in ms; afterwards it is refused. The hashing queue
 * takes seconds where it is full.
 */
const ASK_AGAIN_MS = [25, 50, 100, 200, 400, 800, 1600, 3200];

export type Guessed =
  | { kind: 'right'; outdated: boolean }
  | { kind: 'wrong' }
  | { kind: 'too-many'; retryAfterSeconds: number };

type Guessing = Pick<Web, 'attempts' | 'hashing' | 'now' | 'onLimitHit' | 'trace'>;

/** `wrong`: what the trace says of a password that does not match; the answer never says it (rule 1). */
type Traced = Pick<Proof, 'place' | 'client'> & { wrong: Extract<ProofOutcome, 'wrong' | 'unknown' | 'not-active'> };

/**
 * Checks `password` against `stored` (undefined: nobody has it; the work is the same). The work of an answer that a
 * limit changes is the same, too. What was judged or refused leaves its trace (rule 31).
 * @throws what `Hashing.verify` and the storage throw; the try then costs nothing
 */
export async function guessPassword(
  web: Guessing,
  ctx: Koa.Context,
  guess: PasswordGuess & Traced,
  stored: string | undefined,
  password: string,
): Promise<Guessed> {
  const { limiter, limitsHit } = noting(web);
  const { place, client, login, account, knownBrowser } = guess;
  const told = (outcome: ProofOutcome) =>
    web.trace(ctx, {
      place,
      factor: 'password',
      outcome,
      login,
      knownBrowser: knownBrowser !== undefined,
      limitsHit,
      ...(account === undefined ? {} : { account }),
      ...(client === undefined ? {} : { client }),
    });
  const taken = await takeWhenJudged(web, limiter, guess);
  if (taken.kind !== 'judge') {
    await told('limited');
    return { kind: 'too-many', retryAfterSeconds: taken.retryAfterSeconds };
  }
  const { matches, outdated } = await web.hashing
    .verify(taken.opens ? stored : undefined, password, taken.lane)
    .catch(async (error: unknown) => {
      await taken.notJudged();
      throw error;
    });
  if (matches) {
    await taken.right();
    await told('right');
    return { kind: 'right', outdated };
  }
  await taken.wrong();
  await told(taken.opens ? guess.wrong : 'limited');
  return taken.slowed === undefined ? { kind: 'wrong' } : { kind: 'too-many', ...taken.slowed };
}

/** Of ten right passwords typed at once and an eleventh, the eleventh waits for the others. */
async function takeWhenJudged(
  web: Guessing,
  limiter: Limiter,
  guess: PasswordGuess,
): Promise<Exclude<PasswordTaken, { kind: 'waiting' }>> {
  for (const askAgain of ASK_AGAIN_MS) {
    const taken = await takePasswordGuess(limiter, guess, web.now());
    if (taken.kind !== 'waiting') return taken;
    await wait(askAgain);
  }
  const retryAfterSeconds = limits.passwordPerLoginAndNetwork.windowSeconds;
  return { kind: 'refused', allowed: false, retryAfterSeconds, firstHit: false };
}
