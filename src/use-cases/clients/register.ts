/** Registers one application, new and by hand: the console, the API and `pedel clients add` all do it by these rules. */
import { endOfSecret, type SecretLife } from '../../domain/clients/client-secrets.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import { changedOwnerMembers } from '../../domain/clients/owner-members.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientOrigin, ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';
import { type ApplyDeps, applyClients } from './apply-clients.ts';
import { authorityFaults } from './client-authority.ts';
import type { FirstSecret } from './next-record.ts';

export type RegisterInput = {
  /** RFC 7591 metadata with the `pedel_…` members, and a client_id */
  registration: Record<string, JsonValue> & { client_id: string };
  /** whose it is; undefined: the association's */
  organisation: string | undefined;
  /** with which preset of the catalogue it was filled, and how */
  preset?: { id: string; answers: Record<string, string> };
  /** what its first secret is called and how long it lives; absent: it has no name and no end */
  secret?: { name: string; life: SecretLife };
  /** random, made with the form: one that is sent again is `again`, not `taken` */
  form?: string;
};

export type RegisterDeps = Omit<
  ApplyDeps,
  'firstSecret' | 'onlyNew' | 'changeSubjects' | 'by' | 'actor' | 'origin' | 'beyond'
>;

export type Registered =
  /** `secret`: shown once; absent: it has none. `record`: as it is stored. `warnings`: what is not as it should be */
  | { kind: 'registered'; record: ClientRecord; members: string[]; secret?: string; warnings?: string[] }
  /** nothing was changed, and nothing would be refused */
  | { kind: 'would-register'; members: string[]; warnings?: string[] }
  | { kind: 'refused'; faults: MetadataFault[] }
  /** an application has this client_id */
  | { kind: 'taken' }
  /** the same form has registered it already; its secret was shown then */
  | { kind: 'again'; record: ClientRecord }
  /** `members`: those that only an owner may set; empty: this organisation's applications are not the actor's to make */
  | { kind: 'not-allowed'; members: string[] }
  | { kind: 'not-found' };

/** With `deps.dryRun` it only says what would happen. @throws Problem `lost_race`, and what the storage throws */
export async function registerOne(actor: Actor, input: RegisterInput, deps: RegisterDeps): Promise<Registered> {
  const allowed = may(actor, 'clients:write', input.organisation);
  if (allowed !== 'yes') return allowed === 'hidden' ? { kind: 'not-found' } : { kind: 'not-allowed', members: [] };
  const registration = {
    ...input.registration,
    ...(input.organisation === undefined ? {} : { pedel_organisation: input.organisation }),
  };
  const beyond = changedOwnerMembers({}, registration);
  if (beyond.length > 0 && may(actor, 'clients:first-party', input.organisation) !== 'yes')
    return { kind: 'not-allowed', members: beyond };

  const { client_id: id } = registration;
  const already = await found(actor, input, deps.clients);
  if (already !== undefined) return already;
  const [result] = await applyClients([registration], {
    ...deps,
    onlyNew: true,
    actor: auditActorOf(actor),
    beyond: (record) => authorityFaults(actor, undefined, record, deps),
    origin: originOf(actor, input),
    ...(input.secret === undefined ? {} : { firstSecret: firstSecretOf(actor, input.secret, deps.now()) }),
  });
  if (result === undefined || result.outcome === 'refused') {
    const faults = result?.faults ?? [];
    // perhaps somebody, or the same form, has registered it since it was looked for
    const meanwhile = faults.some(({ member }) => member === 'client_id') && (await found(actor, input, deps.clients));
    return meanwhile || { kind: 'refused', faults };
  }
  const told = { members: result.members, ...(result.warnings === undefined ? {} : { warnings: result.warnings }) };
  if (deps.dryRun) return { kind: 'would-register', ...told };
  const record = await deps.clients.find(id);
  if (record === undefined) return { kind: 'not-found' }; // removed within this moment
  return { kind: 'registered', record, ...(result.secret === undefined ? {} : { secret: result.secret }), ...told };
}

/** `now`: epoch ms at which it is made. */
export function firstSecretOf(
  actor: Actor,
  { name, life }: NonNullable<RegisterInput['secret']>,
  now: number,
): FirstSecret {
  const { kind, id } = auditActorOf(actor);
  const expiresAt = endOfSecret(life, now);
  const by = kind === 'anonymous' ? undefined : { kind, ...(id === undefined ? {} : { id }) };
  return { name, ...(by === undefined ? {} : { by }), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

async function found(
  actor: Actor,
  { registration, form }: RegisterInput,
  clients: Pick<Clients, 'find'>,
): Promise<Registered | undefined> {
  const record = await clients.find(registration.client_id);
  if (record === undefined) return undefined;
  const { origin } = record;
  const same = origin?.kind === 'added' && form !== undefined && origin.form === form && origin.by === actor.id;
  return same ? { kind: 'again', record } : { kind: 'taken' };
}

function originOf({ id, via }: Actor, { preset, form }: RegisterInput): (at: number) => ClientOrigin {
  return (at) => ({
    kind: 'added',
    at,
    via,
    by: id,
    ...(preset === undefined ? {} : { preset: preset.id, answers: preset.answers }),
    ...(form === undefined ? {} : { form }),
  });
}
