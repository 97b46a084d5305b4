/** The shapes of imports. */
import { z } from 'zod';
import { importStates } from '../../use-cases/import/state.ts';
import { id, listOf, shape, text, time } from './schemas.ts';

const suspended = z.strictObject({
  people: z.int(),
  lines: z.array(z.int()).meta({ description: 'that do not say of whom they are' }),
});

export const importShape = shape(
  'Import',
  z.strictObject({
    id,
    source: z.string(),
    state: z.enum(importStates),
    by: z.string().meta({ description: 'the account, the client, or the user of the command' }),
    at: time,
    full: z.boolean().optional().meta({ description: 'whether the file names everybody' }),
    counts: z
      .strictObject({
        rows: z.int(),
        new: z.int(),
        changed: z.int(),
        ends: z.int(),
        reopens: z.int(),
        unchanged: z.int(),
        refused: z.int(),
      })
      .optional(),
    losses: z.int().optional().meta({ description: 'open accounts that lose access' }),
    alarms: z
      .array(
        z.strictObject({
          organisation: z.string(),
          lose: z.int().optional().meta({ description: 'open accounts of the organisation that would lose access' }),
          allowed: z.int().optional().meta({ description: 'how many may without a question' }),
          people: z.int().optional().meta({ description: 'people of whom the file speaks' }),
          before: z.int().optional().meta({ description: 'people of whom the one before spoke' }),
        }),
      )
      .optional()
      .meta({ description: 'why it waits for allow_losses; empty: it does not' }),
    suspended: suspended
      .optional()
      .meta({ description: 'people from whom nothing is taken away, and because of which lines' }),
    applied_at: time.optional(),
    refused_later: z.int().optional().meta({ description: 'people whom the plan took and the application refused' }),
    progress: z
      .strictObject({
        act: z.enum(['plan', 'apply']),
        stage: z.enum(['reading', 'importing', 'applying']).optional(),
        done: z.int(),
        total: z.int().optional(),
        seen_at: time,
        fault: text.optional(),
      })
      .optional()
      .meta({ description: 'of the console or the API; a command tells its own on its terminal' }),
  }),
);
export const importList = listOf('ImportList', importShape);

export const importBegunShape = shape('ImportBegun', z.strictObject({ id }));
export const applyAskedShape = shape(
  'ImportApplyAsked',
  z.strictObject({
    allow_losses: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .optional()
      .meta({ description: 'where the import has alarms: exactly its losses' }),
  }),
);

const importEventShape = shape(
  'ImportEvent',
  z.strictObject({
    outcome: z.enum(['new', 'changed', 'ends', 'reopens', 'unchanged', 'refused', 'suspended']),
    person: z.string().optional().meta({ description: 'the key of the source' }),
    account: z.string().optional(),
    lines: z.array(z.int()).meta({ description: 'empty: the file does not name the person' }),
    fields: z.array(z.string()).optional(),
    changes: z.array(z.strictObject({ field: z.string(), from: z.string(), to: z.string() })).optional(),
    notes: z.array(z.string()).optional(),
    access_ends: z.iso.date().optional().meta({ description: 'the last day' }),
    column: z.string().optional(),
    value: z.string().optional(),
    reason: z.string().optional(),
    people: z.int().optional(),
  }),
);
export const importEventList = listOf('ImportEventList', importEventShape);
