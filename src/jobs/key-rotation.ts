/**
 * Publishes, schedules, retires and deletes signing keys as their time comes, on one node at a time. Nothing rests on the
 * lease: a node that wakes late finds each of its steps done, or does it no sooner than it may be done.
 */
import type { Storage } from '../domain/ports/storage.ts';
import { type KeyStepDeps, takeKeySteps } from '../use-cases/signing-keys/take-key-steps.ts';

const LEASE_MS = 60_000;

export type KeyRotationDeps = KeyStepDeps & { storage: Pick<Storage, 'leases'>; holder: string };

/** What is due by now. @returns how many steps this node did; undefined where another node is at it */
export async function rotateKeys(deps: KeyRotationDeps, goOn: () => boolean = () => true): Promise<number | undefined> {
  const { storage, holder, now } = deps;
  const startedAt = now();
  const token = await storage.leases.acquire('key-rotation', holder, startedAt + LEASE_MS, startedAt);
  if (token === undefined) return undefined;
  try {
    return await takeKeySteps({ ...deps, actor: { kind: 'system' } }, { goOn });
  } finally {
    await storage.leases.release('key-rotation', holder);
  }
}
