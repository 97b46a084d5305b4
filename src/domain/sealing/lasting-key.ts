/**
 * Values made once for an installation, sealed under its secret, and kept for good: what must outlive a change of
 * secret.
 */
import type { Values } from '../ports/values.ts';
import type { RandomBytes } from '../random.ts';
import { createSealer, type Sealer } from './sealer.ts';

const LASTING_KEY = 'lasting-key';
export const PAIRWISE_SALT = 'pairwise-salt';
/** all such values; each is sealed for owner `VALUES_OWNER` and its name as field */
export const lastingValues = [LASTING_KEY, PAIRWISE_SALT] as const;
export const VALUES_OWNER = 'values';

/**
 * The 32 random bytes of that name, made at the first call; if nodes ask at the same moment, one makes them.
 * @throws Problem `sealed_unreadable`
 */
export async function madeOnce(
  values: Pick<Values, 'get' | 'getOrInsert'>,
  sealer: Pick<Sealer, 'seal' | 'open'>,
  name: (typeof lastingValues)[number],
  randomBytes: RandomBytes,
): Promise<Buffer> {
  const stored = (await values.get(name)) ?? (await values.getOrInsert(name, freshValue(sealer, name, randomBytes)));
  return Buffer.from(sealer.open(stored, VALUES_OWNER, name), 'base64url');
}

function freshValue(sealer: Pick<Sealer, 'seal'>, name: string, randomBytes: RandomBytes): string {
  return sealer.seal(Buffer.from(randomBytes(32)).toString('base64url'), VALUES_OWNER, name);
}

/** PEDEL_SECRET, and while it is being changed the one before or after it. */
export type ConfiguredSecrets = { secret: string; previousSecret?: string; nextSecret?: string };

/** In the order in which they are tried; the first one seals. */
export function allOf({ secret, previousSecret, nextSecret }: ConfiguredSecrets): string[] {
  return [secret, previousSecret, nextSecret].filter((each) => each !== undefined);
}

/**
 * The sealer of an installation. It seals under `secret` and opens under any of the three. What cannot be sealed again
 * (MACs of codes, values in the audit log) is under the lasting key.
 * @throws Problem `sealed_unreadable` where none of the secrets opens the lasting key
 */
export async function openSealer(
  secrets: ConfiguredSecrets,
  values: Pick<Values, 'get' | 'getOrInsert'>,
  randomBytes: RandomBytes,
): Promise<Sealer> {
  const all = allOf(secrets);
  const first = createSealer({ secrets: all }, randomBytes);
  const lastingKey = await madeOnce(values, first, LASTING_KEY, randomBytes);
  return createSealer({ secrets: all, lastingKey }, randomBytes);
}

/**
 * Stores nothing; a value that is not there yet is under any secret.
 * @throws Problem `sealed_unreadable` where none of the secrets opens what the installation has sealed
 */
export async function requireSecrets(
  secrets: ConfiguredSecrets,
  values: Pick<Values, 'get'>,
  randomBytes: RandomBytes,
): Promise<void> {
  const sealer = createSealer({ secrets: allOf(secrets) }, randomBytes);
  for (const name of lastingValues) {
    const stored = await values.get(name);
    if (stored !== undefined) sealer.open(stored, VALUES_OWNER, name);
  }
}
