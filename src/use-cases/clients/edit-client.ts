/**
 * Changes a registration for somebody who may: whole or by a patch, from the revision that he or she has seen, as one act
 * with its audit entry. Nothing that the actor may not decide is changed with it.
 */
import { clientDocument } from '../../domain/clients/client-document.ts';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { isPending } from '../../domain/clients/client-validity.ts';
import { clientMembers } from '../../domain/clients/metadata/client-members.ts';
import { type MetadataFault, readClientMetadata } from '../../domain/clients/metadata/client-metadata.ts';
import type { UnknownName } from '../../domain/clients/metadata/known-names.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';
import { type AuthorityPorts, authorityFaults, type Denied, mayChange } from './client-authority.ts';
import { type FetchKeys, keysWarning } from './fetch-keys.ts';
import type { FetchedLogo } from './fetch-logo.ts';
import { subjectFault } from './kept-subject.ts';
import { judgedFault, logoFor, nextRecord } from './next-record.ts';
import { createReferences } from './resource-references.ts';
import { type KnowsPerson, unknownPeople } from './unknown-people.ts';

export type EditPorts = AuthorityPorts & {
  clients: Pick<Clients, 'find' | 'findByResource' | 'list' | 'put'>;
  /** Pedel's own address */
  issuer: string;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
  /** why requests that use the record would be refused, or what it names that is not there; undefined: it can be used */
  judge: (record: ClientRecord) => Judged | Promise<Judged>;
  knowsPerson: KnowsPerson;
  /** never rejects; undefined: no other host is asked */
  fetchLogo: ((uri: string) => Promise<FetchedLogo>) | undefined;
  /** the same for the keys that an application publishes; absent: they are not looked at */
  fetchKeys?: FetchKeys | undefined;
};
type Judged = string | UnknownName | undefined;

/** `pointer`: of the member, or of the element of its list, in the document that was given (RFC 6901). */
export type EditFault = MetadataFault & { pointer: string };
export type Edit = {
  id: string;
  /** the one that was seen; undefined: whatever it is now */
  revision: number | undefined;
  /** the whole registration, or what of it changes (RFC 7396); as `clientDocument` writes it */
  change: { kind: 'whole'; metadata: unknown } | { kind: 'patch'; patch: unknown };
  /** people may become strangers to the application, because their `sub` changes */
  changeSubjects?: boolean;
};
export type Edited =
  /** `secret`: a new one, which can be shown only now */
  | { kind: 'edited'; record: ClientRecord; members: string[]; warnings: string[]; secret?: string }
  | { kind: 'unchanged'; record: ClientRecord; warnings: string[] }
  /** somebody has changed it since */
  | { kind: 'stale'; current: ClientRecord }
  | { kind: 'refused'; faults: EditFault[] }
  | Denied;

type Why = { action: 'client.changed' } | { action: 'client.restored'; revision: number };

export async function editClient(actor: Actor, edit: Edit, ports: EditPorts): Promise<Edited> {
  return changeClient(actor, edit, { action: 'client.changed' }, ports);
}

const ATTEMPTS = 20;

/** @throws Problem `lost_race` where no revision was named and too many change it at once */
export async function changeClient(actor: Actor, edit: Edit, why: Why, ports: EditPorts): Promise<Edited> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await ports.clients.find(edit.id);
    const denied = await mayChange(actor, stored, ports);
    if (denied !== undefined || stored === undefined) return denied ?? { kind: 'not-found' };
    if (edit.revision !== undefined && stored.revision !== edit.revision) return { kind: 'stale', current: stored };
    const prepared = await prepare(actor, stored, edit, ports);
    if ('kind' in prepared) return prepared;
    const { record, members, warnings, secret, picture } = prepared;
    if (members.length === 0) return { kind: 'unchanged', record: stored, warnings };
    if (await stores(actor, { stored, record, members, picture, why }, ports))
      return { kind: 'edited', record, members, warnings, ...(secret === undefined ? {} : { secret }) };
  }
  throw new Problem('lost_race', `the client ${edit.id} is being changed by too many at once`, {
    retryAfterSeconds: 1,
  });
}

type Prepared = {
  record: ClientRecord;
  members: string[];
  warnings: string[];
  secret?: string | undefined;
  picture?: string | undefined;
};

/** What would be stored, or all faults at once. */
export async function prepare(
  actor: Actor,
  stored: ClientRecord,
  { change, changeSubjects = false }: Pick<Edit, 'change' | 'changeSubjects'>,
  ports: EditPorts,
): Promise<Prepared | Extract<Edited, { kind: 'refused' }>> {
  const given = change.kind === 'whole' ? change.metadata : mergePatch(clientDocument(stored), change.patch);
  const refused = (faults: MetadataFault[]) => ({ kind: 'refused' as const, faults: faults.map(pointed(given)) });
  const { id, metadata: before } = stored;
  const own = ownFaults(stored, given);
  const read = readClientMetadata(isObject(given) ? withoutSecret({ ...given, client_id: id }) : given, before);
  if ('faults' in read) return refused([...own, ...read.faults]);
  const { accepted } = read;
  const { record, members, secret } = nextRecord(id, accepted, stored, ports);
  const file = [{ id, metadata: record.metadata }];
  const changed = changeSubjects ? undefined : subjectFault(id, record.metadata, before);
  const faults = [
    ...own,
    ...(await authorityFaults(actor, stored, record, ports)),
    ...secretFaults(actor, stored, members),
    ...(await createReferences(file, ports).faultsOf(id, record.metadata)),
    ...(changed === undefined ? [] : [changed]),
  ];
  if (faults.length > 0) return refused(faults);
  const refusal = await ports.judge(record);
  if (refusal !== undefined) return refused([judgedFault(refusal)]);
  const logo = await logoFor(record, ports.fetchLogo);
  if (logo.picture !== undefined && !members.includes('logo_uri')) members.push('logo_uri');
  const strangers = await unknownPeople(record.metadata, ports.knowsPerson);
  const keys = members.includes('jwks_uri') ? await keysWarning(record.metadata, ports.fetchKeys) : [];
  const beside = [...(logo.warning ?? []), ...keys, ...(strangers === undefined ? [] : [strangers])];
  const warnings = [...accepted.warnings, ...beside];
  return { record: logo.record, members, warnings, secret, picture: logo.picture };
}

async function stores(
  actor: Actor,
  change: { stored: ClientRecord; record: ClientRecord; members: string[]; picture: string | undefined; why: Why },
  { clients, now, randomBytes }: EditPorts,
): Promise<boolean> {
  const { stored, record, members, picture, why } = change;
  const frame = { id: randomId(randomBytes), at: now(), actor: auditActorOf(actor), client: record.id };
  const named = { members: members.join(' ') };
  const entry =
    why.action === 'client.changed'
      ? ({ ...frame, action: why.action, details: named } as const)
      : ({ ...frame, action: why.action, details: { ...named, revision: String(why.revision) } } as const);
  try {
    return await clients.put(record, stored.revision, entry, picture);
  } catch (error) {
    // somebody has registered its API meanwhile: the next look says which
    if (error instanceof Problem && error.code === 'resource_taken') return false;
    throw error;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A way to authenticate that makes a secret, or ends those that there are, is for who may do that one by one as well. */
function secretFaults(actor: Actor, stored: ClientRecord, members: readonly string[]): MetadataFault[] {
  if (!members.includes('client_secret')) return [];
  if (may(actor, 'clients:secrets', ownerOf(stored)) === 'yes') return [];
  const member = 'token_endpoint_auth_method';
  const { expected } = clientMembers[member];
  return [{ member, expected, remedy: 'leave it as it is, or ask with the scope clients:secrets: secrets change' }];
}

function withoutSecret({ client_secret: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest;
}

/** What no change may name, whoever makes it. */
function ownFaults(stored: ClientRecord, given: unknown): MetadataFault[] {
  const faults: MetadataFault[] = [];
  const refuse = (member: string, expected: string, remedy: string) => faults.push({ member, expected, remedy });
  if (isPending(stored))
    refuse('(registration)', 'an application that is approved', 'approve it first: see pedel clients approve');
  if (stored.disabled?.removeAt !== undefined)
    refuse('(registration)', 'an application that is not deleted', 'take it back first: see pedel clients enable');
  if (!isObject(given)) return faults;
  if (given.client_id !== undefined && given.client_id !== stored.id)
    refuse('client_id', 'its own client_id', 'leave it as it is: an application keeps its client_id');
  if (given.client_secret !== undefined)
    refuse(
      'client_secret',
      'no secret',
      'leave it out: secrets are added and retired one by one (pedel clients secret)',
    );
  return faults;
}

/** RFC 7396. A member that is null goes. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

/** Adds to a fault where it is in what was given. */
const pointed =
  (given: unknown) =>
  (fault: MetadataFault): EditFault => {
    const { member, value } = fault;
    if (member.startsWith('(')) return { ...fault, pointer: '' };
    const pointer = `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const list = isObject(given) ? given[member] : undefined;
    const index = Array.isArray(list) && value !== undefined ? list.indexOf(value) : -1;
    return { ...fault, pointer: index < 0 ? pointer : `${pointer}/${index}` };
  };
