/**
 * Turns POST at the authorization and logout endpoints into GET, so that the session cookie can stay `Lax` (rule 19).
 */
import parse from 'co-body';
import type Koa from 'koa';
import { inTime } from '../http/body-time.ts';
import { LARGEST_REQUEST } from './records/stored-for-strangers.ts';

const MAX_BYTES = LARGEST_REQUEST;
const paths = new Set(['/auth', '/session/end']);

/** The library takes its paths in any case of letters, and with a slash at the end. */
const asWritten = (path: string) => path.toLowerCase().replace(/\/$/, '');

/**
 * @returns whether it answered: with 303 to the same parameters, or with the status that says why not. Form and query
 * string may have 8 KB each.
 */
export async function postToGet(
  ctx: Koa.Context,
  refuse: (status: number, error: string, description: string) => Promise<void>,
): Promise<boolean> {
  if (!paths.has(asWritten(ctx.path))) return false;
  if (ctx.querystring.length > MAX_BYTES) {
    // The parameters are stored until the request is answered. Strangers must not fill the database with them.
    await refuse(414, 'invalid_request', 'the request is too large');
    return true;
  }
  if (ctx.method !== 'POST') return false;
  if (!ctx.is('application/x-www-form-urlencoded')) {
    await refuse(400, 'invalid_request', 'only application/x-www-form-urlencoded bodies are supported');
    return true;
  }
  if (!['', 'identity'].includes(ctx.get('Content-Encoding'))) {
    await refuse(400, 'invalid_request', 'compressed bodies are not supported');
    return true;
  }
  try {
    const parameters = new URLSearchParams(await inTime(ctx.req, parse.text(ctx.req, { limit: MAX_BYTES })));
    for (const [name, value] of new URLSearchParams(ctx.querystring)) parameters.append(name, value);
    ctx.status = 303;
    ctx.redirect(`${ctx.path}?${parameters}`);
  } catch (error) {
    if ((error as { status?: number }).status !== 413) throw error;
    await refuse(413, 'invalid_request', 'the request is too large');
  }
  return true;
}

/** What is sent here is stored until it is used. */
const stored = new Set(['/request', '/device/auth']);
/** A pushed request may carry credentials beside what is stored of it (stored-record.ts), as long as itself. */
const LARGEST_PUSH = 2 * LARGEST_REQUEST;

/** @returns whether it answered a pushed request that says that it is too large, before anything of it is read */
export function refuseLargePush(ctx: Koa.Context): boolean {
  if (!stored.has(asWritten(ctx.path)) || (ctx.request.length ?? 0) <= LARGEST_PUSH) return false;
  ctx.status = 413;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: 'invalid_request', error_description: 'the request is too large' };
  return true;
}
