/** The shapes of applications in the API: registrations, their history, secrets and refusals. */
import { z } from 'zod';
import { secretLives } from '../../domain/clients/client-secrets.ts';
import { clientMemberList } from '../../domain/clients/metadata/client-members.ts';
import { refusalCodes } from '../../domain/clients/refusals/refusal.ts';
import { actorShape, id, listOf, shape, text, time } from './schemas.ts';

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
