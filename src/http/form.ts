/** Reads and validates a form from our own pages: small, flat and text only. Anything else is Problem `malformed`. */
import parse from 'co-body';
import type Koa from 'koa';
import { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import { inTime } from './body-time.ts';

const LIMIT = '64kb';
const MAX_FIELDS = 50;

/** A text field of at most `maxLength` characters. A missing field counts as empty. */
export const text = (maxLength = 1000) => z.string().max(maxLength).default('');
/** The same as `text`, with surrounding spaces removed. */
export const trimmed = (maxLength = 1000) => z.string().trim().max(maxLength).default('');

/**
 * Reads an urlencoded form and returns the fields of the schema. Fields that the schema does not name are dropped.
 * @throws Problem `malformed` (400); HttpError 413 beyond 64 KB; CutOff (408) where it does not arrive
 */
export async function readForm<Schema extends z.ZodType>(ctx: Koa.Context, schema: Schema): Promise<z.output<Schema>> {
  if (ctx.is('urlencoded') === false) throw new Problem('malformed', 'a form must be urlencoded');
  // No browser compresses a form. A compressed body would be inflated here before its size is checked.
  if (!['', 'identity'].includes(ctx.get('Content-Encoding')))
    throw new Problem('malformed', 'a form must not be compressed');
  const reading: Promise<unknown> = parse.form(ctx, {
    limit: LIMIT,
    // A repeated field or `a[b]` becomes an array or object, which our schemas refuse.
    queryString: { allowDots: false, depth: 1, parameterLimit: MAX_FIELDS },
  });
  const fields = await inTime(ctx.req, reading);
  return checked(fields, schema);
}

/** Reads and validates the query string. @throws Problem `malformed` */
export function readQuery<Schema extends z.ZodType>(ctx: Koa.Context, schema: Schema): z.output<Schema> {
  return checked(ctx.query, schema);
}

function checked<Schema extends z.ZodType>(fields: unknown, schema: Schema): z.output<Schema> {
  const values = Object.values(fields ?? {});
  if (values.some((value) => typeof value === 'string' && value.includes('\0'))) {
    throw new Problem('malformed', 'a field contains a null byte');
  }
  const result = schema.safeParse(fields);
  if (!result.success) {
    // Names of fields only: the values may be secrets (rule 24).
    const names = result.error.issues.map(({ path, code }) => `${path.join('.')} (${code})`);
    throw new Problem('malformed', `fields that no form of ours sends: ${names.join(', ')}`);
  }
  return result.data;
}
