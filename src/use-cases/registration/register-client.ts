/** An application registers itself with an initial access token (RFC 7591): what is stored is decided here, by our rules. */

import { hashClientSecret, newClientSecret } from '../../domain/clients/client-secret.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import type { InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { bearerHash, newRegistrationAccessToken } from '../../domain/registration/initial-access-token.ts';
import { readRegistration } from '../../domain/registration/registration-request.ts';
import { isOnHosts, kindOf, narrowedTo, type RegistrationTerms } from '../../domain/registration/terms.ts';
import { type FetchedLogo, fetchLogo } from '../clients/fetch-logo.ts';

export type RegisterDeps = {
  tokens: Pick<InitialAccessTokens, 'find' | 'register'>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
  /** as configured */
  approval: 'required' | 'by-token';
  pendingDays: number;
  /** why requests that use the record would be refused, in one sentence; undefined: they would not */
  judge: (record: ClientRecord) => Promise<string | undefined>;
  /** gets the logo where nobody approves, from a host of the token */
  fetch: Parameters<typeof fetchLogo>[1];
  /** called with the id of a token that is good. @throws Problem `too_many` */
  mayTry: (tokenId: string) => void;
  /** @throws Problem `too_many` if this network has stored too many bytes */
  mayStore: (bytes: number) => void;
};

/** What the application gets to know once, and what is stored. */
export type Issued = { record: ClientRecord; accessToken: string; secret?: string };
export type Registered =
  | ({ kind: 'registered' } & Issued)
  | { kind: 'refused'; faults: MetadataFault[] }
  /** unknown, revoked, expired or used up: nobody is told which */
  | { kind: 'token-not-valid' };

const DAY_MS = 86_400_000;
const ATTEMPTS = 5; // an id of 128 random bits is never taken

/** @param bearer the initial access token; undefined: none was sent */
export async function registerClient(
  body: unknown,
  bearer: string | undefined,
  deps: RegisterDeps,
): Promise<Registered> {
  const { tokens, now, randomBytes } = deps;
  const hash = bearer === undefined ? undefined : bearerHash(bearer);
  const token = hash === undefined ? undefined : await tokens.find(hash);
  if (hash === undefined || token === undefined || token.left < 1 || token.expiresAt <= now())
    return { kind: 'token-not-valid' };
  deps.mayTry(token.id);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const id = `dyn-${Buffer.from(randomBytes(16)).toString('base64url')}`;
    const read = readRegistration(body, { id, terms: token.terms });
    if ('faults' in read) return { kind: 'refused', faults: read.faults };
    const { metadata, needsSecret } = read.accepted;
    const at = now();
    const { secret, secrets } = needsSecret ? newSecret(randomBytes, at) : { secret: undefined, secrets: [] };
    const accessToken = newRegistrationAccessToken(randomBytes);
    const { organisation } = token.terms;
    const state = deps.approval === 'by-token' && token.terms.approval === 'none' ? 'approved' : 'pending';
    const terms = state === 'approved' ? narrowedTo(metadata, token.terms) : token.terms;
    const record: ClientRecord = {
      id,
      revision: 1,
      metadata,
      secrets,
      ...(state === 'pending' ? { validUntil: at + deps.pendingDays * DAY_MS } : {}),
      registration: { state, accessToken: bearerHash(accessToken), terms },
      origin: { kind: 'registration', at, token: token.id, organisation },
      createdAt: at,
      updatedAt: at,
    };
    const refusal = await deps.judge(record);
    if (refusal !== undefined) return { kind: 'refused', faults: [judged(refusal)] };
    const { logo, picture } = await logoFor(record, token.terms, deps);
    const shown: ClientRecord = logo === undefined ? record : { ...record, logo };
    deps.mayStore(Buffer.byteLength(JSON.stringify(shown)) + (picture?.length ?? 0));
    const entry: ChangeEntry = {
      id: randomId(randomBytes),
      at,
      action: 'client.registered',
      actor: { kind: 'client', id },
      client: id,
      details: { token: token.id, organisation, state },
    };
    const outcome = await tokens.register(hash, shown, now(), entry, picture);
    if (outcome === 'spent') return { kind: 'token-not-valid' };
    if (outcome === 'registered')
      return { kind: 'registered', record: shown, accessToken, ...(secret === undefined ? {} : { secret }) };
  }
  throw new Problem('lost_race', 'no client_id was free', { retryAfterSeconds: 1 });
}

/** What waits for approval gets its logo with it. Without one, letters stand in its place. */
async function logoFor(
  { metadata, registration }: ClientRecord,
  terms: RegistrationTerms,
  { fetch }: Pick<RegisterDeps, 'fetch'>,
): Promise<Partial<Extract<FetchedLogo, { logo: unknown }>>> {
  const { logo_uri: uri } = metadata;
  if (registration?.state !== 'approved' || typeof uri !== 'string') return {};
  if (!isOnHosts(uri, terms, kindOf(metadata))) return {};
  const fetched = await fetchLogo(uri, fetch);
  return 'logo' in fetched ? fetched : {};
}

export function newSecret(randomBytes: RandomBytes, now: number) {
  const secret = newClientSecret(randomBytes);
  return { secret, secrets: [{ id: randomId(randomBytes), hash: hashClientSecret(secret), createdAt: now }] };
}

export function judged(refusal: string): MetadataFault {
  return { member: '(registration)', expected: 'a registration that can be used', remedy: refusal };
}
