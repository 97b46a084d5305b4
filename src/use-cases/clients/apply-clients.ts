/**
 * Brings registrations to what a list says: each client is changed as a whole or not at all, and a second run changes
 * nothing.
 */
import { createHash } from 'node:crypto';
import { livingSecrets } from '../../domain/clients/client-secrets.ts';
import {
  type AcceptedMetadata,
  type MetadataFault,
  readClientMetadata,
} from '../../domain/clients/metadata/client-metadata.ts';
import type { UnknownName } from '../../domain/clients/metadata/known-names.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientOrigin, ClientRecord, ClientSecret, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type FetchKeys, keysWarning } from './fetch-keys.ts';
import type { FetchedLogo } from './fetch-logo.ts';
import { subjectFault } from './kept-subject.ts';
import { type FirstSecret, judgedFault, logoFor, nextRecord } from './next-record.ts';
import { createReferences, type References } from './resource-references.ts';
import { type KnowsPerson, unknownPeople } from './unknown-people.ts';

export type ApplyResult =
  | {
      client: string;
      outcome: 'created' | 'changed' | 'unchanged';
      members: string[];
      /** a new secret, which can be shown only now; absent: none was made */
      secret?: string;
      /** what is not as it should be, each in a sentence: its logo is not there, no purpose is named …; absent: nothing */
      warnings?: string[];
    }
  /** `client`: what the file calls it; `id` where that is a client_id */
  | { client: string; id?: string; outcome: 'refused'; faults: MetadataFault[] };

export type ApplyDeps = {
  clients: Pick<Clients, 'find' | 'findByResource' | 'list' | 'put'>;
  /** Pedel's own address, under which no client has an API */
  issuer: string;
  now: () => number;
  randomBytes: RandomBytes;
  dryRun: boolean;
  /** people may become strangers to an application, because their `sub` changes */
  changeSubjects?: boolean;
  /** refuse what is registered already, instead of changing it */
  onlyNew?: boolean;
  /** who applies them: the user of the operating system; absent: not known */
  by?: string;
  /** the same for the audit log; absent: the command that applies files */
  actor?: ChangeEntry['actor'];
  /** how a new one came to be registered; absent: by a file */
  origin?: (at: number) => ClientOrigin;
  /** what each secret that is made is called, and when it ends; absent: it has no name and no end */
  firstSecret?: FirstSecret;
  /** what of a new one whoever applies it may not decide; absent: nothing */
  beyond?: (record: ClientRecord) => Promise<MetadataFault[]>;
  /** why requests that use the record would be refused, in one sentence, or what it names that is not there; undefined: it can be used */
  judge: (record: ClientRecord) => string | UnknownName | undefined | Promise<string | UnknownName | undefined>;
  /** absent: nobody is told of people who are not known */
  knowsPerson?: KnowsPerson;
  /** never rejects; undefined: no other host is asked, and logos that are not there yet stay away */
  fetchLogo: ((uri: string) => Promise<FetchedLogo>) | undefined;
  /** the same for the keys that an application publishes; absent: they are not looked at */
  fetchKeys?: FetchKeys | undefined;
};

const ATTEMPTS = 20;

/**
 * Applies the registrations (RFC 7591 metadata) one by one, in their order; with `dryRun` it only says what would
 * change.
 * @throws Problem `lost_race`
 */
export async function applyClients(registrations: unknown[], deps: ApplyDeps): Promise<ApplyResult[]> {
  const results: ApplyResult[] = [];
  const seen = new Set<string>();
  const references = createReferences(registrations.flatMap(identified), deps);
  for (const [index, registration] of registrations.entries()) {
    const stored = await storedOf(registration, deps.clients);
    const read = readClientMetadata(registration, stored?.metadata);
    const name = nameOf(registration, index);
    const named = namedId(registration);
    if ('faults' in read) {
      results.push({ client: name, ...named, outcome: 'refused', faults: read.faults });
      continue;
    }
    const id = idOf(read.accepted);
    if (seen.has(id)) {
      const member = read.accepted.id === undefined ? 'client_name' : 'client_id';
      results.push({
        client: name,
        ...named,
        outcome: 'refused',
        faults: [
          {
            member,
            expected: 'one registration of each application',
            remedy: 'another registration of this file has it already: give each a client_id of its own',
          },
        ],
      });
      continue;
    }
    seen.add(id);
    results.push(await applyOne(id, read.accepted, references, deps));
  }
  return results;
}

function identified(registration: unknown): { id: string; metadata: AcceptedMetadata['metadata'] }[] {
  const read = readClientMetadata(registration);
  return 'faults' in read ? [] : [{ id: idOf(read.accepted), metadata: read.accepted.metadata }];
}

const idOf = ({ id, metadata }: AcceptedMetadata) => id ?? idFromName(String(metadata.client_name));

/** The record that a registration is about to change, for the defaults of what it leaves out. */
async function storedOf(registration: unknown, clients: ApplyDeps['clients']): Promise<ClientRecord | undefined> {
  const { client_id: id, client_name: name } = (registration ?? {}) as { client_id?: unknown; client_name?: unknown };
  if (typeof id === 'string') return id.length > 200 ? undefined : clients.find(id);
  return typeof name === 'string' ? clients.find(idFromName(name)) : undefined;
}

/** The id of a client that names none: always the same for the same name, so that a second run finds it again. */
function idFromName(name: string): string {
  const readable = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  return `${readable || 'client'}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

async function applyOne(
  id: string,
  accepted: AcceptedMetadata,
  references: References,
  deps: ApplyDeps,
): Promise<ApplyResult> {
  const { clients, now, randomBytes, dryRun, by, judge, fetchLogo, changeSubjects, knowsPerson, actor, origin } = deps;
  const dangling = await references.faultsOf(id, accepted.metadata);
  if (dangling.length > 0) return { client: id, id, outcome: 'refused', faults: dangling };
  const fetch = fetchLogo && onceEach(fetchLogo);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await clients.find(id);
    if (deps.onlyNew && stored !== undefined) return { client: id, id, outcome: 'refused', faults: [TAKEN] };
    // where the API's own client does not look at client_id, a service would be that person (RFC 9068, 5)
    if (stored === undefined && ACCOUNT_ID.test(id) && (await knowsPerson?.(id)))
      return { client: id, id, outcome: 'refused', faults: [OF_A_PERSON] };
    if (stored?.disabled?.removeAt !== undefined) return { client: id, id, outcome: 'refused', faults: [DELETED] };
    const changed = changeSubjects ? undefined : subjectFault(id, accepted.metadata, stored?.metadata);
    if (changed !== undefined) return { client: id, id, outcome: 'refused', faults: [changed] };
    const {
      record: made,
      members,
      secret,
    } = nextRecord(id, accepted, stored, {
      ...{ now, randomBytes, by, origin, firstSecret: deps.firstSecret },
    });
    const beyond = stored === undefined ? await deps.beyond?.(made) : undefined;
    if (beyond !== undefined && beyond.length > 0) return { client: id, id, outcome: 'refused', faults: beyond };
    const refusal = await judge(made);
    if (refusal !== undefined) return { client: id, id, outcome: 'refused', faults: [judgedFault(refusal)] };
    const { record, picture, warning = [] } = await logoFor(made, fetch);
    if (picture !== undefined && !members.includes('logo_uri')) members.push('logo_uri');
    const warnings = [...accepted.warnings, ...(record.disabled === undefined ? [] : [SWITCHED_OFF]), ...warning];
    const lost = lostSecrets(stored?.secrets ?? [], record.secrets, now());
    if (lost !== undefined) warnings.push(lost);
    if (members.includes('jwks_uri')) warnings.push(...(await keysWarning(record.metadata, deps.fetchKeys)));
    const strangers = knowsPerson && (await unknownPeople(record.metadata, knowsPerson));
    if (strangers !== undefined) warnings.push(strangers);
    const told = warnings.length === 0 ? {} : { warnings };
    if (members.length === 0) return { client: id, outcome: 'unchanged', members, ...told };
    const outcome = stored === undefined ? 'created' : 'changed';
    const result: ApplyResult = { client: id, outcome, members, ...(secret === undefined ? {} : { secret }), ...told };
    if (dryRun) return { client: id, outcome, members, ...told };
    const named = outcome === 'created' ? [] : members;
    const entry = auditOf(id, outcome, named, { now: now(), randomBytes, actor });
    const put = await clients.put(record, stored?.revision ?? 0, entry, picture).catch(takenMeanwhile);
    // Somebody else has registered its API since `references` looked: now it says which.
    if (put === 'taken') return applyOne(id, accepted, references, deps);
    if (put) return result;
  }
  throw new Problem('lost_race', `the client ${id} is being changed by too many at once`);
}

/** So that a change that is tried again asks no host again. */
function onceEach(fetch: (uri: string) => Promise<FetchedLogo>): typeof fetch {
  const fetched = new Map<string, Promise<FetchedLogo>>();
  return (uri) => {
    const known = fetched.get(uri) ?? fetch(uri);
    fetched.set(uri, known);
    return known;
  };
}

function takenMeanwhile(error: unknown): 'taken' {
  if (error instanceof Problem && error.code === 'resource_taken') return 'taken';
  throw error;
}

const SWITCHED_OFF = 'it is switched off, and stays so: see pedel clients enable';

export const TAKEN: MetadataFault = {
  member: 'client_id',
  expected: 'a client_id that no application has',
  remedy: 'an application has it already: choose another, or change that one with pedel clients apply',
};

/** Nobody learns by trying ids whether a number or address is somebody's. */
const ACCOUNT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OF_A_PERSON: MetadataFault = {
  member: 'client_id',
  expected: 'a client_id by which no person is known',
  remedy: 'choose another: in tokens of a service it stands where the id of a person stands',
};

const DELETED: MetadataFault = {
  member: 'client_id',
  expected: 'an application that is not deleted',
  remedy: 'it is deleted, and removed for good after 30 days: take it back with pedel clients enable first',
};

/** A file that gives a secret ends those that were added since: whoever applies it has to know. */
function lostSecrets(before: readonly ClientSecret[], after: readonly ClientSecret[], now: number): string | undefined {
  const gone = livingSecrets(before, now).filter(
    ({ id, name }) => name !== undefined && after.every((each) => each.id !== id),
  );
  if (gone.length === 0) return undefined;
  const names = gone.map(({ name }) => `"${name}"`).join(', ');
  return `client_secret: ${names} no longer works, because the file gives another secret; leave it out of the file where secrets are added with pedel clients secret`;
}

/** The audit entry of a change to a registration, with the names of the changed members and not their values. */
export function auditOf(
  client: string,
  outcome: 'created' | 'changed' | 'removed',
  members: string[],
  {
    now,
    randomBytes,
    actor = { kind: 'command', id: 'clients' },
  }: { now: number; randomBytes: RandomBytes; actor?: ChangeEntry['actor'] | undefined },
): ChangeEntry {
  return {
    id: randomId(randomBytes),
    at: now,
    action: `client.${outcome}`,
    actor,
    client,
    ...(members.length === 0 ? {} : { details: { members: members.join(' ') } }),
  } as ChangeEntry;
}

function namedId(registration: unknown): { id?: string } {
  const { client_id: id } = (registration ?? {}) as { client_id?: unknown };
  return typeof id === 'string' ? { id: id.slice(0, 200) } : {};
}

function nameOf(registration: unknown, index: number): string {
  const { client_id: id, client_name: name } = (registration ?? {}) as { client_id?: unknown; client_name?: unknown };
  const known = [id, name].find((each) => typeof each === 'string');
  return typeof known === 'string' ? known.slice(0, 100) : `number ${index + 1} of the file`;
}
