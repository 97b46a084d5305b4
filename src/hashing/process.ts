/** A process that hashes at a lower priority, so that signing and pages do not wait behind it. */
import { randomBytes } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { hashPassword, verifyPassword, wrapForeignHash } from '../domain/passwords/password-hash.ts';

export type Work =
  | { id: number; kind: 'hash'; password: string }
  | { id: number; kind: 'verify'; stored: string | null; password: string }
  | { id: number; kind: 'wrap'; foreignHash: string };

setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {}); // Ctrl-C reaches the whole process group; the server drains first, and then disconnects
process.on('SIGTERM', () => {});
process.on('message', async (work: Work) => {
  try {
    process.send?.({ id: work.id, value: await perform(work) });
  } catch (error) {
    process.send?.({ id: work.id, error: error instanceof Error ? error.message : 'hashing failed' });
  }
});

function perform(work: Work) {
  switch (work.kind) {
    case 'hash':
      return hashPassword(work.password, randomBytes);
    case 'verify':
      return verifyPassword(work.stored ?? undefined, work.password);
    case 'wrap':
      return wrapForeignHash(work.foreignHash, randomBytes);
  }
}
