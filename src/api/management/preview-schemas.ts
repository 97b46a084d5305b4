/** The shapes of what a client types and would learn, in the API. */
import { z } from 'zod';
import { shape, text } from './schemas.ts';

export const connectionShape = shape(
  'Connection',
  z.strictObject({
    preset: z.string().optional().meta({ description: 'of the catalogue, with which it was registered' }),
    fields: z.array(
      z.strictObject({
        name: text.meta({ description: 'as the product calls it' }),
        value: text,
        is_secret: z.boolean().meta({ description: 'the secret goes here' }),
      }),
    ),
    snippets: z.array(z.strictObject({ file: text, when: z.string().optional(), text })),
  }),
);
const claimNames = z.array(z.string().min(1).max(200)).max(100);
export const previewAskedShape = shape(
  'PreviewAsked',
  z.strictObject({
    person: z.union([
      z.strictObject({ sample: z.string().min(1).max(200).meta({ description: 'made up, such as staff@kuleuven' }) }),
      z.strictObject({ number: z.string().min(1).max(320).meta({ description: 'user number, address or id' }) }),
    ]),
    scopes: claimNames.optional().meta({ description: 'that it asks for; absent: all that it has' }),
    claims: claimNames.optional().meta({ description: 'that it asks for by name, with scopes' }),
    draft: z.record(z.string(), z.json()).optional().meta({ description: 'a merge patch (RFC 7396)' }),
  }),
);
const claimShown = z.strictObject({
  claim: text,
  value: z.json().optional().meta({ description: 'absent: it is not told' }),
  reason: text,
});
export const previewShape = shape(
  'Preview',
  z.strictObject({
    person: z.strictObject({ name: text, number: z.string().optional(), sample: z.boolean() }),
    scopes: z.array(text),
    closed: z.string().optional().meta({ description: 'why the person may not use it; absent: he or she may' }),
    id_token: z.array(claimShown),
    userinfo: z.array(claimShown),
  }),
);
