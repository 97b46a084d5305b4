/** Decides where a request comes from: the socket's address, or the address that trusted proxies report (rule 23). */
import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type Koa from 'koa';

export type Network = {
  /** The client's full address, for the log and the audit log. */
  address: string;
  /** The key of rate limits: an IPv4 address, or the /64 of an IPv6 address (one household holds 2^64 of them). */
  group: string;
};

/** An X-Forwarded-For entry that is not an address, and the trusted proxy that sent it. */
export type UnreadableEntry = { entry: string; proxy: string };

/**
 * Returns a function that finds the client's address: the last address in X-Forwarded-For outside `trustedProxies`
 * (CIDRs). If an entry cannot be read, the address of the proxy that sent it is used, so all visitors of that proxy
 * share one rate limit. `onUnreadable` is called once for each such request.
 */
export function createNetworks(
  trustedProxies: string[],
  onUnreadable: (found: UnreadableEntry) => void,
): (ctx: Koa.Context) => Network {
  const ranges = trustedProxies.map((cidr) => ipaddr.parseCIDR(cidr.includes('/') ? cidr : wholeAddress(cidr)));
  const trusted = (address: string) => {
    const parsed = ipaddr.process(address);
    return ranges.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range, bits));
  };
  const known = new WeakMap<object, Network>();

  function networkOf({ req }: Koa.Context): Network {
    const forwarded = [req.headers['x-forwarded-for'] ?? []].flat().join(',');
    const entries = forwarded.split(',').map((entry) => entry.trim());
    let address = withoutZone(req.socket.remoteAddress ?? '0.0.0.0');
    for (const entry of entries.filter((each) => each !== '').reverse()) {
      if (!trusted(address)) break;
      const named = addressIn(entry);
      if (named === undefined) {
        // Entries further left came through the unreadable one, so they are not trusted either.
        onUnreadable({ entry: entry.slice(0, 100), proxy: address });
        break;
      }
      address = named;
    }
    return { address: ipaddr.process(address).toString(), group: groupOf(address) };
  }

  return (ctx) => {
    const network = known.get(ctx.req) ?? networkOf(ctx);
    known.set(ctx.req, network);
    return network;
  };
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

function groupOf(address: string): string {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/64`).toString()}/64`;
}

function wholeAddress(address: string): string {
  return `${address}/${ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128}`;
}
