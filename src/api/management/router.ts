/** Answers every request below `/api/v1`: who calls, what is asked, and what comes of it; all faults as problems. */
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { MANAGEMENT_PATH } from '../../domain/clients/resources/management-api.ts';
import type { Idempotency } from '../../domain/ports/idempotency.ts';
import { isPassing, Problem } from '../../domain/problem.ts';
import { noteRefusal } from '../../use-cases/audit/note-refusal.ts';
import { type AuthorityParts, type Caller, callerOf, requireScope } from './authority.ts';
import { checkBody, openUpload, readBody, zodErrors } from './body.ts';
import { once } from './idempotent.ts';
import type { ApiLimits } from './limits.ts';
import { type Answer, type ApiParts, type Asked, type Operation, type SentFile, takesKey } from './operation.ts';
import { DEFAULT_LIMIT, readCursor, writeCursor } from './paging.ts';
import { etagOf, isKnown, readIfMatch } from './precondition.ts';
import { problemBody, problems, Refused } from './problem.ts';
import { matchPath } from './routes.ts';

export type RouterParts = ApiParts &
  Omit<AuthorityParts, 'clients'> & {
    idempotency: Idempotency;
    limits: ApiLimits;
    network: (ctx: Koa.Context) => { groups: readonly string[] };
    log: { info: Say; warn: Say; error: Say };
  };
type Say = (fields: object, message: string) => void;

/** What the API answers as it is, beside its operations. */
export type Documents = Readonly<Record<string, { type: string; text: string }>>;

/** Whatever is below `/api/` is answered here; `pages` are those that `next` answers. */
export function createRouter(
  operations: readonly Operation[],
  documents: Documents,
  pages: (path: string) => boolean,
  parts: RouterParts,
): Koa.Middleware {
  const base = `${parts.issuer}${MANAGEMENT_PATH}`;

  async function answer(ctx: Koa.Context, requestId: string): Promise<void> {
    if (!ctx.path.startsWith(`${MANAGEMENT_PATH}/`)) throw new Refused('not-found');
    const path = ctx.path.slice(MANAGEMENT_PATH.length);
    const found = matchPath(operations, path);
    const document = documents[path];
    if (document === undefined && found === undefined) throw new Refused('not-found');
    const methods = document === undefined ? Object.keys(found?.byMethod ?? {}) : ['GET'];
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
    if (method === 'OPTIONS') {
      ctx.set('Allow', allowed);
      ctx.status = 204;
      return;
    }
    if (!methods.includes(method)) throw new Refused('method-not-allowed', { headers: { Allow: allowed } });
    if (document !== undefined) {
      ctx.body = document.text;
      ctx.set('Content-Type', document.type);
      return;
    }
    const asked = found?.byMethod[method];
    if (asked === undefined || found === undefined) throw new TypeError('a method without its operation');
    ctx._matchedRoute = `${MANAGEMENT_PATH}${asked.path}`;
    await perform(ctx, asked, found.path, requestId);
  }

  async function perform(ctx: Koa.Context, wanted: Operation, path: Record<string, string>, requestId: string) {
    const caller = await callerOf(ctx, requestId, { ...parts, clients: parts.storage.clients }).catch(
      countFailure(ctx),
    );
    await parts.limits.takeRequest(caller.actor.id);
    requireScope(wanted, caller, parts.issuer);
    const asked = await readRequest(ctx, wanted, path, caller);
    const act = async () => answered(wanted, asked, await wanted.act(asked, parts).catch(noteRefused(wanted, caller)));
    const key = takesKey(wanted) ? ctx.get('Idempotency-Key') : '';
    const done =
      key === ''
        ? await act()
        : await once(parts, { key, actor: caller.actor, request: `POST ${ctx.path}`, body: asked.body, wanted }, act);
    send(ctx, done, parts);
  }

  /** Granting and revoking roles write an entry of their own, with more. */
  const noteRefused =
    ({ method, path, audit }: Operation, { actor }: Caller) =>
    async (error: unknown): Promise<never> => {
      const isNoted = audit?.startsWith('role.') === true;
      if (error instanceof Refused && error.code === 'not-allowed' && !isNoted)
        await noteRefusal(actor, `${method} ${MANAGEMENT_PATH}${path}`, { ...parts, auditLog: parts.storage.auditLog });
      throw error;
    };

  const countFailure = (ctx: Koa.Context) => async (error: unknown) => {
    const presented = ctx.get('Authorization') !== '';
    if (error instanceof Refused && presented) await parts.limits.takeFailure(parts.network(ctx).groups);
    throw error;
  };

  async function readRequest(
    ctx: Koa.Context,
    wanted: Operation,
    path: Record<string, string>,
    { actor, scopes }: Caller,
  ): Promise<Asked<Record<string, unknown>, unknown>> {
    const query = readQuery(ctx, wanted);
    const { limit = DEFAULT_LIMIT, cursor, ...filter } = query as { limit?: number; cursor?: string };
    const of = { operationId: wanted.operationId, filter };
    const after = cursor === undefined ? undefined : readCursor(parts.sealer, of, cursor);
    const ifMatch = wanted.ifMatch ? readIfMatch(ctx.get('If-Match')) : 'any';
    const types =
      wanted.method === 'PATCH' ? ['application/merge-patch+json', 'application/json'] : ['application/json'];
    const upload = wanted.upload === undefined ? undefined : openUpload(ctx, wanted.upload);
    const body = wanted.body === undefined ? undefined : checkBody(await readBody(ctx, types), wanted.body);
    return { actor, scopes, path, query, body, upload, ifMatch, limit, after };
  }

  function answered(wanted: Operation, asked: Asked<Record<string, unknown>, unknown>, answer: Answer) {
    const { next, revision, location, body, file } = answer;
    const { cursor: _, limit: __, ...filter } = asked.query;
    const headers: Record<string, string> = {};
    if (revision !== undefined) headers.ETag = etagOf(revision);
    if (location !== undefined) headers.Location = `${base}${location}`;
    if (next !== undefined) {
      const query = new URLSearchParams(
        Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
      );
      query.set('limit', String(asked.limit));
      query.set('cursor', writeCursor(parts.sealer, { operationId: wanted.operationId, filter }, next));
      const path = wanted.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
        encodeURIComponent(asked.path[name] ?? ''),
      );
      headers.Link = `<${base}${path}?${query}>; rel="next"`;
    }
    return { status: answer.status ?? wanted.status, headers, body, file };
  }

  return async (ctx, next) => {
    if (ctx.path !== '/api' && !ctx.path.startsWith('/api/')) return next();
    if (pages(ctx.path)) return next();
    const requestId = Buffer.from(parts.randomBytes(8)).toString('hex');
    ctx.set('Cache-Control', 'no-store');
    try {
      await answer(ctx, requestId);
    } catch (error) {
      refuse(ctx, verdictOn(error, requestId, ctx, parts), requestId);
    }
  };

  function refuse(ctx: Koa.Context, { code, rest }: Refused, incident: string): void {
    ctx.status = problems[code].status;
    ctx.set(rest.headers ?? {});
    ctx.body = JSON.stringify(problemBody(code, rest, base, incident));
    ctx.set('Content-Type', 'application/problem+json');
    // what is left of a body that is too large is not read
    if (code === 'too-large') ctx.set('Connection', 'close');
  }
}

function send(
  ctx: Koa.Context,
  {
    status,
    headers,
    body,
    file,
  }: { status: number; headers: Record<string, string>; body?: unknown; file?: SentFile | undefined },
  { log }: Pick<RouterParts, 'log'>,
) {
  ctx.set(headers);
  if (file !== undefined) return sendFile(ctx, file, log);
  const { ETag: etag } = headers;
  if (
    etag !== undefined &&
    ctx.method !== 'POST' &&
    status === 200 &&
    isKnown(ctx.get('If-None-Match'), etag) &&
    ['GET', 'HEAD'].includes(ctx.method)
  ) {
    ctx.status = 304;
    return;
  }
  ctx.status = status;
  if (body === undefined || body === null) {
    ctx.body = null;
    ctx.status = status;
    return;
  }
  ctx.body = JSON.stringify(body);
  ctx.set('Content-Type', 'application/json');
}

/** A file that breaks off ends the connection, so that nobody takes half of it for the whole. */
function sendFile(ctx: Koa.Context, { type, name, text }: SentFile, log: RouterParts['log']): void {
  ctx.status = 200;
  ctx.attachment(name);
  ctx.set('Content-Type', type);
  ctx.body = Readable.from(text).on('error', (error) => {
    log.error({ route: ctx._matchedRoute, err: { message: error.message } }, 'a file could not be sent to its end');
  });
}

/** @throws Refused `malformed` for what the operation does not know, twice, or of the wrong form */
function readQuery(ctx: Koa.Context, { query }: Operation): Record<string, unknown> {
  const given = new Map<string, string>();
  const errors = [];
  for (const [name, value] of new URLSearchParams(ctx.querystring)) {
    const wrong = given.has(name) ? 'it is there twice' : value.includes('\0') ? 'it contains a null byte' : undefined;
    if (wrong !== undefined)
      errors.push({ parameter: name.slice(0, 100), code: 'malformed', detail: wrong, remedy: 'give it once, as text' });
    given.set(name, value);
  }
  const known = query?.shape ?? {};
  for (const name of given.keys())
    if (!Object.hasOwn(known, name))
      errors.push({
        parameter: name.slice(0, 100),
        code: 'unknown',
        detail: 'this address has no such parameter',
        remedy: `remove it; it takes ${Object.keys(known).join(', ') || 'none'}`,
      });
  const read = query?.safeParse(Object.fromEntries(given));
  errors.push(...zodErrors(read?.error, 'parameter').filter(({ code }) => code !== 'unknown'));
  if (errors.length > 0) throw new Refused('malformed', { errors });
  return Object.fromEntries(Object.entries(read?.data ?? {}).filter(([, value]) => value !== undefined));
}

/** What is thrown, as it is answered; the log has the rest (rule 24). */
function verdictOn(error: unknown, incident: string, ctx: Koa.Context, { log }: Pick<RouterParts, 'log'>): Refused {
  const fields = { incident, method: ctx.method, route: ctx._matchedRoute ?? MANAGEMENT_PATH };
  if (error instanceof Refused) {
    log.info({ ...fields, problem: error.code }, 'a request to the API was refused');
    return error;
  }
  if (isPassing(error)) {
    log.warn({ ...fields, why: error.message }, 'a request to the API was put off');
    const headers = { 'Retry-After': String(error.retryAfterSeconds ?? 5) };
    return new Refused(error instanceof Problem && error.code === 'too_many' ? 'too-many' : 'unavailable', { headers });
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(typeof error);
  log.error({ ...fields, err: { type: name, message, stack } }, 'a request to the API failed');
  return new Refused('failed');
}
