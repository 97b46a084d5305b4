/**
 * The endpoints at which applications register themselves (RFC 7591) and look after their registration (RFC 7592). What is
 * accepted our own rules decide; the library's client only says whether its requests would work.
 */
import parse from 'co-body';
import type Koa from 'koa';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import { isPassing, Problem } from '../../domain/problem.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { LimitedNetwork } from '../../domain/rate-limits/limits.ts';
import { CutOff, inTime } from '../../http/body-time.ts';
import {
  changeClient,
  deleteClient,
  type ManageDeps,
  managedClient,
} from '../../use-cases/registration/manage-client.ts';
import { type Issued, type RegisterDeps, registerClient } from '../../use-cases/registration/register-client.ts';
import type { Log } from '../page-sources.ts';
import { incidentOf } from '../refusals/refusal.ts';
import { faultsIn, registrationAnswer } from './registration-answer.ts';
import { createRegistrationLimits } from './registration-limits.ts';

/** As configured (src/config/options/registration.ts). */
export type DynamicRegistration = { approval: 'required' | 'by-token'; pendingDays: number };

export const registrationPath = '/reg';
const paths = /^\/reg(?:\/([^/]+))?\/?$/i;
const LARGEST_BYTES = 64 * 1024;
const DEEPEST = 20;

export type RegistrationOptions = DynamicRegistration & {
  issuer: string;
  tokens: Pick<InitialAccessTokens, 'find' | 'register'>;
  clients: Pick<Clients, 'find' | 'put' | 'clear' | 'remove'>;
  judge: (record: ClientRecord) => Promise<string | undefined>;
  fetch: RegisterDeps['fetch'];
  now: () => number;
  randomBytes: RandomBytes;
  log: Log;
  network: (ctx: Koa.Context) => LimitedNetwork & { address?: string };
  /** Counts what a stranger stores. @throws Problem `too_many` */
  takeForStranger: (ctx: Koa.Context, bytes: number) => void;
  /** Called after a registration changed, so that this node knows it at once. */
  onChange: () => void;
};

type Answer = { status: number; body?: object; headers?: Record<string, string> };

/** Answers every request to its paths; others go to `next`. */
export function createRegistration(options: RegistrationOptions): Koa.Middleware {
  const { issuer, log, now, network } = options;
  const limits = createRegistrationLimits(now);
  const deps = (ctx: Koa.Context): RegisterDeps & ManageDeps => ({
    ...options,
    mayTry: limits.mayTry,
    mayStore: (bytes) => options.takeForStranger(ctx, bytes),
  });
  const about = (ctx: Koa.Context) => ({ address: network(ctx).address ?? network(ctx).groups[0] });

  async function register(ctx: Koa.Context): Promise<Answer> {
    const body = await readJson(ctx);
    const outcome = await registerClient(body, bearerOf(ctx), deps(ctx));
    if (outcome.kind === 'token-not-valid') return unauthorized(ctx, 'initial access token');
    if (outcome.kind === 'refused') return refused(ctx, outcome.faults);
    options.onChange();
    const { id, registration, origin } = outcome.record;
    log.info({ client: id, state: registration?.state, origin, ...about(ctx) }, 'an application registered itself');
    return { status: 201, body: answerOf(outcome) };
  }

  async function manage(ctx: Koa.Context, id: string): Promise<Answer> {
    const bearer = bearerOf(ctx);
    if (ctx.method === 'GET' || ctx.method === 'HEAD') {
      const record = await managedClient(id, bearer, options);
      if (record === undefined) return unauthorized(ctx, 'registration access token');
      return { status: 200, body: answerOf({ record, accessToken: bearer ?? '' }) };
    }
    if (ctx.method === 'DELETE') {
      if (!(await deleteClient(id, bearer, deps(ctx)))) return unauthorized(ctx, 'registration access token');
      options.onChange();
      log.info({ client: id, ...about(ctx) }, 'an application deleted its registration');
      return { status: 204 };
    }
    const outcome = await changeClient(id, bearer, await readJson(ctx), deps(ctx));
    if (outcome.kind === 'token-not-valid') return unauthorized(ctx, 'registration access token');
    if (outcome.kind === 'refused') return refused(ctx, outcome.faults);
    options.onChange();
    log.info({ client: id, ...about(ctx) }, 'an application changed its registration');
    return { status: 200, body: answerOf(outcome) };
  }

  const answerOf = (issued: Issued) => registrationAnswer(issued, `${issuer}${registrationPath}`);

  /** The same for every token that opens nothing; where one network goes on, it is told to wait. */
  function unauthorized(ctx: Koa.Context, what: string): Answer {
    limits.countFailure(network(ctx).groups);
    const description = `the ${what} is not valid: it is unknown, or has expired, was used up, replaced or revoked`;
    const challenge = `Bearer realm="${issuer}", error="invalid_token", error_description="${description}"`;
    return {
      status: 401,
      body: { error: 'invalid_token', error_description: description },
      headers: { 'WWW-Authenticate': challenge },
    };
  }

  function refused(ctx: Koa.Context, faults: MetadataFault[]): Answer {
    const incident = incidentOf(ctx);
    const members = [...new Set(faults.map(({ member }) => member))].slice(0, 20);
    log.info({ incident, members, ...about(ctx) }, 'a registration was refused');
    return { status: 400, body: faultsIn(faults) };
  }

  return async (ctx, next) => {
    const found = paths.exec(ctx.path);
    if (found === null) return next();
    const id = found[1];
    const methods = id === undefined ? ['POST'] : ['GET', 'HEAD', 'PUT', 'DELETE'];
    const answer = methods.includes(ctx.method)
      ? await (id === undefined ? register(ctx) : manage(ctx, id)).catch((error: unknown) => failed(ctx, error, log))
      : {
          status: 405,
          body: errorBody('invalid_request', `use ${methods.join(' or ')}`),
          headers: { Allow: methods.join(', ') },
        };
    ctx.status = answer.status;
    ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache', ...answer.headers });
    ctx.body = answer.body ?? null;
  };
}

class BadRequest extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws BadRequest for anything but JSON of a bounded size and depth */
async function readJson(ctx: Koa.Context): Promise<unknown> {
  if (!ctx.is('application/json')) throw new BadRequest(400, 'send application/json');
  if (!['', 'identity'].includes(ctx.get('Content-Encoding'))) throw new BadRequest(400, 'send it uncompressed');
  let text: string;
  try {
    text = await inTime(ctx.req, parse.text(ctx.req, { limit: LARGEST_BYTES }));
  } catch (error) {
    if (error instanceof CutOff) throw new BadRequest(error.status, error.message);
    const tooLarge = (error as { status?: number }).status === 413;
    throw new BadRequest(
      tooLarge ? 413 : 400,
      tooLarge ? 'a registration has 64 KB at most' : 'the body cannot be read',
    );
  }
  try {
    if (depthOf(text) > DEEPEST) throw new BadRequest(400, `a registration is ${DEEPEST} levels deep at most`);
    return JSON.parse(text);
  } catch (error) {
    throw error instanceof BadRequest ? error : new BadRequest(400, 'the body is not JSON');
  }
}

/** How deep a text nests, were it JSON; brackets in strings count as well, of which no registration has many. */
function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (const sign of text) {
    if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** From the header only (RFC 6750, 2.1): an address or a form would be logged somewhere. */
function bearerOf(ctx: Koa.Context): string | undefined {
  return /^Bearer ([\w.~+/-]{1,500}=*)$/i.exec(ctx.get('Authorization'))?.[1];
}

const errorBody = (error: string, description: string) => ({ error, error_description: description });

function failed(ctx: Koa.Context, error: unknown, log: Log): Answer {
  if (error instanceof BadRequest) return { status: error.status, body: errorBody('invalid_request', error.message) };
  const incident = incidentOf(ctx);
  if (isPassing(error)) {
    const tooMany = error instanceof Problem && error.code === 'too_many';
    log.warn({ incident, why: error.message }, 'a registration was put off');
    return {
      status: tooMany ? 429 : 503,
      body: errorBody('temporarily_unavailable', `try again later (${incident})`),
      headers: { 'Retry-After': String(error.retryAfterSeconds ?? 5) },
    };
  }
  log.error({ incident, err: error }, 'a registration failed');
  return { status: 500, body: errorBody('server_error', `something went wrong here (${incident})`) };
}
