/** The one catch: the visitor gets a sentence, a way on and an incident id; the log has the rest (rule 24). */
import type Koa from 'koa';
import { Problem } from '../domain/problem.ts';
import { type ErrorReason, HttpError } from './http-error.ts';
import type { Pages } from './page.ts';

/** What errors are written to; pino's loggers fit. */
export type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

type Verdict = { status: number; reason: ErrorReason; retryAfterSeconds?: number | undefined };

/** Mounted first: whatever is thrown behind it, and whatever nobody answered, becomes a page. */
export function catchAll(options: { pages: Pages; log: Log; newIncident: () => string }): Koa.Middleware {
  const { pages, log, newIncident } = options;

  async function show(ctx: Koa.Context, { status, reason, retryAfterSeconds }: Verdict, incident?: string) {
    if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds));
    await pages.error(ctx, { status, reason, incident });
  }

  return async (ctx, next) => {
    try {
      await next();
      const unanswered = ctx.body === undefined || ctx.body === null;
      if (unanswered && ctx.status === 404) await show(ctx, { status: 404, reason: 'missing' });
      // 501 is what the router says to a method that no door has; to who asks that is the same
      if (unanswered && (ctx.status === 405 || ctx.status === 501)) await show(ctx, { status: 405, reason: 'method' });
    } catch (error) {
      if (ctx.headerSent || !ctx.writable) {
        log.warn({ route: routeOf(ctx), err: described(error) }, 'a request ended before its answer did');
        return;
      }
      const verdict = verdictOn(error);
      const incident = newIncident();
      const fields = { incident, method: ctx.method, route: routeOf(ctx), status: verdict.status };
      // a database that is away is one fault, however many ask meanwhile: its sentence says it, a stack says no more
      if (verdict.reason === 'away') log.warn({ ...fields, why: (error as Problem).message }, 'a request was put off');
      else if (verdict.status >= 500 && verdict.reason !== 'busy')
        log.error({ ...fields, err: described(error) }, 'a request failed');
      else log.info({ ...fields, err: described(error) }, 'a request was refused');
      // only what was going to be shown goes; a Set-Cookie stays
      for (const header of ['Content-Length', 'Content-Encoding', 'Location']) ctx.remove(header);
      await show(ctx, verdict, incident);
    }
  };
}

/** The pattern of the route, or the first part of the path: the rest of a path may be a link's token. */
function routeOf(ctx: Koa.Context): string {
  const pattern: unknown = ctx._matchedRoute;
  return typeof pattern === 'string' ? pattern : `/${ctx.path.split('/')[1] ?? ''}`;
}

/** Name, message and stack only: body parsers hang what was sent onto their errors. */
function described(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, cause } = error;
  // not as `code`: under that name activation codes are redacted
  const code = 'code' in error ? { errorCode: error.code } : {};
  return { type: name, message, stack, ...code, ...(cause === undefined ? {} : { cause: described(cause) }) };
}

function verdictOn(error: unknown): Verdict {
  if (error instanceof HttpError) return error;
  if (error instanceof Problem) {
    const { code, retryAfterSeconds = 5 } = error;
    if (code === 'storage_unavailable') return { status: 503, reason: 'away', retryAfterSeconds };
    if (code === 'busy' || code === 'lost_race') return { status: 503, reason: 'busy', retryAfterSeconds };
    return code === 'malformed' ? { status: 400, reason: 'malformed' } : { status: 500, reason: 'bug' };
  }
  // the protocol's own: it was finished or swept between two of our steps
  if (error instanceof Error && error.name === 'SessionNotFound') return { status: 400, reason: 'expired' };
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return { status, reason: 'too-large' };
  if (typeof status === 'number' && status >= 400 && status < 500) return { status, reason: 'malformed' };
  return { status: 500, reason: 'bug' };
}
