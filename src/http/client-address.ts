/** Decides where a request comes from: the socket's address, or the address that trusted proxies report (rule 23). */
import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type Koa from 'koa';
import { LRUCache } from 'lru-cache';
import { beside } from '../domain/beside.ts';
import type { LimitedNetwork } from '../domain/rate-limits/limits.ts';

/** Where a request comes from; its `groups` are the keys of rate limits. */
export type Network = LimitedNetwork & {
  /** The client's full address, for the log and the audit log. */
  address: string;
  /** its computers are used by many: a sign-in in a browser there that is new to the account is no news */
  sharedComputers?: boolean;
};

/** A network with a name and limits of its own, as configured; `cidrs`: address/bits. `sharedComputers`: as of a `Network`. */
export type NamedNetwork = {
  name: string;
  cidrs: string[];
  limits: NonNullable<LimitedNetwork['limits']>;
  sharedComputers?: boolean;
};

/** An X-Forwarded-For entry that is not an address, and the trusted proxy that sent it. */
export type UnreadableEntry = { entry: string; proxy: string };

/** Characters of what strangers write that are worth keeping: two proxies, and an address of version 6 each. */
const LONGEST_KEPT = 150;

/**
 * Returns a function that finds the client's address: the last address in X-Forwarded-For outside `trustedProxies`
 * (CIDRs). If an entry cannot be read, the address of the proxy that sent it is used, so all visitors of that proxy
 * share one rate limit. `onUnreadable` is called once for each such request. Of the `named` networks that hold an
 * address, the first counts.
 */
export function createNetworks(
  trustedProxies: string[],
  onUnreadable: (found: UnreadableEntry) => void,
  named: readonly NamedNetwork[] = [],
): (ctx: Koa.Context) => Network {
  const trusted = withinAny(trustedProxies);
  const places = named.map(({ cidrs, ...is }) => ({ holds: withinAny(cidrs), is }));
  const known = beside<Network>('network');

  /** Of those that came lately, by what is read of a request: a browser sends several. */
  const lately = new LRUCache<string, Network>({ max: 500 });

  function networkOf({ req }: Koa.Context): Network {
    const forwarded = [req.headers['x-forwarded-for'] ?? []].flat().join(',');
    const socket = req.socket.remoteAddress ?? '0.0.0.0';
    const asRead = `${socket} ${forwarded}`;
    const network = lately.get(asRead);
    if (network !== undefined) return network;
    const found = addressOf(withoutZone(socket), forwarded);
    const place = places.find(({ holds }) => holds(found.address));
    const made = { address: ipaddr.process(found.address).toString(), groups: groupsOf(found.address), ...place?.is };
    if (found.unreadable === undefined) {
      if (asRead.length < LONGEST_KEPT) lately.set(asRead, made);
    } else onUnreadable(found.unreadable);
    return made;
  }

  function addressOf(socket: string, forwarded: string): { address: string; unreadable?: UnreadableEntry } {
    const entries = forwarded.split(',').map((entry) => entry.trim());
    let address = socket;
    for (const entry of entries.filter((each) => each !== '').reverse()) {
      if (!trusted(address)) break;
      const named = addressIn(entry);
      // Entries further left came through the unreadable one, so they are not trusted either.
      if (named === undefined) return { address, unreadable: { entry: entry.slice(0, 100), proxy: address } };
      address = named;
    }
    return { address };
  }

  return (ctx) => {
    const network = known.get(ctx.req) ?? networkOf(ctx);
    known.set(ctx.req, network);
    return network;
  };
}

/** Returns a function that finds the name of the first of the `named` networks that holds an address as `createNetworks` gives it. */
export function createPlaces(named: readonly NamedNetwork[]): (address: string) => string | undefined {
  const places = named.map(({ cidrs, name }) => ({ holds: withinAny(cidrs), name }));
  return (address) => (isIP(address) === 0 ? undefined : places.find(({ holds }) => holds(address))?.name);
}

/**
 * Parses an address as proxies write it: bare, or with a port (IPv6 then in brackets). Undefined if it is no address.
 */
function addressIn(entry: string): string | undefined {
  const [, v6, v4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(entry) ?? [];
  if (v6 !== undefined) return isIPv6(v6) ? withoutZone(v6) : undefined;
  const bare = v4 ?? entry;
  return isIP(bare) === 0 ? undefined : withoutZone(bare);
}

/** Removes the zone: `%eth0` in `fe80::1%eth0` names an interface of this machine, not the client. */
function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

/** @see LimitedNetwork.groups */
function groupsOf(address: string): string[] {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return [parsed.toString()];
  return [64, 56, 48].map((bits) => {
    const network = ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/${bits}`);
    return `${network.toString()}/${bits}`;
  });
}

function withinAny(cidrs: readonly string[]): (address: string) => boolean {
  const ranges = cidrs.map((cidr) => ipaddr.parseCIDR(cidr.includes('/') ? cidr : wholeAddress(cidr)));
  return (address) => {
    const parsed = ipaddr.process(address);
    return ranges.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range, bits));
  };
}

function wholeAddress(address: string): string {
  return `${address}/${ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128}`;
}
