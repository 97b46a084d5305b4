/** Where a request comes from: the socket's address, or what configured proxies say before it (rule 23). */
import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type Koa from 'koa';

export type Network = {
  /** the client's address, for the log and the audit */
  address: string;
  /** what attempts are counted by: an IPv4 address, or the /64 of an IPv6 one (a household holds 2^64 of them) */
  group: string;
};

/** An entry of X-Forwarded-For that is no address, and the trusted proxy that sent it. */
export type UnreadableEntry = { entry: string; proxy: string };

/**
 * `trustedProxies` are CIDRs: the last address in X-Forwarded-For that is not one of them is the client's. Where a
 * proxy's entry cannot be read, the proxy's own address stands in, so all its visitors share one limit: `onUnreadable`
 * is told, once for each request.
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
        // what stands left of nonsense is not believed either
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

/** An address as proxies write it: bare, or with a port, for which IPv6 stands in brackets; undefined: it is none. */
function addressIn(entry: string): string | undefined {
  const [, v6, v4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(entry) ?? [];
  if (v6 !== undefined) return isIPv6(v6) ? withoutZone(v6) : undefined;
  const bare = v4 ?? entry;
  return isIP(bare) === 0 ? undefined : withoutZone(bare);
}

/** `fe80::1%eth0` names an interface of this machine, which is no part of who is asking. */
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
