/** Judges a typed password within its limits: what was not judged costs nothing, and a right one gives back (rule 2). */
import { setTimeout as wait } from 'node:timers/promises';
import type Koa from 'koa';
import { limits } from '../domain/rate-limits/limits.ts';
import {
  type PasswordGuess,
  type PasswordLimiter,
  type PasswordTaken,
  takePasswordGuess,
} from '../domain/rate-limits/password-guess.ts';
import type { Proof, ProofOutcome } from '../domain/sign-in/proof.ts';
import { tellPasswordGuessed } from '../domain/sign-in/sign-in.ts';
import { noting } from './code-guess.ts';
import type { Web } from './web.ts';

/** How long a try waits while others of the same person are judged, in ms; afterwards it is refused. */
const HELD_MS = 6000;
/** Whoever is guessed at for weeks hears of it once a week. */
const TOLD_AGAIN_MS = 7 * 24 * 60 * 60 * 1000;

export type Guessed =
  /** `givenBack`: to be waited for before the answer, beside what is written meanwhile */
  | { kind: 'right'; outdated: boolean; givenBack: Promise<void> }
  | { kind: 'wrong' }
  | { kind: 'too-many'; retryAfterSeconds: number };

type Guessing = Pick<
  Web,
  'acting' | 'attempts' | 'counting' | 'hashing' | 'log' | 'now' | 'onLimitHit' | 'trace' | 'update'
>;

/** `wrong`: what the trace says of a password that does not match; the answer never says it (rule 1). */
type Traced = Pick<Proof, 'place' | 'client'> & { wrong: Extract<ProofOutcome, 'wrong' | 'unknown' | 'not-active'> };

/**
 * Checks `password` against `stored` (undefined: nobody has it; the work is the same). The work of an answer that a
 * limit changes is the same, too. What was judged or refused leaves its trace (rule 31).
 * @throws what `Hashing.verify` and the storage throw; a try that was not judged costs nothing
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
  const taken = await takeWhenJudged({ ...limiter, ...web.counting }, guess, web.now);
  const told = (outcome: ProofOutcome) =>
    web.trace(
      ctx,
      {
        place,
        factor: 'password',
        outcome,
        login,
        knownBrowser: knownBrowser !== undefined,
        limitsHit,
        ...(account === undefined ? {} : { account }),
        ...(client === undefined ? {} : { client }),
      },
      taken.kind === 'judge' ? taken.counters : web.attempts,
    );
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
  const right = matches ? await taken.right() : undefined;
  if (right?.opens === true) {
    const { givenBack } = right;
    await told('right');
    return { kind: 'right', outdated, givenBack };
  }
  await Promise.all([taken.wrong(), told(taken.opens && !matches ? guess.wrong : 'limited')]); // in one commit
  if (taken.closedNow && account !== undefined) tellOwner(web, ctx, account);
  return taken.slowed === undefined ? { kind: 'wrong' } : { kind: 'too-many', ...taken.slowed };
}

/** Of ten right passwords typed at once and an eleventh, the eleventh waits for the others. */
async function takeWhenJudged(
  limiter: PasswordLimiter,
  guess: PasswordGuess,
  now: () => number,
): Promise<Exclude<PasswordTaken, { kind: 'waiting' }>> {
  const until = performance.now() + HELD_MS;
  for (let left = HELD_MS; left > 0; left = until - performance.now()) {
    const taken = await takePasswordGuess(limiter, guess, now());
    if (taken.kind !== 'waiting') return taken;
    const patience = new AbortController();
    const over = wait(left, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([taken.ended, over]);
    taken.leave();
    patience.abort();
  }
  const retryAfterSeconds = limits.passwordPerLoginAndNetwork.windowSeconds;
  return { kind: 'refused', allowed: false, retryAfterSeconds, firstHit: false };
}

/** In the background: an answer for an account is not to take longer than one for none (rule 1). */
function tellOwner(web: Guessing, ctx: Koa.Context, accountId: string): void {
  const acting = web.acting(ctx);
  const now = web.now();
  async function tell(): Promise<void> {
    if ((await web.attempts.take(`told of guesses ${accountId}`, now + TOLD_AGAIN_MS, now)) > 1) return;
    await web.update(accountId, (account) => tellPasswordGuessed(account, acting));
  }
  tell().catch((err: unknown) => web.log.error({ err, accountId }, 'the owner could not be told of guesses'));
}
