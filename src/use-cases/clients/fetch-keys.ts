/** Looks at the keys that an application publishes (`jwks_uri`), when somebody names the address: what will be found there at its sign-ins. */
import {
  isPrivate,
  PRIVATE_REMEDY,
  type PublicKey,
  sharedKid,
  unusableFor,
  weaknessOf,
} from '../../domain/clients/keys/client-keys.ts';

/** `fault`: why it could not sign in by them, in words that continue "jwks_uri: ". */
export type FetchedKeys = { keys: PublicKey[] } | { fault: string };

/** The part of the global `fetch` that is used. It follows no redirect. */
type Fetch = (uri: string, init: { headers: Record<string, string> }) => Promise<Response>;

/** As `fetchKeys`, with the guarded fetch of whoever registers it. */
export type FetchKeys = (uri: string) => Promise<FetchedKeys>;

/** For whoever names the address, in a sentence; none: its keys can be used, or nobody looks. */
export async function keysWarning(
  { jwks_uri: uri }: { jwks_uri?: unknown },
  fetch: FetchKeys | undefined,
): Promise<string[]> {
  if (typeof uri !== 'string' || fetch === undefined) return [];
  const found = await fetch(uri);
  return 'fault' in found ? [`jwks_uri: ${found.fault}. Until it gives keys, nothing that they sign is accepted`] : [];
}

/** Never rejects: an address that answers tomorrow is no fault of a registration of today. */
export async function fetchKeys(uri: string, fetch: Fetch): Promise<FetchedKeys> {
  let body: unknown;
  try {
    const response = await fetch(uri, { headers: { accept: 'application/jwk-set+json, application/json' } });
    const { status } = response;
    if (status >= 300 && status < 400)
      return { fault: `it leads to another address (${status}); name that address instead` };
    if (status !== 200) return { fault: `the answer was ${status}` };
    body = JSON.parse(await response.text());
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    if (name === 'TimeoutError') return { fault: 'no answer came in time' };
    if (name === 'SyntaxError') return { fault: 'the answer is no JSON' };
    return { fault: message === '' ? (code ?? name) : message };
  }
  return keysIn(body);
}

function keysIn(body: unknown): FetchedKeys {
  const { keys: found } = (body ?? {}) as { keys?: unknown };
  if (!Array.isArray(found)) return { fault: 'the answer is no JWK set: { "keys": [ … ] } (RFC 7517)' };
  const all = found.filter((key): key is PublicKey => typeof key?.kty === 'string');
  if (all.some(isPrivate)) return { fault: PRIVATE_REMEDY };
  const keys = all.filter((key) => unusableFor(key) === undefined);
  const [first] = keys;
  if (first === undefined) return { fault: 'none of its keys is for signing here' };
  const weakness = keys.map(weaknessOf).find((each) => each !== undefined);
  if (weakness !== undefined) return { fault: weakness };
  const twice = sharedKid(keys);
  return twice === undefined ? { keys } : { fault: `give each key a kid of its own: "${twice}" is there twice` };
}
