/** A form as our own pages send it, or Problem `malformed`: small, flat, text, without control tricks. */
import parse from 'co-body';
import type Koa from 'koa';
import { z } from 'zod';
import { Problem } from '../domain/problem.ts';

const LIMIT = '64kb';
const MAX_FIELDS = 50;

/** A text field of at most `maxLength` characters; one that is not sent at all counts as empty. */
export const text = (maxLength = 1000) => z.string().max(maxLength).default('');
/** The same, without the spaces around it. */
export const trimmed = (maxLength = 1000) => z.string().trim().max(maxLength).default('');

/**
 * Reads an urlencoded form and returns its fields as the schema has them (fields it does not name are dropped).
 * @throws Problem `malformed` (400), HttpError 413 beyond 64 KB
 */
export async function readForm<Schema extends z.ZodType>(ctx: Koa.Context, schema: Schema): Promise<z.output<Schema>> {
  if (ctx.is('urlencoded') === false) throw new Problem('malformed', 'a form must be urlencoded');
  // no browser compresses a form; what says so would be inflated here before it is measured
  if (!['', 'identity'].includes(ctx.get('Content-Encoding'))) throw new Problem('malformed', 'a form is compressed');
  const fields: unknown = await parse.form(ctx, {
    limit: LIMIT,
    // a field named twice or `a[b]` becomes an array or object, which no schema of ours takes
    queryString: { allowDots: false, depth: 1, parameterLimit: MAX_FIELDS },
  });
  return checked(fields, schema);
}

/** The query string, checked in the same way. @throws Problem `malformed` */
export function readQuery<Schema extends z.ZodType>(ctx: Koa.Context, schema: Schema): z.output<Schema> {
  return checked(ctx.query, schema);
}

function checked<Schema extends z.ZodType>(fields: unknown, schema: Schema): z.output<Schema> {
  const values = Object.values(fields ?? {});
  if (values.some((value) => typeof value === 'string' && value.includes('\0'))) {
    throw new Problem('malformed', 'a field holds a null byte');
  }
  const result = schema.safeParse(fields);
  if (!result.success) {
    // the names of the fields only: what was typed may be a secret (rule 24)
    const names = result.error.issues.map(({ path, code }) => `${path.join('.')} (${code})`);
    throw new Problem('malformed', `fields that no form of ours sends: ${names.join(', ')}`);
  }
  return result.data;
}
