/**
 * Fetches documents of applications (`jwks_uri`, `sector_identifier_uri`): one call at a time per address, and an answer
 * or failure is remembered for a while. So a host that is down is not asked by every request that needs it, and
 * strangers cannot make this node call a host at will.
 */
import { LRUCache } from 'lru-cache';
import type { createOutgoingFetch } from './outgoing.ts';

type Fetch = ReturnType<typeof createOutgoingFetch>;
export type SharedFetch = Fetch & {
  /** Has the next call ask the host, for a decision that is made once; one that failed lately is still left alone. */
  forgetAnswer(url: string): void;
};
type Answer = { status: number; headers: [string, string][]; body: Uint8Array<ArrayBuffer> | null };
type Outcome = { answer: Answer } | { error: unknown };

const KEPT = 2000;
const KEPT_BYTES = 32 * 1024 * 1024;
/** How long an answer is used again. */
const ANSWER_MS = 5000;
/** After failures in a row: 5 s, 10 s, 20 s … */
const FAILURE_MS = { first: 5000, longest: 60_000 };
/** The longest that an application may have its keys cached, in seconds: a greater number would be for ever. */
const LONGEST_MAX_AGE = 24 * 3600;

/** `elapsed`: milliseconds on a monotonic clock; only tests replace it. Calls other than GET go through as they are. */
export function createSharedFetch(outgoing: Fetch, elapsed: () => number = () => performance.now()): SharedFetch {
  const remembered = new LRUCache<string, { outcome: Outcome; until: number; failures: number }>({
    max: KEPT,
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ outcome }) => 1 + ('answer' in outcome ? (outcome.answer.body?.length ?? 0) : 0),
  });
  const underWay = new Map<string, Promise<Outcome>>();

  async function ask(url: string, init: RequestInit): Promise<Outcome> {
    const outcome = await outcomeOf(outgoing, url, init);
    const works = 'answer' in outcome && outcome.answer.status === 200;
    const failures = works ? 0 : (remembered.get(url)?.failures ?? 0) + 1;
    const keptMs = works ? ANSWER_MS : Math.min(FAILURE_MS.first * 2 ** (failures - 1), FAILURE_MS.longest);
    remembered.set(url, { outcome, until: elapsed() + keptMs, failures });
    return outcome;
  }

  function forgetAnswer(url: string): void {
    const { href } = new URL(url);
    if (remembered.get(href)?.failures === 0) remembered.delete(href);
  }

  async function shared(...[input, init = {}]: Parameters<Fetch>): Promise<Response> {
    if ((init.method ?? 'GET') !== 'GET') return outgoing(input, init);
    const url = new URL(input).href;
    const known = remembered.get(url);
    if (known !== undefined && elapsed() < known.until) return given(known.outcome);
    let asking = underWay.get(url);
    if (asking === undefined) {
      const { signal: _, ...rest } = init; // that of one caller; `outgoing` has a limit of its own
      asking = ask(url, rest).finally(() => underWay.delete(url));
      underWay.set(url, asking);
    }
    return given(await asking);
  }
  return Object.assign(shared, { forgetAnswer });
}

/** Never rejects. */
async function outcomeOf(outgoing: Fetch, url: string, init: RequestInit): Promise<Outcome> {
  try {
    const response = await outgoing(url, init);
    const body = response.body === null ? null : new Uint8Array(await response.arrayBuffer());
    return { answer: { status: response.status, headers: bounded(response.headers), body } };
  } catch (error) {
    return { error };
  }
}

/** The headers, without one that would have the answer cached for longer than a day. */
function bounded(given: Headers): [string, string][] {
  const headers = new Headers(given);
  headers.delete('expires'); // `max-age` says the same, and takes precedence
  const maxAge = /(?:^|[\s,])max-age="?(\d+)/i.exec(headers.get('cache-control') ?? '')?.[1];
  if (Number(maxAge) > LONGEST_MAX_AGE) headers.set('cache-control', `max-age=${LONGEST_MAX_AGE}`);
  return [...headers];
}

/** A response of its own for each caller, because a body is read once. */
function given(outcome: Outcome): Response {
  if ('error' in outcome) throw outcome.error;
  const { status, headers, body } = outcome.answer;
  return new Response(body, { status, headers });
}
