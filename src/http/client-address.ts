/** Where a request comes from: the socket's address, or what configured proxies say before it (rule 23). */
import ipaddr from 'ipaddr.js';
import type Koa from 'koa';

export type Network = {
  /** the client's address, for the log and the audit */
  address: string;
  /** what attempts are counted by: an IPv4 address, or the /64 of an IPv6 one (a household holds 2^64 of them) */
  group: string;
};

/** `trustedProxies` are CIDRs: the last address in X-Forwarded-For that is not one of them is the client's. */
export function createNetworks(trustedProxies: string[]): (ctx: Koa.Context) => Network {
  const ranges = trustedProxies.map((cidr) => ipaddr.parseCIDR(cidr.includes('/') ? cidr : wholeAddress(cidr)));
  const trusted = (address: string) => {
    const parsed = ipaddr.process(address);
    return ranges.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range, bits));
  };
  return (ctx) => {
    const hops = ctx
      .get('X-Forwarded-For')
      .split(',')
      .map((hop) => hop.trim());
    let address = ctx.req.socket.remoteAddress ?? '0.0.0.0';
    while (hops.length > 0 && trusted(address)) {
      const hop = hops.pop() ?? '';
      if (!ipaddr.isValid(hop)) break; // what stands left of nonsense is not believed either
      address = hop;
    }
    return { address: ipaddr.process(address).toString(), group: groupOf(address) };
  };
}

function groupOf(address: string): string {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/64`).toString()}/64`;
}

function wholeAddress(address: string): string {
  return `${address}/${ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128}`;
}
