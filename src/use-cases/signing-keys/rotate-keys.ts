/** Changes signing keys on request: publishes the next one, lets it sign soon, or withdraws one. */
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { SigningKeyRecord } from '../../domain/ports/signing-keys.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type SigningAlgorithm, signingAlgorithms } from '../../domain/signing-keys/signing-key.ts';
import { REREAD_MS, signerOf, stateOf } from '../../domain/signing-keys/signing-key-schedule.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';
import { type KeyStepDeps, takeKeySteps } from './take-key-steps.ts';

/**
 * how soon a key may sign: by then every node has read it, so that no node signs with a key that another does not
 * publish
 */
export const HURRY_MS = 2 * REREAD_MS;

const ATTEMPTS = 10;
/** What changing keys by hand needs besides the steps themselves. */
export type RotationDeps = KeyStepDeps & {
  randomBytes: RandomBytes;
  /** who asked for it; absent: the command */
  actor?: ChangeEntry['actor'];
};

const COMMAND = { kind: 'command' as const, id: 'keys rotate' };

const demand = ({ actor = COMMAND, ...deps }: RotationDeps, demanded: readonly SigningAlgorithm[]) =>
  takeKeySteps({ ...deps, actor }, { demanded });

/**
 * Publishes the next key of each algorithm that has none to come. It signs once it was published for long enough.
 * Returns all keys.
 */
export async function publishNext(deps: RotationDeps): Promise<SigningKeyRecord[]> {
  await demand(deps, signingAlgorithms);
  return deps.storage.signingKeys.list();
}

/** `publishNext` for somebody who may. */
export async function rotateKeys(
  actor: Actor,
  deps: Omit<RotationDeps, 'actor'>,
): Promise<{ kind: 'rotated'; keys: SigningKeyRecord[] } | { kind: 'not-found' } | { kind: 'not-allowed' }> {
  const allowed = may(actor, 'keys:write', undefined);
  if (allowed !== 'yes') return { kind: allowed === 'hidden' ? 'not-found' : 'not-allowed' };
  return { kind: 'rotated', keys: await publishNext({ ...deps, actor: auditActorOf(actor) }) };
}

/** As `publishNext`, but each next key signs in a minute at the latest. @throws Problem `lost_race` */
export async function hurryNext(deps: RotationDeps): Promise<SigningKeyRecord[]> {
  for (const alg of signingAlgorithms) await bringForward(deps, alg, HURRY_MS);
  return deps.storage.signingKeys.list();
}

/**
 * Stops publishing a key at once, after another one signs in its place. What it signed is no longer accepted.
 * @returns the keys as they are now; undefined: no published key has this id
 * @throws Problem `lost_race`
 */
export async function withdraw(deps: RotationDeps, kid: string): Promise<SigningKeyRecord[] | undefined> {
  const { signingKeys } = deps.storage;
  const keys = await signingKeys.list();
  const key = keys.find((each) => each.kid === kid);
  if (key === undefined || stateOf(key, keys, deps.now()) === 'gone') return undefined;
  if (signerOf(keys, key.alg, deps.now())?.kid === kid) await bringForward(deps, key.alg as SigningAlgorithm, 0);
  const at = deps.now();
  const change = { usedUntil: Math.min(key.usedUntil ?? at, at), removedAt: at };
  await signingKeys.update(kid, change, {}, entryOf(deps, 'withdrawn', { kid }));
  return signingKeys.list();
}

/** The next key of an algorithm, made where there is none, signs in `inMs` at the latest. */
async function bringForward(deps: RotationDeps, alg: SigningAlgorithm, inMs: number): Promise<void> {
  const { signingKeys } = deps.storage;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await demand(deps, [alg]);
    const keys = await signingKeys.list();
    const next = keys.find((key) => key.alg === alg && ['made', 'next'].includes(stateOf(key, keys, deps.now())));
    if (next === undefined) continue; // it began to sign, or was withdrawn, just now
    const usedFrom = deps.now() + inMs;
    if (next.usedFrom <= usedFrom) return;
    const expected = { usedFrom: next.usedFrom, removedAt: undefined };
    const entry = entryOf(deps, 'brought-forward', { kid: next.kid, usedFrom: new Date(usedFrom).toISOString() });
    if (await signingKeys.update(next.kid, { usedFrom }, expected, entry)) return;
    // another node set its time
  }
  throw new Problem('lost_race', 'the keys are being changed by too many at once: try again');
}

function entryOf(
  { now, randomBytes, actor = COMMAND }: RotationDeps,
  what: 'withdrawn' | 'brought-forward',
  details: { kid: string; usedFrom?: string },
): ChangeEntry {
  return { id: randomId(randomBytes), at: now(), action: `signing-key.${what}` as const, actor, details };
}
