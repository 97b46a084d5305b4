/** An application that registered itself reads, changes and deletes its registration with its own token (RFC 7592). */
import { timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { clientSecretMatches } from '../../domain/clients/client-secret.ts';
import { livingSecrets } from '../../domain/clients/client-secrets.ts';
import { isDisabled, isExpired } from '../../domain/clients/client-validity.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients, SelfRegistered } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { bearerHash, newRegistrationAccessToken } from '../../domain/registration/initial-access-token.ts';
import { readRegistration } from '../../domain/registration/registration-request.ts';
import { type Issued, judged, newSecret, type RegisterDeps } from './register-client.ts';

export type ManageDeps = {
  clients: Pick<Clients, 'find' | 'put' | 'clear' | 'remove'>;
  /** called with the id of a client whose token is right. @throws Problem `too_many` */
  mayTry: (clientId: string) => void;
} & Pick<RegisterDeps, 'now' | 'randomBytes' | 'judge' | 'mayStore'>;

type Managed = ClientRecord & { registration: SelfRegistered };
export type Changed =
  | ({ kind: 'changed' } & Issued)
  | { kind: 'refused'; faults: MetadataFault[] }
  /** unknown, of another client, replaced since; or there is no such client, or an operator has taken it over */
  | { kind: 'token-not-valid' };

const ATTEMPTS = 20;

/** The client, if the token is its own; also one that is pending. */
export async function managedClient(
  id: string,
  bearer: string | undefined,
  { clients, now }: Pick<ManageDeps, 'clients' | 'now'>,
): Promise<Managed | undefined> {
  if (bearer === undefined) return undefined;
  const record = await clients.find(id);
  if (record?.registration === undefined || isDisabled(record) || isExpired(record, now())) return undefined;
  const { registration } = record;
  const [given, own] = [bearerHash(bearer), registration.accessToken].map((hash) => Buffer.from(hash));
  const same = given !== undefined && own !== undefined && given.length === own.length && timingSafeEqual(given, own);
  return same ? { ...record, registration } : undefined;
}

/** Members of an answer that a change must not name (RFC 7592, 2.2). */
const answered = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

/** Replaces the whole registration, and the token with it: the one that was sent opens nothing afterwards. */
export async function changeClient(
  id: string,
  bearer: string | undefined,
  body: unknown,
  deps: ManageDeps,
): Promise<Changed> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await managedClient(id, bearer, deps);
    if (stored === undefined) return { kind: 'token-not-valid' };
    deps.mayTry(id);
    const read = readChange(stored, body, deps.now());
    if ('faults' in read) return { kind: 'refused', faults: read.faults };
    const { issued, members } = changed(stored, read.accepted, deps);
    const refusal = await deps.judge(issued.record);
    if (refusal !== undefined) return { kind: 'refused', faults: [judged(refusal)] };
    deps.mayStore(Buffer.byteLength(JSON.stringify(issued.record)));
    const entry = entryOf(id, 'client.changed', members, deps);
    if (await deps.clients.put(issued.record, stored.revision, entry)) return { kind: 'changed', ...issued };
  }
  throw new Problem('lost_race', `the client ${id} is being changed by too many at once`, { retryAfterSeconds: 1 });
}

/**
 * Deletes the registration with all that was granted to it, which goes first: broken off between the two, the token still
 * deletes it. False: the token is not its own.
 */
export async function deleteClient(id: string, bearer: string | undefined, deps: ManageDeps): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await managedClient(id, bearer, deps);
    if (stored === undefined) return false;
    deps.mayTry(id);
    await deps.clients.clear(id);
    if (await deps.clients.remove(id, entryOf(id, 'client.removed', [], deps), stored.revision)) return true;
  }
  throw new Problem('lost_race', `the client ${id} is being changed by too many at once`, { retryAfterSeconds: 1 });
}

function readChange({ id, registration, metadata, secrets }: Managed, body: unknown, now: number) {
  const { state, terms } = registration;
  const { client_id, client_secret, ...rest } = (Array.isArray(body) ? {} : (body ?? {})) as Record<string, unknown>;
  const faults: MetadataFault[] = answered
    .filter((name) => Object.hasOwn(rest, name))
    .map((member) => ({ member, expected: 'only metadata', remedy: 'leave it out: it is part of an answer' }));
  if (client_id !== id)
    faults.push({
      member: 'client_id',
      expected: 'its own client_id',
      remedy: 'give the client_id of this registration',
    });
  if (
    client_secret !== undefined &&
    !(typeof client_secret === 'string' && clientSecretMatches(client_secret, secrets, now))
  )
    faults.push({
      member: 'client_secret',
      expected: 'its present secret',
      remedy: 'give the present one, or leave it out',
    });
  const read = readRegistration(typeof body === 'object' && !Array.isArray(body) ? rest : body, {
    id,
    terms,
    before: metadata,
    approved: state === 'approved',
  });
  if ('faults' in read) return { faults: [...faults, ...read.faults] };
  return faults.length > 0 ? { faults } : read;
}

function changed(
  stored: Managed,
  { metadata, needsSecret }: { metadata: ClientRecord['metadata']; needsSecret: boolean },
  { now, randomBytes }: Pick<ManageDeps, 'now' | 'randomBytes'>,
): { issued: Issued; members: string[] } {
  const names = new Set([...Object.keys(stored.metadata), ...Object.keys(metadata)]);
  const members = [...names].filter((name) => !isDeepStrictEqual(stored.metadata[name], metadata[name]));
  // where all have expired it would be locked out, and its token proves as much as a secret
  const keeps = needsSecret && livingSecrets(stored.secrets, now()).length > 0;
  const made = needsSecret && !keeps ? newSecret(randomBytes, now()) : undefined;
  const secrets = keeps ? stored.secrets : (made?.secrets ?? []);
  if (secrets !== stored.secrets && (secrets.length > 0 || stored.secrets.length > 0)) members.push('client_secret');
  const accessToken = newRegistrationAccessToken(randomBytes);
  const record: ClientRecord = {
    ...stored,
    revision: stored.revision + 1,
    metadata,
    secrets,
    registration: { ...stored.registration, accessToken: bearerHash(accessToken) },
    updatedAt: now(),
  };
  const issued = { record, accessToken, ...(made === undefined ? {} : { secret: made.secret }) };
  return { issued, members: [...members, 'registration_access_token'] };
}

function entryOf(
  client: string,
  action: 'client.changed' | 'client.removed',
  members: string[],
  { now, randomBytes }: { now: () => number; randomBytes: RandomBytes },
): ChangeEntry {
  const details = members.length === 0 ? {} : { details: { members: members.join(' ') } };
  const actor = { kind: 'client', id: client };
  return { id: randomId(randomBytes), at: now(), action, actor, client, ...details } as ChangeEntry;
}
