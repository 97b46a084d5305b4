/**
 * Tells of applications that cannot prove who they are (wrong secret, assertion or method): a log line, a count, and 429
 * where one network goes on. A right secret is never refused or made to wait: it has 32 characters at least, so that
 * nobody guesses it, and nobody can keep an application out by guessing (rules 30, 31).
 */
import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { createAttemptsInMemory } from '../../domain/rate-limits/attempts-in-memory.ts';
import type { LimitedNetwork } from '../../domain/rate-limits/limits.ts';
import { comparisonOf, incidentOf } from '../refusals/refusal.ts';
import { memoryOfRequest } from '../request.ts';

/**
 * Failures of one application from one network that are told, on each node; from then on they are only counted. Each wider
 * group of an IPv6 network has twice as many as the one before.
 */
const TOLD = 100;
const WINDOW_SECONDS = 15 * 60;
/** Networks and applications that are remembered at a time. About 2 MB. */
const REMEMBERED = 10_000;

const routes = new Set([
  'token',
  'introspection',
  'revocation',
  'pushed_authorization_request',
  'device_authorization',
]);

/**
 * Whether this application could not prove who it is. One that may not be used is not asked to: it is no attack, and nobody is to ban its
 * address.
 */
export function isClientFailure(ctx: KoaContextWithOIDC, error: unknown): boolean {
  const { unusable, pending } = memoryOfRequest(ctx) ?? {};
  return error === 'invalid_client' && routes.has(ctx.oidc.route) && (unusable ?? pending) === undefined;
}

export type ClientFailuresOptions = {
  now: () => number;
  log: { warn(fields: object, message: string): void };
  network: (ctx: Koa.Context) => LimitedNetwork & { address?: string };
  /** `client`: registered; undefined: no application has this id. */
  onClientFailed?: ((client: string | undefined) => void) | undefined;
};

/** Returns what is to be called with each answer of the library. */
export function createClientFailures(options: ClientFailuresOptions): (ctx: KoaContextWithOIDC) => Promise<void> {
  const { now, log, network, onClientFailed = () => {} } = options;
  const failures = createAttemptsInMemory(REMEMBERED);

  return async (ctx) => {
    const { route, client } = ctx.oidc;
    const { error } = (ctx.body ?? {}) as { error?: unknown };
    if (!isClientFailure(ctx, error)) return;
    onClientFailed(client?.clientId);
    const { address, groups, name } = network(ctx as Koa.Context);
    const [group = ''] = groups;
    const windowEndsAt = now() + WINDOW_SECONDS * 1000;
    const most = (place: number) => TOLD * 2 ** place;
    const counters = groups.map((each, place) => ({
      key: `${client?.clientId ?? ''} ${each}`,
      windowEndsAt,
      most: most(place),
    }));
    const times = await failures.takeAll(counters, now());
    if (times !== undefined) {
      // examples/fail2ban-clients.conf reads the first four in this order
      log.warn(
        {
          event: 'client-failed',
          route,
          registered: client !== undefined,
          address: address ?? group,
          network: name ?? group,
          client: comparisonOf(ctx).client,
          incident: incidentOf(ctx),
          details: memoryOfRequest(ctx)?.clientFault,
          ...(times.some((each, place) => each === most(place)) ? { last: true } : {}),
        },
        'an application could not prove who it is',
      );
      return;
    }
    ctx.status = 429;
    ctx.set('Retry-After', String(WINDOW_SECONDS));
  };
}
