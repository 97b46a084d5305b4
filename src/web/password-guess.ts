/** Judges a typed password within its limits: what was not judged costs nothing, and a right one gives back (rule 2). */
import { setTimeout as wait } from 'node:timers/promises';
import { limits } from '../domain/rate-limits/limits.ts';
import { type PasswordGuess, type PasswordTaken, takePasswordGuess } from '../domain/rate-limits/password-guess.ts';
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

type Guessing = Pick<Web, 'attempts' | 'hashing' | 'now' | 'onLimitHit'>;

/**
 * Checks `password` against `stored` (undefined: nobody has it; the work is the same). The work of an answer that a
 * limit changes is the same, too.
 * @throws what `Hashing.verify` and the storage throw; the try then costs nothing
 */
export async function guessPassword(
  web: Guessing,
  guess: PasswordGuess,
  stored: string | undefined,
  password: string,
): Promise<Guessed> {
  const taken = await takeWhenJudged(web, guess);
  if (taken.kind !== 'judge') return { kind: 'too-many', retryAfterSeconds: taken.retryAfterSeconds };
  const { matches, outdated } = await web.hashing
    .verify(taken.opens ? stored : undefined, password, taken.lane)
    .catch(async (error: unknown) => {
      await taken.notJudged();
      throw error;
    });
  if (matches) {
    await taken.right();
    return { kind: 'right', outdated };
  }
  await taken.wrong();
  return taken.slowed === undefined ? { kind: 'wrong' } : { kind: 'too-many', ...taken.slowed };
}

/** Of ten right passwords typed at once and an eleventh, the eleventh waits for the others. */
async function takeWhenJudged(
  web: Guessing,
  guess: PasswordGuess,
): Promise<Exclude<PasswordTaken, { kind: 'waiting' }>> {
  for (const askAgain of ASK_AGAIN_MS) {
    const taken = await takePasswordGuess(web, guess, web.now());
    if (taken.kind !== 'waiting') return taken;
    await wait(askAgain);
  }
  const retryAfterSeconds = limits.passwordPerLoginAndNetwork.windowSeconds;
  return { kind: 'refused', allowed: false, retryAfterSeconds, firstHit: false };
}
