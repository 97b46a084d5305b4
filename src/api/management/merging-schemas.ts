/** The shapes of merging people, undoing that, and splitting. */
import { z } from 'zod';
import { id, identifier, shape, text } from './schemas.ts';

const entry = z.strictObject({
  source: text,
  key: z.string().meta({ description: 'by which the source knows the person' }),
});
const asked = {
  reason: z.string().min(1).max(500).meta({ description: 'why, in one line, for the audit log alone' }),
  dry_run: z.boolean().optional().meta({ description: 'true: tell what would come of it, and change nothing' }),
};
const done = {
  dry_run: z.boolean().meta({ description: 'nothing was changed' }),
  id,
  not_moved: z
    .array(text)
    .optional()
    .meta({ description: 'what another account had first meanwhile, and keeps; absent of a dry run' }),
};

export const mergeAskedShape = shape(
  'MergeAsked',
  z.strictObject({ other: identifier.meta({ description: 'id of the account that goes, or comes back' }), ...asked }),
);
export const mergeShape = shape(
  'Merge',
  z.strictObject({
    ...done,
    other: id,
    numbers: z.array(text).meta({ description: 'these, and what follows, come along' }),
    emails: z.array(text),
    entries: z.array(entry),
    affiliations: z.array(z.strictObject({ organisation: text, role: text })),
    access_ends: z.iso.date().optional().meta({ description: 'the last day on which the account that stays opens' }),
  }),
);
export const unmergeShape = shape('Unmerge', z.strictObject({ ...done, other: id }));

export const splitAskedShape = shape(
  'SplitAsked',
  z.strictObject({
    entries: z
      .array(z.strictObject({ source: identifier, key: identifier }))
      .min(1)
      .max(50),
    ...asked,
  }),
);
export const splitShape = shape(
  'Split',
  z.strictObject({
    ...done,
    stays: z.array(text).meta({ description: 'numbers of the entries that stay, because applications know them' }),
    new_account: z.strictObject({
      id: z.string().optional().meta({ description: 'absent of a dry run' }),
      numbers: z.array(text),
      emails: z.array(text),
    }),
  }),
);
