/**
 * Rotates signing keys: publishes, schedules, retires and deletes them when due, on one node at a time. It does not
 * rely on the lease: a node that wakes late finds each step done, or does it no sooner than allowed.
 */
import type { Storage } from '../domain/ports/storage.ts';
import { type KeyStepDeps, takeKeySteps } from '../use-cases/signing-keys/take-key-steps.ts';

const LEASE_MS = 60_000;

export type KeyRotationDeps = KeyStepDeps & { storage: Pick<Storage, 'leases'>; holder: string };

/** Does the steps that are due. @returns how many this node did; undefined if another node holds the lease */
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
