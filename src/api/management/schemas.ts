/** The shapes of the API's objects, each under the name that the OpenAPI document gives it. */
import { z } from 'zod';
import { secretLives } from '../../domain/clients/client-secrets.ts';
import { clientMemberList } from '../../domain/clients/metadata/client-members.ts';
import { refusalCodes } from '../../domain/clients/refusals/refusal.ts';
import { managementScopes } from '../../domain/clients/resources/management-api.ts';
import { clientKinds } from '../../domain/registration/terms.ts';
import { roleNames } from '../../domain/roles/role.ts';
import { problems } from './problem.ts';

/** The name of each shape in the document. */
export const named = z.registry<{ id: string }>();
/** Under a name of its own. */
export function shape<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  named.add(schema, { id });
  return schema;
}

/** A list of these. */
export const listOf = <Item extends z.ZodType>(id: string, item: Item) =>
  shape(id, z.strictObject({ items: z.array(item) }));

/** RFC 3339, in UTC. */
export const time = z.iso.datetime();
export const id = z.string();
export const text = z.string();
export const identifier = z.string().min(1).max(300);

export const problemShape = shape(
  'Problem',
  z.strictObject({
    type: z.string().meta({ description: 'the page of this problem' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.enum(Object.keys(problems) as [string, ...string[]]),
    incident: z.string().meta({ description: 'the number under which the log has this request' }),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().optional().meta({ description: 'a place in the body (RFC 6901)' }),
          parameter: z.string().optional().meta({ description: 'a parameter of the query, or a header' }),
          code: z.string(),
          detail: z.string(),
          remedy: z.string(),
        }),
      )
      .optional(),
  }),
);

/** As `pedel clients apply` reads it: faults are found by the registry's own rules, each with its remedy. */
export const clientShape = shape(
  'Client',
  z.strictObject(
    Object.fromEntries(
      clientMemberList
        .filter(({ name }) => name !== 'client_secret')
        .map(({ name, schema, help }) => [name, schema.optional().meta({ description: help })]),
    ),
  ),
);
export const clientList = listOf('ClientList', clientShape);

export const refusalShape = shape(
  'Refusal',
  z.strictObject({
    id,
    code: z.enum(refusalCodes as unknown as [string, ...string[]]),
    got: z.string().optional(),
    registered: z.string().optional(),
    differs: z.array(z.string()).optional(),
    first: time,
    last: time,
    count: z.int(),
    incident: z.string().optional(),
    sentence: text,
    remedy: text,
  }),
);
export const refusalList = listOf('RefusalList', refusalShape);

export const presetShape = shape(
  'Preset',
  z.strictObject({
    id,
    name: text,
    also: z.array(z.string()),
    kind: z.enum(['product', 'application type']),
    own: z.boolean().meta({ description: 'of this installation, beside the catalogue' }),
    asks: z.array(z.string()).meta({ description: 'what a registration by it has to be told' }),
    through: z.string().optional().meta({ description: 'the preset of the bridge that it goes through' }),
    verified: z.strictObject({ by: z.string(), version: z.string().optional(), date: z.string(), source: z.string() }),
    metadata: z.record(z.string(), z.json()).optional(),
  }),
);
export const presetList = listOf('PresetList', presetShape);

const inLanguages = z.record(z.string(), z.string());
export const organisationShape = shape(
  'Organisation',
  z.strictObject({
    id,
    name: inLanguages,
    domains: z.array(z.string()),
    second_factor: z.enum(['required', 'offered']),
    activation: z.enum(['link', 'code']),
    access: z
      .record(z.string(), z.record(z.string(), z.string()))
      .meta({ description: 'by role or default: opens, expired, completed, discontinued, retain' }),
  }),
);
export const organisationList = listOf('OrganisationList', organisationShape);

export const registrationShape = shape(
  'Registration',
  z.strictObject({
    client_id: id,
    registered_at: time,
    initial_access_token: z.string().optional(),
    organisation: z.string(),
    refused_at: time.optional().meta({ description: 'when it is refused if nobody approves it' }),
    client: clientShape,
  }),
);
export const registrationList = listOf('RegistrationList', registrationShape);

export const tokenAskedShape = shape(
  'InitialAccessTokenAsked',
  z.strictObject({
    organisation: identifier,
    hosts: z.array(z.string().max(253)).min(1).max(20),
    kinds: z.array(z.enum(clientKinds)).min(1).max(clientKinds.length),
    approval: z.enum(['required', 'none']).default('required'),
    pkce: z.enum(['required', 'optional']).default('required'),
    uses: z.int().min(1).max(1000).default(1),
    days: z.int().min(1).max(366).default(7),
    note: z.string().max(200).optional(),
  }),
);
const tokenMembers = {
  id,
  organisation: z.string(),
  hosts: z.array(z.string()),
  kinds: z.array(z.string()),
  approval: z.string(),
  pkce: z.string(),
  uses: z.int(),
  uses_left: z.int(),
  expires_at: time,
  note: z.string().optional(),
  made_by: z.string().optional(),
  made_at: time,
};
export const tokenShape = shape('InitialAccessToken', z.strictObject(tokenMembers));
export const tokenList = listOf('InitialAccessTokenList', tokenShape);
export const tokenMadeShape = shape(
  'InitialAccessTokenMade',
  z.strictObject({
    ...tokenMembers,
    token: z.string().optional().meta({ description: 'the token itself, shown only once' }),
  }),
);

export const actorShape = shape(
  'Actor',
  z.strictObject({
    kind: z.string(),
    id: z.string().optional(),
    roles: z.array(z.string()).optional().meta({ description: 'each with the organisations for which it is held' }),
    via: z.enum(['console', 'api']).optional(),
    request_id: z.string().optional().meta({ description: 'of the page or request in the log' }),
  }),
);
export const auditShape = shape(
  'AuditEntry',
  z.strictObject({
    id,
    at: time,
    action: z.string(),
    actor: actorShape,
    subject: z.string().optional(),
    client: z.string().optional(),
    network: z.string().optional(),
    details: z.record(z.string(), z.string()).optional(),
  }),
);
export const auditList = listOf('AuditEntryList', auditShape);

export const keyShape = shape(
  'SigningKey',
  z.strictObject({
    kid: id,
    alg: z.string(),
    generation: z.int(),
    state: z.enum(['signing', 'next', 'made', 'retired', 'gone']),
    made_at: time,
    signs_from: time.optional(),
    signs_until: time.optional(),
    removed_at: time.optional(),
  }),
);
export const keyList = listOf('SigningKeyList', keyShape);

export const deliveryStates = ['waiting', 'done', 'failed', 'set-aside'] as const;
export const deliveryShape = shape(
  'Delivery',
  z.strictObject({
    id,
    kind: z.string(),
    account: z.string().optional(),
    to: z.string().optional().meta({ description: 'the client or webhook' }),
    what: z.string().optional().meta({ description: 'the letter or event' }),
    state: z.enum(deliveryStates),
    attempts: z.int(),
    made_at: time,
    next_attempt_at: time.optional(),
    last_error: z.string().optional(),
    finished_at: time.optional(),
  }),
);
export const deliveryList = listOf('DeliveryList', deliveryShape);

const holder = z.strictObject({ kind: z.enum(['person', 'client']), id: identifier });
const organisations = z.union([z.literal('association'), z.array(identifier).min(1).max(100)]);
export const grantAskedShape = shape(
  'RoleGrantAsked',
  z.strictObject({ holder, role: z.enum(roleNames), organisations }),
);
export const grantShape = shape(
  'RoleGrant',
  z.strictObject({
    id,
    holder,
    role: z.enum(roleNames),
    organisations,
    granted_by: z.string(),
    granted_at: time,
  }),
);
export const grantList = listOf('RoleGrantList', grantShape);

const secretName = z.string().min(1).max(60);
const secretMembers = {
  id,
  name: z.string().optional(),
  made_at: time,
  expires_at: time.optional(),
  living: z.boolean(),
  last_used: time.optional().meta({ description: 'the beginning of the hour' }),
};
export const secretShape = shape('Secret', z.strictObject(secretMembers));
export const secretList = listOf('SecretList', secretShape);
export const secretAskedShape = shape(
  'SecretAsked',
  z.strictObject({ name: secretName, life: z.enum(secretLives).default('1-year') }),
);
/** As `Client`, with what its first secret is to be. */
export const clientAskedShape = shape(
  'ClientAsked',
  z.strictObject({
    ...clientShape.shape,
    first_secret: secretAskedShape
      .optional()
      .meta({ description: 'of the secret that is made; absent: no name, no end' }),
  }),
);
export const secretNameShape = shape('SecretName', z.strictObject({ name: secretName }));
export const secretMadeShape = shape(
  'SecretMade',
  z.strictObject({ ...secretMembers, client_secret: z.string().optional().meta({ description: 'shown only once' }) }),
);

export const clientChangedShape = shape(
  'ClientChanged',
  z.strictObject({
    client: clientShape,
    warnings: z.array(z.string()),
    client_secret: z.string().optional().meta({ description: 'a new one, shown only once' }),
  }),
);
const change = z.strictObject({ member: z.string(), before: z.unknown().optional(), after: z.unknown().optional() });
export const historyShape = shape(
  'Revision',
  z.strictObject({
    revision: z.int(),
    at: time,
    action: z.string().optional(),
    actor: actorShape.optional(),
    changes: z.array(change),
    restorable: z.boolean(),
  }),
);
export const historyList = listOf('RevisionList', historyShape);
export const restoreShape = shape(
  'RestoreAsked',
  z.strictObject({ revision: z.int().min(1), change_subjects: z.boolean().optional() }),
);

export const meShape = shape(
  'Me',
  z.strictObject({
    client_id: id,
    name: text,
    scopes: z.array(z.enum(Object.keys(managementScopes) as [string, ...string[]])),
    roles: z.array(
      z.strictObject({
        role: z.enum(roleNames),
        organisations: z.union([z.literal('association'), z.array(z.string())]),
      }),
    ),
    permissions: z.array(z.string()).meta({ description: 'what both allow, somewhere' }),
  }),
);

/** Epoch ms as the API writes it. */
export const timeOf = (at: number): string => new Date(at).toISOString();
