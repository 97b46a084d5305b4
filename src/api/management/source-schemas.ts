/** The shapes of sources, their tokens and the release of one that is held. */
import { z } from 'zod';
import { id, listOf, shape, text, time } from './schemas.ts';

const token = { id, made_at: time };

export const sourceShape = shape(
  'Source',
  z.strictObject({
    id,
    organisations: z.array(text),
    full: z.boolean().meta({ description: 'each of its files names everybody' }),
    last_import: z
      .strictObject({
        id,
        at: time,
        people: z.record(z.string(), z.int()).meta({ description: 'of whom it spoke, by organisation' }),
      })
      .optional()
      .meta({ description: 'the last file that was applied' }),
    scim: z.strictObject({
      people: z.int(),
      closed: z.int().meta({ description: 'who lost access in the 24 hours that are counted now' }),
      most: z.int().meta({ description: 'who may, what was released included' }),
      held: z.boolean().meta({ description: 'nobody more loses access now: those writes are answered 503' }),
      released_until: time.optional(),
    }),
    tokens: z.array(z.strictObject(token)).meta({ description: 'for SCIM; never the tokens themselves' }),
  }),
);
export const sourceList = listOf('SourceList', sourceShape);

export const sourceTokenMadeShape = shape(
  'SourceTokenMade',
  z.strictObject({ id, token: z.string().optional().meta({ description: 'the token itself, shown only once' }) }),
);

export const releaseAskedShape = shape(
  'SourceReleaseAsked',
  z.strictObject({
    people: z.int().min(1).max(9_999_999).meta({ description: 'how many more may lose access; find out why first' }),
    reason: z.string().min(1).max(500).meta({ description: 'why, in one line, for the audit log' }),
  }),
);
