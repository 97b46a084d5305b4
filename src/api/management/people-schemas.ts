/** The shapes of people in the API. */
import { z } from 'zod';
import { endKinds } from '../../domain/account/access-terms.ts';
import { listOf, shape, text, time } from './schemas.ts';

const affiliation = { organisation: text, role: text };
const person = {
  id: text,
  name: text,
  number: z.string().optional(),
  email: z.string().optional().meta({ description: 'the institution address that is shown' }),
  state: text.meta({
    description: 'not-invited, invited, active, not-yet, suspended or ended; merged: it is part of another account',
  }),
  masked: z.boolean().meta({ description: 'name, number and addresses are cut to their first signs' }),
};

const foundPersonShape = shape(
  'FoundPerson',
  z.strictObject({ ...person, affiliations: z.array(z.strictObject(affiliation)) }),
);
export const personList = listOf('PersonList', foundPersonShape);

const day = z.iso.date();
export const personShape = shape(
  'Person',
  z.strictObject({
    ...person,
    numbers: z.array(text),
    emails: z.array(text),
    personal_email: z.string().optional().meta({ description: 'its first sign and its domain' }),
    known_since: time,
    activated_at: time.optional(),
    password_set_at: time.optional(),
    affiliations: z.array(
      z.strictObject({
        ...affiliation,
        from: day.optional(),
        until: day.optional(),
        ended_on: day.optional().meta({ description: 'the official end that its source reported' }),
        end: z.enum(endKinds).optional().meta({ description: 'how it ends, where its source says so' }),
        source: text.meta({ description: 'the feed that gave it' }),
      }),
    ),
    entries: z
      .array(z.strictObject({ source: text, key: text }))
      .meta({ description: 'the sources that know the person, and by which key' }),
    merged: z
      .array(z.strictObject({ id: text, name: text, at: time, undo_until: time }))
      .meta({ description: 'accounts that were made part of this one, as long as that can be undone' }),
    merged_into: z
      .string()
      .optional()
      .meta({ description: 'the account of which this one is part: all that it had is there' }),
    factors: z.strictObject({ totps: z.int(), passkeys: z.int(), recovery_codes: z.int() }),
  }),
);

const sessionShape = shape(
  'Session',
  z.strictObject({
    signed_in_at: time,
    used_at: time.optional(),
    amr: z.array(text).meta({ description: 'factors, as in RFC 8176' }),
    agent: z.string().optional().meta({ description: 'what the browser calls itself' }),
    network: z.string().optional(),
    clients: z.array(text).meta({ description: 'client_ids that are signed in by it' }),
  }),
);
export const sessionList = listOf('SessionList', sessionShape);
