/** Prometheus metrics of one node, served on a separate listener. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { RefusalCode } from '../domain/clients/refusals/refusal.ts';
import { contained } from '../domain/contained.ts';
import type { Proof } from '../domain/sign-in/proof.ts';
import { type Readings, registerReadings } from './readings.ts';

export type Metrics = {
  registry: Registry;
  /** counts and times each request by route group and status class */
  middleware: Middleware;
  /** the same for one that was answered otherwise; `started` by `performance.now()` */
  countRequest(path: string, status: number, started: number): void;
  /** counts deliveries, by outcome */
  count(event: 'letter' | 'backchannel_logout' | 'webhook', outcome: string): void;
  /** counts a password, code or passkey that was judged or refused */
  countProof(proof: Pick<Proof, 'place' | 'factor' | 'outcome'>): void;
  /** counts the first refusal of a limit for somebody in a window; `network`: the name of a configured one, if any */
  countLimitHit(limit: string, network?: string): void;
  /** counts an application that could not prove who it is; `client`: registered, or undefined */
  countClientFailure(client: string | undefined): void;
  /** counts somebody who is signed in to this application; beyond 500 of them the others share a series */
  countSignIn(client: string, amr: readonly string[]): void;
  /** counts what an application was refused, by what for */
  countRefusal(code: RefusalCode): void;
  /** counts a request whose X-Forwarded-For a trusted proxy filled with what is no address */
  countUnreadableAddress(): void;
  /** counts an exception that nobody caught, after which the process ends */
  countUncaught(): void;
};

/** Groups of paths that share a series. All other paths are `other`, so that strangers cannot add series. */
// biome-ignore format: a list of words
const GROUPS = [
  'auth', 'token', 'me', 'jwks', 'request', 'session', 'interaction', 'activate', 'forgotten', 'reset', 'account', 'assets',
  '.well-known', 'healthz', 'readyz', 'api', 'scim', 'admin', 'desk', 'device', 'reg',
];

/** Applications with a series of their own. */
const MOST_CLIENTS = 500;

/** The metrics of this node: what is counted as it happens, and what is read at each scrape. */
export function createMetrics(readings: Readings): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'pedel_' });
  registerReadings(registry, readings);
  const requests = new Histogram({
    name: 'pedel_http_request_seconds',
    help: 'Seconds to answer a request, by group of paths and class of status',
    labelNames: ['group', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const events = new Counter({
    name: 'pedel_events_total',
    help: 'Emails, back-channel logouts and webhooks, by outcome',
    labelNames: ['event', 'outcome'],
    registers: [registry],
  });
  const proofs = new Counter({
    name: 'pedel_proofs_total',
    help: 'Passwords, codes and passkeys that were judged or refused, by page, factor and outcome (right, wrong, unknown, limited …)',
    labelNames: ['place', 'factor', 'outcome'],
    registers: [registry],
  });
  const limitHits = new Counter({
    name: 'pedel_limits_hit_total',
    help: 'Counters of rate limits that refused for the first time in their window, by limit and configured network',
    labelNames: ['limit', 'network'],
    registers: [registry],
  });
  const clientFailures = new Counter({
    name: 'pedel_client_failures_total',
    help: 'Requests of applications that could not prove who they are (invalid_client), by registered application, or `unknown`',
    labelNames: ['client'],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'pedel_refusals_total',
    help: 'Requests that applications were refused, or granted with less, by what for: see pedel clients problems',
    labelNames: ['code'],
    registers: [registry],
  });
  const signIns = new Counter({
    name: 'pedel_sign_ins_total',
    help: 'Answers that signed somebody in to an application, by application; beyond 500 applications the others are `other`',
    labelNames: ['client'],
    registers: [registry],
  });
  const signInsByFactor = new Counter({
    name: 'pedel_sign_ins_by_factor_total',
    help: 'The same by what proved who it was: password alone, code (app or recovery code), passkey, or other',
    labelNames: ['factor'],
    registers: [registry],
  });
  const unreadable = new Counter({
    name: 'pedel_unreadable_addresses_total',
    help: 'Requests whose X-Forwarded-For entry from a trusted proxy is no address, so that the proxy itself was counted',
    registers: [registry],
  });
  const uncaught = new Counter({
    name: 'pedel_uncaught_exceptions_total',
    help: 'Exceptions that nobody caught; after the first, the process finishes what is under way and ends',
    registers: [registry],
  });
  const clients = new Set<string>();
  function seriesOf(client: string): string {
    if (!clients.has(client) && clients.size >= MOST_CLIENTS) return 'other';
    clients.add(client);
    return client;
  }
  function countRequest(path: string, status: number, started: number): void {
    const first = path.split('/')[1] ?? '';
    const group = first === '' ? 'home' : GROUPS.includes(first) ? first : 'other';
    requests.observe({ group, status: `${Math.floor(status / 100)}xx` }, (performance.now() - started) / 1000);
  }
  /** By the strongest of RFC 8176: a session that was stepped up has them all. */
  function factorOf(amr: readonly string[]): 'passkey' | 'code' | 'password' | 'other' {
    if (amr.includes('hwk') || amr.includes('swk')) return 'passkey';
    if (amr.includes('otp')) return 'code';
    return amr.includes('pwd') ? 'password' : 'other';
  }
  return {
    registry,
    countRequest,
    count: (event, outcome) => events.inc({ event, outcome }),
    countProof: ({ place, factor, outcome }) => proofs.inc({ place, factor, outcome }),
    countLimitHit: (limit, network = 'other') => limitHits.inc({ limit, network }),
    countClientFailure: (client) => clientFailures.inc({ client: client ?? 'unknown' }),
    countSignIn(client, amr) {
      signIns.inc({ client: seriesOf(client) });
      signInsByFactor.inc({ factor: factorOf(amr) });
    },
    countRefusal: (code) => refusals.inc({ code }),
    countUnreadableAddress: () => unreadable.inc(),
    countUncaught: () => uncaught.inc(),
    async middleware(ctx, next) {
      const started = performance.now();
      try {
        await next();
      } finally {
        countRequest(ctx.path, ctx.status, started);
      }
    },
  };
}

/** A server that answers only `GET /metrics`; it does not listen yet. */
export function createMetricsServer(registry: Registry): Server {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const body = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(body);
    } catch {
      response.writeHead(500).end('the metrics cannot be collected\n');
    }
  }
  return createServer(contained(answer, () => undefined)); // what is left is an answer that could not be written
}
