/**
 * The one error handler: the visitor sees a sentence, a way on and an incident id; the log gets the details (rule 24).
 */
import type Koa from 'koa';
import type { PageReason } from '../domain/incidents/incident.ts';
import { Problem } from '../domain/problem.ts';
import { HttpError } from './http-error.ts';
import type { Pages } from './page.ts';

/** Where errors are logged. A pino logger fits. */
export type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

type Verdict = { status: number; reason: PageReason; retryAfterSeconds?: number | undefined };

/** Middleware that turns every error, and every request without an answer, into a page. Mount it before all pages. */
export function catchAll(options: {
  pages: Pages;
  log: Log;
  /** makes the number, and notes what it stands for */
  newIncident: (ctx: Koa.Context, reason: PageReason) => string;
}): Koa.Middleware {
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
      // The router answers 501 to a method that no route has. The visitor sees the same page as for 405.
      if (unanswered && (ctx.status === 405 || ctx.status === 501)) await show(ctx, { status: 405, reason: 'method' });
    } catch (error) {
      if (ctx.headerSent || !ctx.writable) {
        log.warn(
          { route: routeOf(ctx), err: described(error) },
          'too late for an error page: the answer had begun, or the client was gone',
        );
        return;
      }
      const verdict = verdictOn(error);
      const incident = newIncident(ctx, verdict.reason);
      const fields = { incident, method: ctx.method, route: routeOf(ctx), status: verdict.status };
      // If the database is away, every request fails the same way. One sentence says it; a stack trace adds nothing.
      if (verdict.reason === 'away') log.warn({ ...fields, why: (error as Problem).message }, 'a request was put off');
      else if (verdict.status >= 500 && verdict.reason !== 'busy')
        log.error({ ...fields, err: described(error) }, 'a request failed');
      else log.info({ ...fields, err: described(error, false) }, 'a request was refused');
      // Removes only headers of the answer that failed. Set-Cookie stays.
      for (const header of ['Content-Length', 'Content-Encoding', 'Location']) ctx.remove(header);
      await show(ctx, verdict, incident);
    }
  };
}

/** The pattern of the route, or the first segment of the path: the rest may contain a link's token. */
function routeOf(ctx: Koa.Context): string {
  const pattern: unknown = ctx._matchedRoute;
  return typeof pattern === 'string' ? pattern : `/${ctx.path.split('/')[1] ?? ''}`;
}

/**
 * Name, message and stack only: body parsers attach the request body to their errors. What is expected, and comes in
 * thousands under an attack or overload, has no stack.
 */
function described(error: unknown, withStack = true): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, cause } = error;
  const stack = withStack ? error.stack : undefined;
  // Not under `code`: the log redacts that name, because activation codes use it.
  const code = 'code' in error ? { errorCode: error.code } : {};
  return {
    type: name,
    message,
    stack,
    ...code,
    ...(cause === undefined ? {} : { cause: described(cause, withStack) }),
  };
}

function verdictOn(error: unknown): Verdict {
  if (error instanceof HttpError) return error;
  if (error instanceof Problem) {
    const { code, retryAfterSeconds = 5 } = error;
    if (code === 'storage_unavailable') return { status: 503, reason: 'away', retryAfterSeconds };
    if (code === 'too_many') return { status: 429, reason: 'too-many', retryAfterSeconds };
    if (code === 'busy' || code === 'lost_race') return { status: 503, reason: 'busy', retryAfterSeconds };
    return code === 'malformed' ? { status: 400, reason: 'malformed' } : { status: 500, reason: 'bug' };
  }
  // The library's error: the interaction was finished or deleted between two of our steps.
  if (error instanceof Error && error.name === 'SessionNotFound') return { status: 400, reason: 'expired' };
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return { status, reason: 'too-large' };
  if (typeof status === 'number' && status >= 400 && status < 500) return { status, reason: 'malformed' };
  return { status: 500, reason: 'bug' };
}
