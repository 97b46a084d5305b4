/**
 * Notes what applications are refused, for the people who run them: in memory, bounded by network and application, and
 * written a few seconds later. It never fails a request, and a request that succeeds costs nothing.
 */
import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { createNotedRefusals } from '../../domain/clients/refusals/noted-refusals.ts';
import {
  asFurther,
  type NotedRefusal,
  type Refusal,
  type RefusalCode,
  type RefusedParty,
  told,
} from '../../domain/clients/refusals/refusal.ts';
import type { Refusals } from '../../domain/ports/refusals.ts';
import { createAttemptsInMemory } from '../../domain/rate-limits/attempts-in-memory.ts';
import type { LimitedNetwork } from '../../domain/rate-limits/limits.ts';
import { dropsOf, memoryOfRequest } from '../request.ts';
import { comparisonOf, incidentOf } from './refusal.ts';
import { hintOf, type ProtocolError, refusalOf } from './refusal-codes.ts';

/**
 * Different refusals that one network causes in an hour, on each node: a stranger who goes through all applications gets no
 * further. Each wider group of an IPv6 network has twice as many as the one before.
 */
const MOST_OF_NETWORK = 100;
const HOUR_MS = 3_600_000;
/** Networks that are remembered at a time. About 1 MB. */
const REMEMBERED_NETWORKS = 5000;

/** Routes on which an application proves who it is before anything else is looked at. */
const provingRoutes = new Set(['token', 'introspection', 'revocation', 'pushed_authorization_request']);
/** What is found out while it proves it. */
const unproven = new Set<RefusalCode>([
  'auth-method-differs',
  'assertion-invalid',
  'client-unknown',
  'secret-wrong',
  'secret-expired',
  'auth-missing',
  'application-disabled',
  'application-expired',
  'application-pending',
]);

export type RefusalNotesOptions = {
  refusals: Pick<Refusals, 'add'>;
  now: () => number;
  network: (ctx: Koa.Context) => LimitedNetwork;
  /** Called with each, before any limit. */
  onRefusal?: ((code: RefusalCode) => void) | undefined;
};

export type RefusalNotes = {
  /** For the library's events in which an application is refused. */
  noteError(ctx: KoaContextWithOIDC, error: ProtocolError): void;
  /** For each answer: scopes that the application did not get. */
  noteHints(ctx: KoaContextWithOIDC): void;
  /** Stores what was noted. @throws what the storage throws; then it is tried again with the next call */
  write(): Promise<void>;
};

export function createRefusalNotes({ refusals, now, network, onRefusal }: RefusalNotesOptions): RefusalNotes {
  const noted = createNotedRefusals();
  const ofNetworks = createAttemptsInMemory(REMEMBERED_NETWORKS);
  let writing: Promise<void> = Promise.resolve();

  function note(ctx: KoaContextWithOIDC, refusal: Refusal, incident?: string): void {
    onRefusal?.(refusal.code);
    const party = partyOf(ctx);
    if (party === undefined) return;
    const at = now();
    const one: NotedRefusal = {
      party,
      refusal,
      proven: isProven(ctx, refusal),
      firstAt: at,
      lastAt: at,
      count: 1,
      ...(incident === undefined ? {} : { incident }),
    };
    if (one.proven || noted.isKnown(one)) noted.add(one);
    else noteWithin(ctx, one);
  }

  /** In its own time, because counters are asked as those of a database are. */
  function noteWithin(ctx: KoaContextWithOIDC, one: NotedRefusal): void {
    const { groups } = network(ctx as unknown as Koa.Context);
    const windowEndsAt = one.lastAt + HOUR_MS;
    const counters = groups.map((key, place) => ({ key, windowEndsAt, most: MOST_OF_NETWORK * 2 ** place }));
    ofNetworks
      .takeAll(counters, one.lastAt)
      .then((counts) => noted.add(counts === undefined ? asFurther(one) : one))
      .catch(() => {});
  }

  async function writeNow(): Promise<void> {
    const some = noted.take();
    if (some.length === 0) return;
    try {
      await refusals.add(some);
    } catch (error) {
      for (const each of some) noted.add(each);
      throw error;
    }
  }

  return {
    noteError(ctx, error) {
      const refusal = refusalOf(ctx, error);
      if (refusal !== undefined) note(ctx, refusal, incidentOf(ctx));
    },
    noteHints(ctx) {
      for (const drop of dropsOf(ctx)) note(ctx, hintOf(drop, ctx.oidc.client?.scope));
    },
    write() {
      writing = writing.catch(() => {}).then(writeNow);
      return writing;
    },
  };
}

/** Undefined: pages of ours, about which nobody can do anything. */
function partyOf(ctx: KoaContextWithOIDC): RefusedParty | undefined {
  const { unusable, pending } = memoryOfRequest(ctx) ?? {};
  const id = ctx.oidc.client?.clientId ?? unusable?.id ?? pending;
  if (id === ownClientId) return undefined;
  if (id !== undefined) return { client: id };
  const named = comparisonOf(ctx).client;
  return named === undefined ? {} : { named: told('client-unknown', named).got };
}

function isProven({ oidc }: KoaContextWithOIDC, { code }: Refusal): boolean {
  const method = oidc.client?.clientAuthMethod ?? 'none';
  return method !== 'none' && provingRoutes.has(oidc.route) && !unproven.has(code);
}
