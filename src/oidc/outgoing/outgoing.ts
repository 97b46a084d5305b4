/**
 * Calls to applications (logout, jwks_uri, sector_identifier_uri, webhooks). They reach no private network unless the operator
 * allows it (rule 18).
 */
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Agent } from 'undici';

const TIMEOUT_MS = 2500;
const MAX_BODY_BYTES = 1024 * 1024;

/** Networks in CIDR notation that may be reached although they are private. */
export type AllowedNetworks = readonly string[];

/** The only public part of IPv6 (RFC 4291, 2.5). Everything else, such as `::7f00:1`, is not public. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/**
 * Whether a connection to this address is allowed: a public address, or one in an allowed network. IPv4 inside IPv6
 * counts as IPv4.
 */
export function mayConnectTo(address: string, allowed: AllowedNetworks): boolean {
  if (!ipaddr.isValid(address)) return false;
  const target = ipaddr.process(address);
  if (target.range() === 'unicast' && (target.kind() === 'ipv4' || target.match(globalUnicast as never))) return true;
  return allowed.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === target.kind() && target.match([base, bits] as never);
  });
}

/**
 * A resolver for sockets. They connect to the address that was checked, so it cannot change between check and
 * connection. A name with both a public and a private address is refused: we do not control which one a socket takes,
 * and such a name is a mistake or an attack.
 */
function guardedLookup(allowed: AllowedNetworks, resolve: typeof lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const [first] = addresses;
      const permitted = addresses.every(({ address }) => mayConnectTo(address, allowed));
      if (first === undefined || !permitted) return callback(refusal(hostname), '', 0);
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

/** A hundred modules, loaded with the first call: a node answers people before it calls an application. */
const undici = () => import('undici');

/** Connects to permitted addresses only. Each connection serves one request, because calls are too rare to keep any. */
async function guardedAgent(allowed: AllowedNetworks, resolve: typeof lookup): Promise<Agent> {
  const { Agent, buildConnector } = await undici();
  const connect = buildConnector({ lookup: guardedLookup(allowed, resolve), timeout: TIMEOUT_MS });
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      // A literal address is not resolved, so check it here.
      if (isIP(host) !== 0 && !mayConnectTo(host, allowed)) return callback(refusal(host), null);
      return connect(options, callback);
    },
    pipelining: 0,
  });
}

/**
 * The `fetch` for the library: no redirects, permitted addresses only, at most a megabyte (unpacked) and at most
 * `timeoutMs` in all. The library's own `dispatcher` is ignored, because its guard does not know the allowed
 * networks.
 * @throws Error with a short reason, whatever the other host does
 */
export function createOutgoingFetch(allowed: AllowedNetworks, resolve: typeof lookup = lookup, timeoutMs = TIMEOUT_MS) {
  let agent: Promise<Agent> | undefined;
  return async function outgoing(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input);
    const { fetch } = await undici();
    agent ??= guardedAgent(allowed, resolve);
    const dispatcher = await agent;
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(url, {
        dispatcher,
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: init.body == null ? null : String(init.body),
        redirect: 'manual',
        signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit,
      });
      const body = await readWhole(answer.body ?? [], url.hostname);
      const { status } = answer;
      // `Response` does not accept it.
      if (status < 200 || status > 599) throw new Error(`${url.hostname} answered with the unknown status ${status}`);
      const headers = new Headers([...answer.headers].filter(([name]) => !describesPacking.has(name)));
      return new Response(bodiless.has(status) ? null : body, { status, headers });
    } catch (error) {
      // undici says only "fetch failed"; the cause says why.
      throw (error as { cause?: unknown }).cause ?? error;
    }
  };
}

/** Headers that are wrong once the body is unpacked. */
const describesPacking = new Set(['content-encoding', 'content-length', 'transfer-encoding']);
/** Statuses without a body (Fetch standard). */
const bodiless = new Set([204, 205, 304]);

async function readWhole(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, host: string) {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > MAX_BODY_BYTES) throw new Error(`${host} sent more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusal(host: string): Error {
  return new Error(`${host} is no public address and in no network of PEDEL_ALLOW_NETWORKS`);
}
