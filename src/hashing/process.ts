/** A process that hashes at a lower priority, so that signing and pages do not wait behind it. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { hashPassword, verifyPassword, wrapForeignHash } from '../domain/passwords/password-hash.ts';
import { answerMessages } from './answer.ts';

export type Work =
  | { kind: 'hash'; password: string }
  | { kind: 'verify'; stored: string | null; password: string }
  | { kind: 'wrap'; foreignHash: string };

export type Verified = { matches: boolean; outdated: boolean; ms: number };

answerMessages(constants.priority.PRIORITY_BELOW_NORMAL, (work: Work) => {
  switch (work.kind) {
    case 'hash':
      return hashPassword(work.password, randomBytes);
    case 'verify':
      return timed(() => verifyPassword(work.stored ?? undefined, work.password));
    case 'wrap':
      return wrapForeignHash(work.foreignHash, randomBytes);
  }
});

/** `ms`: how long the work itself took, without waiting for this process. */
async function timed(verify: () => ReturnType<typeof verifyPassword>): Promise<Verified> {
  const started = performance.now();
  const { matches, outdated } = await verify();
  return { matches, outdated, ms: performance.now() - started };
}
