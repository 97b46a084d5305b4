/** The shapes of the API's objects, each under the name that the OpenAPI document gives it. */
import { z } from 'zod';
import { managementScopes } from '../../domain/clients/resources/management-api.ts';
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
