/**
 * An administrator adds, renames and retires an application's secrets. Each is one compare-and-set write together with its
 * audit entry, so of several who act at once nobody makes a sixth, and nobody takes the last one unasked.
 */

import { ownerOf } from '../../domain/clients/client-owner.ts';
import { hashClientSecret, isLiving, newClientSecret } from '../../domain/clients/client-secret.ts';
import {
  asksBeforeRetiring,
  endOfSecret,
  isNameTaken,
  type RetiringAsk,
  readSecretName,
  type SecretLife,
  withSecret,
} from '../../domain/clients/client-secrets.ts';
import { clientDefaults } from '../../domain/clients/metadata/client-members.ts';
import { impliedMembers } from '../../domain/clients/metadata/profile.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientUses } from '../../domain/ports/client-uses.ts';
import type { ClientRecord, ClientSecret, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { mayActOn, type Permission } from '../../domain/roles/permissions.ts';
import type { RoleGrant } from '../../domain/roles/role.ts';
import { type Actor, auditActorOf, may, mayOnClient } from '../actor.ts';

export type SecretsPorts = {
  clients: Pick<Clients, 'find' | 'put'>;
  clientUses: Pick<ClientUses, 'of'>;
  /** every grant of a role: a service with a role is signed in by its secret */
  grants: () => Promise<readonly RoleGrant[]>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
};

export type Denied = { kind: 'not-found' } | { kind: 'not-allowed' };
/** `hour`: epoch ms at which the hour of its last use began; undefined: it was never used, or not since that is kept. */
export type SecretInUse = Omit<ClientSecret, 'hash'> & { living: boolean; hour: number | undefined };
export type SecretsListed = {
  kind: 'listed';
  client: Omit<ClientRecord, 'secrets'>;
  /** how it proves who it is; only `client_secret_…` takes a secret */
  method: string;
  secrets: SecretInUse[];
};

export type SecretAdded =
  /** `secret`: to be shown now, and never again */
  | { kind: 'added'; secret: string; stored: ClientSecret; client: ClientRecord }
  /** the form was sent before: the secret of that id was made, and shown, then */
  | { kind: 'was-added'; stored: ClientSecret }
  /** five live already */
  | { kind: 'full' }
  | { kind: 'name-refused' | 'name-taken' }
  /** it authenticates by a key, or not at all: a secret would open nothing */
  | { kind: 'takes-none'; method: string };

export type SecretRetired =
  | { kind: 'retired'; secret: ClientSecret; client: ClientRecord }
  /** to be asked first. `at`: as `hour`; `only`: no other one lives */
  | { kind: 'used-recently'; at: number; only: boolean; secret: ClientSecret }
  /** to be asked first: nothing else signs the application in */
  | { kind: 'only-one'; secret: ClientSecret }
  | { kind: 'unknown-secret' };

export type SecretRenamed =
  | { kind: 'renamed'; secret: ClientSecret }
  | { kind: 'name-refused' | 'name-taken' }
  | { kind: 'unknown-secret' };

const ATTEMPTS = 20;

/** Newest first, with those that have expired. */
export async function listSecrets(
  actor: Actor,
  id: string,
  { clients, clientUses, now }: Pick<SecretsPorts, 'clients' | 'clientUses' | 'now'>,
): Promise<SecretsListed | Denied> {
  const client = await clients.find(id);
  const denied = denial(actor, 'clients:read', client);
  if (client === undefined || denied !== undefined) return denied ?? { kind: 'not-found' };
  const hours = await hoursOf(client, clientUses);
  const secrets = client.secrets.map(({ hash: _, ...secret }) => ({
    ...secret,
    living: isLiving(secret, now()),
    hour: hours.get(secret.id),
  }));
  const { secrets: _, ...rest } = client;
  return { kind: 'listed', client: rest, method: methodOf(client), secrets };
}

/**
 * `once`: the id that it is to have; of two requests with the same one, the second makes none.
 * @throws Problem `lost_race`
 */
export async function addSecret(
  actor: Actor,
  { client: id, name: given, life, once }: { client: string; name: string; life: SecretLife; once?: string },
  ports: SecretsPorts,
): Promise<SecretAdded | Denied> {
  const name = readSecretName(given);
  const secret = newClientSecret(ports.randomBytes);
  const made: Omit<ClientSecret, 'createdAt'> = {
    id: once ?? randomId(ports.randomBytes),
    hash: hashClientSecret(secret),
  };
  return change<SecretAdded>(actor, id, ports, (client, now) => {
    const before = client.secrets.find((each) => each.id === once);
    if (before !== undefined) return { kind: 'was-added', stored: before };
    const method = methodOf(client);
    if (!method.startsWith('client_secret_')) return { kind: 'takes-none', method };
    if (name === undefined) return { kind: 'name-refused' };
    if (isNameTaken(client.secrets, name, now)) return { kind: 'name-taken' };
    const expiresAt = endOfSecret(life, now);
    const stored: ClientSecret = {
      ...made,
      createdAt: now,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      name,
      by: auditActorOf(actor) as NonNullable<ClientSecret['by']>,
    };
    const more = withSecret(client.secrets, stored, now);
    if (more.kind === 'full') return more;
    const expires = expiresAt === undefined ? '' : new Date(expiresAt).toISOString();
    return {
      secrets: more.secrets,
      audit: { action: 'client.secret-added', details: { secret: stored.id, name, expires } },
      done: (changed) => ({ kind: 'added', secret, stored, client: changed }),
    };
  });
}

/**
 * From then on it opens nothing, within a second on every node. `confirmed`: what whoever acts was told, and wants it all the
 * same; true: whatever there is to tell.
 * @throws Problem `lost_race`
 */
export async function retireSecret(
  actor: Actor,
  { client: id, secret: secretId, confirmed }: { client: string; secret: string; confirmed: boolean | RetiringAsk[] },
  ports: SecretsPorts,
): Promise<SecretRetired | Denied> {
  return change<SecretRetired>(actor, id, ports, async (client, now) => {
    const secret = client.secrets.find((each) => each.id === secretId);
    if (secret === undefined) return { kind: 'unknown-secret' };
    const at = (await hoursOf(client, ports.clientUses)).get(secretId);
    const asks = asksBeforeRetiring(secret, client.secrets, at, now);
    const left = asks.filter((ask) => confirmed !== true && !(confirmed || []).includes(ask));
    if (left.includes('used-recently') && at !== undefined)
      return { kind: 'used-recently', at, only: asks.includes('only-one'), secret };
    if (left.length > 0) return { kind: 'only-one', secret };
    return {
      secrets: client.secrets.filter((each) => each.id !== secretId),
      audit: { action: 'client.secret-retired', details: { secret: secretId, name: secret.name ?? '' } },
      done: (changed) => ({ kind: 'retired', secret, client: changed }),
    };
  });
}

/** @throws Problem `lost_race` */
export async function renameSecret(
  actor: Actor,
  { client: id, secret: secretId, name: given }: { client: string; secret: string; name: string },
  ports: SecretsPorts,
): Promise<SecretRenamed | Denied> {
  const name = readSecretName(given);
  return change<SecretRenamed>(actor, id, ports, (client, now) => {
    const before = client.secrets.find((each) => each.id === secretId);
    if (before === undefined) return { kind: 'unknown-secret' };
    if (name === undefined) return { kind: 'name-refused' };
    if (isNameTaken(client.secrets, name, now, secretId)) return { kind: 'name-taken' };
    const secret = { ...before, name };
    if (before.name === name) return { kind: 'renamed', secret };
    return {
      secrets: client.secrets.map((each) => (each.id === secretId ? secret : each)),
      audit: { action: 'client.secret-renamed', details: { secret: secretId, name, before: before.name ?? '' } },
      done: () => ({ kind: 'renamed', secret }),
    };
  });
}

type Step<Outcome> = {
  secrets: ClientSecret[];
  audit: Pick<Extract<ChangeEntry, { action: `client.secret-${string}` }>, 'action' | 'details'>;
  done: (changed: ClientRecord) => Outcome;
};

/** Tries a change until nobody else changed the client meanwhile. `step` gives an outcome where nothing is to be changed. */
async function change<Outcome extends { kind: string }>(
  actor: Actor,
  id: string,
  { clients, grants, now, randomBytes }: SecretsPorts,
  step: (client: ClientRecord, now: number) => Step<Outcome> | Outcome | Promise<Step<Outcome> | Outcome>,
): Promise<Outcome | Denied> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const client = await clients.find(id);
    const denied = denial(actor, 'clients:secrets', client);
    if (client === undefined || denied !== undefined) return denied ?? { kind: 'not-found' };
    // a secret is all that a service needs to act with its roles
    if (mayActOn(actor, { kind: 'client', id }, await grants()) !== 'yes') return { kind: 'not-allowed' };
    if (mayOnClient(actor, 'clients:secrets', client, await grants()) !== 'yes') return { kind: 'not-allowed' };
    const at = now();
    const next = await step(client, at);
    if ('kind' in next) return next;
    const changed = { ...client, secrets: next.secrets, revision: client.revision + 1, updatedAt: at };
    const entry = {
      id: randomId(randomBytes),
      at,
      actor: auditActorOf(actor),
      client: id,
      ...next.audit,
    } as ChangeEntry;
    if (await clients.put(changed, client.revision, entry)) return next.done(changed);
  }
  throw new Problem('lost_race', `the client ${id} is being changed by too many at once`, { retryAfterSeconds: 1 });
}

function denial(actor: Actor, permission: Permission, client: ClientRecord | undefined): Denied | undefined {
  const allowed = may(actor, permission, client && ownerOf(client));
  if (allowed === 'yes') return client === undefined ? { kind: 'not-found' } : undefined;
  return client === undefined || allowed === 'hidden' ? { kind: 'not-found' } : { kind: 'not-allowed' };
}

/** How the application proves who it is, where its registration says it or not. */
function methodOf({ metadata }: ClientRecord): string {
  const { token_endpoint_auth_method: method } = { ...clientDefaults, ...impliedMembers(metadata), ...metadata };
  return String(method);
}

/** The hour of the last use of each secret. What was noted of a client of that id that is gone does not count. */
async function hoursOf({ id, createdAt }: ClientRecord, clientUses: SecretsPorts['clientUses']) {
  const uses = await clientUses.of([id]);
  return new Map(uses.filter(({ hour }) => hour > createdAt - 3_600_000).map(({ of, hour }) => [of, hour]));
}
