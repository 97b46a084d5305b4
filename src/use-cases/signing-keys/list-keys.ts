/** The signing keys, for those who may know them: never the private ones. */
import type { SigningKeyRecord, SigningKeys } from '../../domain/ports/signing-keys.ts';
import { type KeyState, NOT_YET, stateOf } from '../../domain/signing-keys/signing-key-schedule.ts';
import { type Actor, may } from '../actor.ts';

/** Times in epoch ms; absent: not set. */
export type ShownKey = Pick<
  SigningKeyRecord,
  'kid' | 'alg' | 'generation' | 'createdAt' | 'usedUntil' | 'removedAt'
> & {
  state: KeyState;
  usedFrom?: number;
};

/** By algorithm, newest first. */
export async function listKeys(
  actor: Actor,
  { signingKeys, now }: { signingKeys: Pick<SigningKeys, 'list'>; now: () => number },
): Promise<{ kind: 'listed'; keys: ShownKey[] } | { kind: 'not-found' }> {
  if (may(actor, 'keys:read', undefined) !== 'yes') return { kind: 'not-found' };
  const all = await signingKeys.list();
  const at = now();
  const keys = all.map(({ publicJwk: _, sealedPrivateJwk: __, usedFrom, ...key }) => ({
    ...key,
    ...(usedFrom === NOT_YET ? {} : { usedFrom }),
    state: stateOf(all.find(({ kid }) => kid === key.kid) as SigningKeyRecord, all, at),
  }));
  keys.sort((one, other) => one.alg.localeCompare(other.alg) || other.generation - one.generation);
  return { kind: 'listed', keys };
}
