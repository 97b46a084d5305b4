/** Answers every request below `/scim/v2`: which source calls, what it says or asks, and what comes of it. */
import type Koa from 'koa';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { SCIM_PATH } from '../../domain/clients/resources/scim-api.ts';
import type { FeedContext } from '../../domain/feed/feed.ts';
import { isPassing, Problem } from '../../domain/problem.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import {
  changeUser,
  createUser,
  findUser,
  type ScimPorts,
  type Stored,
  type WriteOutcome,
} from '../../use-cases/scim/users.ts';
import { readBody } from '../management/body.ts';
import { isKnown } from '../management/precondition.ts';
import { Refused } from '../management/problem.ts';
import { schemasOf } from './attributes.ts';
import { type AuthorityParts, type Caller, callerOf } from './authority.ts';
import { createDocuments } from './documents.ts';
import { errorBody, invalid, ScimError } from './errors.ts';
import type { ScimLimits } from './limits.ts';
import { answerList, readListQuery, readSearch } from './list.ts';
import { patched, readPatch } from './patch.ts';
import { projected } from './projection.ts';
import { readUser } from './read-user.ts';
import { represent } from './represent.ts';

export type ScimParts = AuthorityParts & {
  ports: ScimPorts;
  organisations: Organisation[];
  defaultLanguage: Language;
  invitationSeconds: number;
  sealer: Sealer;
  randomBytes: RandomBytes;
  limits: ScimLimits;
  network: (ctx: Koa.Context) => { groups: readonly string[] };
  /** Called when an account was written, so that its emails go out at once. */
  onWritten: (stored: Stored['account']) => void;
  log: { info: Say; warn: Say; error: Say };
};
type Say = (fields: object, message: string) => void;

const TYPES = ['application/scim+json', 'application/json'];
const LARGEST_BYTES = 64 * 1024;
/** All people of the source: there is no other kind of resource, so that the root has them too (RFC 7644, 3.4.2). */
const COLLECTIONS = ['', '/', '/Users', '/Users/.search', '/.search'];
const HELD_RETRY_SECONDS = 3600;

/** Whatever is below `/scim/` is answered here. */
export function createScimRouter(parts: ScimParts): Koa.Middleware {
  const base = `${parts.issuer}${SCIM_PATH}`;
  const documents = createDocuments(base, parts.organisations);
  const schemas = schemasOf(parts.organisations);

  async function answer(ctx: Koa.Context, requestId: string): Promise<void> {
    const path = ctx.path.startsWith(`${SCIM_PATH}/`) ? ctx.path.slice(SCIM_PATH.length) : '';
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
    const document = Object.hasOwn(documents, path) ? documents[path] : undefined;
    if (document !== undefined) return sendDocument(ctx, method, document);
    const caller = await callerOf(ctx, requestId, parts).catch(countFailure(ctx));
    await parts.limits.takeRequest(caller.source.id);
    ctx._matchedRoute = `${SCIM_PATH}${path.startsWith('/Users/') ? '/Users/{id}' : '/Users'}`;
    if (COLLECTIONS.includes(path)) return collection(ctx, method, path, caller, requestId);
    const id = /^\/Users\/([\w-]{1,100})$/.exec(path)?.[1];
    if (id !== undefined) return one(ctx, method, id, caller, requestId);
    if (['/Bulk', '/Me'].includes(path)) throw new ScimError(501, `${path} is not there: see ServiceProviderConfig`);
    throw new ScimError(404, 'there is nothing at this address');
  }

  const countFailure = (ctx: Koa.Context) => async (error: unknown) => {
    const presented = ctx.get('Authorization') !== '';
    if (error instanceof ScimError && presented) await parts.limits.takeFailure(parts.network(ctx).groups);
    throw error;
  };

  function sendDocument(ctx: Koa.Context, method: string, document: object): void {
    if (method !== 'GET') throw notAllowed('GET, HEAD');
    // RFC 7644, 4: nobody believes a filter that is ignored
    if (ctx.query.filter !== undefined) throw new ScimError(403, 'this document is not filtered');
    send(ctx, 200, document);
  }

  const contextOf = ({ source, by }: Caller): FeedContext => ({
    source,
    by,
    organisations: parts.organisations,
    defaultLanguage: parts.defaultLanguage,
    sealer: parts.sealer,
    now: parts.now(),
    randomBytes: parts.randomBytes,
    invitationSeconds: parts.invitationSeconds,
  });
  const shown = (stored: Stored) => represent(stored, { base, organisations: parts.organisations });
  const chosen = (ctx: Koa.Context) => readListQuery(new URLSearchParams(ctx.querystring));
  const body = (ctx: Koa.Context) => readBody(ctx, TYPES, LARGEST_BYTES);

  async function collection(ctx: Koa.Context, method: string, path: string, caller: Caller, requestId: string) {
    if (method === 'POST' && path === '/Users') {
      const said = readUser(await body(ctx), schemas);
      const outcome = await createUser(parts.ports, said, contextOf(caller));
      return sendOutcome(ctx, 201, outcome, caller, requestId);
    }
    const isSearch = path.endsWith('/.search');
    if (method !== (isSearch ? 'POST' : 'GET')) throw notAllowed(isSearch ? 'POST' : 'GET, HEAD, POST');
    const request = isSearch ? readSearch(await body(ctx)) : chosen(ctx);
    const show = (stored: Stored) => projected(shown(stored).resource, request);
    send(ctx, 200, await answerList(request, caller.source.id, show, parts));
  }

  async function one(ctx: Koa.Context, method: string, id: string, caller: Caller, requestId: string) {
    if (method === 'GET') return read(ctx, id, caller);
    const change = await changeOf(ctx, method);
    const ifMatch = ctx.get('If-Match');
    const matches = (stored: Stored) => ifMatch === '' || isKnown(ifMatch, shown(stored).etag);
    const outcome = await changeUser(parts.ports, id, contextOf(caller), matches, change);
    return sendOutcome(ctx, 200, outcome, caller, requestId);
  }

  async function changeOf(ctx: Koa.Context, method: string): Promise<Parameters<typeof changeUser>[4]> {
    if (method === 'DELETE') return () => undefined;
    if (method === 'PUT') {
      const said = readUser(await body(ctx), schemas);
      return () => said;
    }
    if (method !== 'PATCH') throw notAllowed('GET, HEAD, PUT, PATCH, DELETE');
    const operations = readPatch(await body(ctx), schemas);
    return (user) => patched(user, operations, schemas);
  }

  async function read(ctx: Koa.Context, id: string, caller: Caller): Promise<void> {
    const stored = await findUser(parts.ports, caller.source.id, id);
    if (stored === undefined) throw missing();
    const { resource, etag } = shown(stored);
    ctx.set('ETag', etag);
    if (ctx.get('If-None-Match') !== '' && isKnown(ctx.get('If-None-Match'), etag)) ctx.status = 304;
    else send(ctx, 200, projected(resource, chosen(ctx)));
  }

  function sendOutcome(ctx: Koa.Context, status: 200 | 201, outcome: WriteOutcome, caller: Caller, requestId: string) {
    if (outcome.kind === 'deleted') {
      ctx.status = 204;
      return;
    }
    if (outcome.kind !== 'written' && outcome.kind !== 'unchanged') throw refusalOf(outcome, caller, requestId);
    if (outcome.kind === 'written') parts.onWritten(outcome.account);
    const { resource, etag, location } = shown(outcome);
    ctx.set('ETag', etag);
    ctx.set('Location', location);
    send(ctx, status, projected(resource, chosen(ctx)));
  }

  return async (ctx) => {
    const requestId = Buffer.from(parts.randomBytes(8)).toString('hex');
    ctx.set('Cache-Control', 'no-store');
    try {
      await answer(ctx, requestId);
    } catch (error) {
      const refused = verdictOn(error, requestId, ctx, parts);
      ctx.set(refused.headers);
      if (refused.status === 413) ctx.set('Connection', 'close'); // what is left of the body is not read
      send(ctx, refused.status, errorBody(refused));
    }
  };
}

const missing = () => new ScimError(404, 'this source has no such person');
const notAllowed = (Allow: string) => new ScimError(405, `this address takes ${Allow}`, { headers: { Allow } });

function refusalOf(outcome: WriteOutcome, { source }: Caller, incident: string): ScimError {
  switch (outcome.kind) {
    case 'missing':
      return missing();
    case 'stale':
      return new ScimError(412, 'it has changed since you read it: read it again, and send its ETag now');
    case 'taken':
      return new ScimError(409, 'userName, externalId, a number or an address of this person is taken', {
        scimType: 'uniqueness',
      });
    case 'protected':
      return new ScimError(403, 'an administrator looks after this account, and no source changes it');
    case 'held':
      return new ScimError(
        503,
        `too many people of source ${source.id} would lose access within 24 hours, so nobody more does: whoever runs this installation can release them (incident ${incident})`,
        { headers: { 'Retry-After': String(HELD_RETRY_SECONDS) } },
      );
    case 'invalid':
      return invalid('invalidValue', outcome.faults.map(({ path, detail }) => `${path} ${detail}`).join('; '));
    default:
      throw new TypeError(`${outcome.kind} is no refusal`);
  }
}

function send(ctx: Koa.Context, status: number, body: object): void {
  ctx.status = status;
  ctx.body = JSON.stringify(body);
  ctx.set('Content-Type', 'application/scim+json');
}

/** What is thrown, as it is answered; the log has the rest (rule 24). */
function verdictOn(error: unknown, incident: string, ctx: Koa.Context, { log }: Pick<ScimParts, 'log'>): ScimError {
  const fields = { incident, method: ctx.method, route: ctx._matchedRoute ?? SCIM_PATH };
  const refused = error instanceof Refused ? ofBody(error) : error;
  if (refused instanceof ScimError) {
    log.info({ ...fields, status: refused.status, scimType: refused.scimType }, 'a SCIM request was refused');
    return refused;
  }
  if (isPassing(error)) {
    log.warn({ ...fields, why: error.message }, 'a SCIM request was put off');
    const headers = { 'Retry-After': String(error.retryAfterSeconds ?? 5) };
    const tooMany = error instanceof Problem && error.code === 'too_many';
    return new ScimError(tooMany ? 429 : 503, 'this cannot be done at the moment: try again', { headers });
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(typeof error);
  log.error({ ...fields, err: { type: name, message, stack } }, 'a SCIM request failed');
  return new ScimError(500, `something went wrong here (incident ${incident})`);
}

function ofBody({ code, message, rest }: Refused): ScimError {
  if (code === 'too-slow') return new ScimError(408, message);
  if (code === 'too-large') return new ScimError(413, `a body has at most ${LARGEST_BYTES / 1024} kB, and 20 levels`);
  if (code === 'unsupported-media-type')
    return new ScimError(415, `send ${TYPES.join(' or ')}, in UTF-8 and uncompressed`);
  return invalid('invalidSyntax', rest.errors?.[0]?.detail ?? message);
}
