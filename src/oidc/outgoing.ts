/** Calls to applications (logout, jwks_uri, sector_identifier_uri) that reach no private network unless one is named (rule 18). */
import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

const TIMEOUT_MS = 2500;
const MAX_BODY_BYTES = 1024 * 1024;

/** Networks in CIDR notation that may be reached though they are not public. */
export type AllowedNetworks = readonly string[];

/** Of IPv6 only this part is given out (RFC 4291, 2.5); `::7f00:1` and whatever comes next is not public. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** Whether an address may be connected to: a public one, or one in an allowed network. IPv4 inside IPv6 counts as IPv4. */
export function mayConnectTo(address: string, allowed: AllowedNetworks): boolean {
  if (!ipaddr.isValid(address)) return false;
  const target = ipaddr.process(address);
  if (target.range() === 'unicast' && (target.kind() === 'ipv4' || target.match(globalUnicast as never))) return true;
  return allowed.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === target.kind() && target.match([base, bits] as never);
  });
}

/** A resolver that knows only permitted addresses: what it answers is what the socket connects to, so nothing changes in between. */
function guardedLookup(allowed: AllowedNetworks, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const permitted = addresses.filter(({ address }) => mayConnectTo(address, allowed));
      const [first] = permitted;
      if (first === undefined) return callback(refusal(hostname), '', 0);
      if (options.all) return callback(null, permitted);
      return callback(null, first.address, first.family);
    });
  };
}

/** What the library takes as `fetch`: no redirects, short limits, permitted addresses only. */
export function createOutgoingFetch(allowed: AllowedNetworks, resolve: typeof lookup = lookup) {
  const guarded = guardedLookup(allowed, resolve);
  return function outgoing(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // a literal address is not looked up
    if (ipaddr.isValid(host) && !mayConnectTo(host, allowed)) return Promise.reject(refusal(host));
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolvePromise, reject) => {
      const request = send(
        url,
        {
          method: init.method ?? 'GET',
          headers: Object.fromEntries(new Headers(init.headers)),
          lookup: guarded,
          signal: init.signal ?? AbortSignal.timeout(TIMEOUT_MS),
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          let received = 0;
          response.on('data', (chunk: Buffer) => {
            received += chunk.length;
            if (received > MAX_BODY_BYTES) request.destroy(new Error(`${host} sent more than ${MAX_BODY_BYTES} bytes`));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            const status = response.statusCode ?? 502;
            const headers = new Headers();
            for (const [name, value] of Object.entries(response.headers)) {
              for (const each of Array.isArray(value) ? value : [value ?? '']) headers.append(name, each);
            }
            const bodiless = status === 204 || status === 205 || status === 304;
            resolvePromise(new Response(bodiless ? null : Buffer.concat(chunks), { status, headers }));
          });
        },
      );
      request.on('error', reject);
      request.end(init.body == null ? undefined : String(init.body));
    });
  };
}

function refusal(host: string): Error {
  return new Error(`${host} is no public address and in no network of PEDEL_ALLOW_NETWORKS`);
}
