/** The shapes of dynamic registration in the API: applications that registered themselves, and the tokens they need. */
import { z } from 'zod';
import { clientKinds } from '../../domain/registration/terms.ts';
import { clientShape } from './client-schemas.ts';
import { id, identifier, listOf, shape, time } from './schemas.ts';

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
