/**
 * Carries out the steps of the key schedule that are due, each as one compare-and-set write, so that two nodes never do
 * the same one.
 */
import type { AuditDetails } from '../../domain/audit/audit-entry.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { SigningKeyRecord } from '../../domain/ports/signing-keys.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { type MakeKey, newSigningKey, type SigningAlgorithm } from '../../domain/signing-keys/signing-key.ts';
import { type KeySchedule, type KeyStep, NOT_YET, nextSteps } from '../../domain/signing-keys/signing-key-schedule.ts';

const ROUNDS = 5; // making and scheduling a key takes two; the rest is for what other nodes change meanwhile

export type KeyStepDeps = {
  storage: Pick<Storage, 'signingKeys'>;
  sealer: Sealer;
  schedule: KeySchedule;
  /** epoch ms */
  now: () => number;
  /** replaced in tests, because making an RSA key is slow */
  makeKey?: MakeKey;
};

type Actor = ChangeEntry['actor'];

/**
 * Carries out steps until none is due, and returns how many this caller did.
 * @param options `demanded`: algorithms whose next key is wanted now; `goOn`: asked before each step
 */
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

type StepAction = `signing-key.${'published' | 'scheduled' | 'retired' | 'deleted'}`;

/** True: this caller did it; false: another node was first. */
async function take(
  step: KeyStep,
  { storage, sealer, now, actor, makeKey = newSigningKey }: Omit<KeyStepDeps, 'schedule'> & { actor: Actor },
): Promise<boolean> {
  const { signingKeys } = storage;
  const entryOf = <Action extends StepAction>(action: Action, details: AuditDetails[Action]) =>
    ({ id: `${action}:${details.kid}`, at: now(), action, actor, details }) as ChangeEntry;
  switch (step.kind) {
    case 'make': {
      const { alg, generation } = step;
      const key = await makeKey(alg, generation, sealer, { createdAt: now(), usedFrom: NOT_YET });
      return signingKeys.insert(key, entryOf('signing-key.published', { kid: key.kid, alg }));
    }
    case 'change': {
      const { kid, change, expected, why } = step;
      const action = why === 'schedule' ? 'signing-key.scheduled' : 'signing-key.retired';
      return signingKeys.update(kid, change, expected, entryOf(action, { kid, ...datesOf(change) }));
    }
    case 'delete':
      return signingKeys.remove(step.kid, entryOf('signing-key.deleted', { kid: step.kid }));
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
