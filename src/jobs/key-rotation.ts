/**
 * Publishes, schedules, retires and deletes signing keys as their time comes, on one node at a time. Nothing rests on the
 * lease: whoever wakes late finds that each of its steps was done, or does it no sooner than it may be done.
 */
import type { SigningKeyRecord, Storage } from '../domain/ports.ts';
import type { Sealer } from '../domain/sealed.ts';
import { newSigningKey, type SigningAlgorithm } from '../domain/signing-key.ts';
import { type KeySchedule, type KeyStep, NOT_YET, nextSteps } from '../domain/signing-key-schedule.ts';

const LEASE_MS = 60_000;
const ROUNDS = 5; // made, then scheduled, is two; more are for what others change meanwhile

export type KeyRotationDeps = KeyStepDeps & { storage: Pick<Storage, 'leases'>; holder: string };
export type KeyStepDeps = {
  storage: Pick<Storage, 'signingKeys' | 'auditLog'>;
  sealer: Sealer;
  schedule: KeySchedule;
  now: () => number;
  /** how a key is made; another in tests, because an RSA key takes a while */
  makeKey?: typeof newSigningKey;
};

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

type Actor = { kind: 'system' | 'command'; id?: string };

/** Round after round until nothing is left to do; `demanded`: algorithms of which the next key is wanted now. */
export async function takeKeySteps(
  deps: KeyStepDeps & { actor: Actor },
  { demanded = [], goOn = () => true }: { demanded?: readonly SigningAlgorithm[]; goOn?: () => boolean } = {},
): Promise<number> {
  const { storage, schedule, now } = deps;
  let done = 0;
  for (let round = 0; round < ROUNDS && goOn(); round += 1) {
    const keys = await storage.signingKeys.list();
    const steps = nextSteps(keys, schedule, now(), demanded); // the clock after the keys: see nextSteps
    if (steps.length === 0) break;
    for (const step of steps) if (goOn() && (await take(step, deps))) done += 1;
  }
  return done;
}

/** Whether it was this caller who did it. */
async function take(
  step: KeyStep,
  { storage, sealer, now, actor, makeKey = newSigningKey }: Omit<KeyStepDeps, 'schedule'> & { actor: Actor },
): Promise<boolean> {
  const { signingKeys, auditLog } = storage;
  const audit = (what: string, kid: string, details: Record<string, string> = {}) => {
    const action = `signing-key.${what}`;
    return auditLog.append({ id: `${action}:${kid}`, at: now(), action, actor, details: { kid, ...details } });
  };
  switch (step.kind) {
    case 'make': {
      const { alg, generation } = step;
      const key = await makeKey(alg, generation, sealer, { createdAt: now(), usedFrom: NOT_YET });
      if (!(await signingKeys.insert(key))) return false;
      await audit('published', key.kid, { alg });
      return true;
    }
    case 'change': {
      const { kid, change, expected, why } = step;
      if (!(await signingKeys.update(kid, change, expected))) return false;
      await audit(why === 'schedule' ? 'scheduled' : 'retired', kid, datesOf(change));
      return true;
    }
    case 'delete':
      if (!(await signingKeys.remove(step.kid))) return false;
      await audit('deleted', step.kid);
      return true;
    default:
      return step satisfies never;
  }
}

function datesOf(change: Partial<SigningKeyRecord>): Record<string, string> {
  const { usedFrom, usedUntil, removedAt } = change;
  const times = Object.entries({ usedFrom, usedUntil, removedAt });
  return Object.fromEntries(
    times.flatMap(([name, at]) => (at === undefined ? [] : [[name, new Date(at).toISOString()]])),
  );
}
