/** Values made once for an installation and kept for good, sealed under its secret: whatever must outlive a change of secret. */
import { randomBytes } from 'node:crypto';
import type { Values } from '../ports/values.ts';
import { type Sealer, sealerUnder } from './sealer.ts';

const LASTING_KEY = 'lasting-key';
export const PAIRWISE_SALT = 'pairwise-salt';
/** every such value; the owner it is sealed for is `values`, the field its name */
export const lastingValues = [LASTING_KEY, PAIRWISE_SALT] as const;
export const VALUES_OWNER = 'values';

/** 32 random bytes of that name; of nodes that ask at the same moment, one makes them. @throws Problem `sealed_unreadable` */
export async function madeOnce(
  values: Pick<Values, 'get' | 'getOrInsert'>,
  sealer: Pick<Sealer, 'seal' | 'open'>,
  name: (typeof lastingValues)[number],
): Promise<Buffer> {
  const stored = (await values.get(name)) ?? (await values.getOrInsert(name, freshValue(sealer, name)));
  return Buffer.from(sealer.open(stored, VALUES_OWNER, name), 'base64url');
}

function freshValue(sealer: Pick<Sealer, 'seal'>, name: string): string {
  return sealer.seal(randomBytes(32).toString('base64url'), VALUES_OWNER, name);
}

/**
 * The sealer of an installation: seals under its secret, opens under any that is given, and keeps what can be neither
 * opened nor made anew (MACs of codes, values in the audit log) under the lasting key.
 */
export async function openSealer(
  secrets: { secret: string; previousSecret?: string; nextSecret?: string },
  values: Pick<Values, 'get' | 'getOrInsert'>,
): Promise<Sealer> {
  const { secret, previousSecret, nextSecret } = secrets;
  const all = [secret, previousSecret, nextSecret].filter((each) => each !== undefined);
  return sealerUnder(all, await madeOnce(values, sealerUnder(all, undefined), LASTING_KEY));
}
