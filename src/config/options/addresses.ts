/** Addresses: of Pedel itself, of its passkeys, and those on which it listens. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const issuer = z.string().superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    return refuse('write the whole address, beginning with https://');
  if (url.username !== '' || url.password !== '') return refuse('leave out the user name and password');
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    return refuse(`write https:// (http is for localhost only), so https://${url.host}`);
  }
  if (url.origin !== value) refuse(`write scheme, host and port only, without a slash, path or query: ${url.origin}`);
});

/** A domain name in the form that browsers compare: small letters, IDNs in punycode, no port. */
export const passkeyDomain = z.string().superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  const url = URL.parse(value.includes('://') ? value : `https://${value}`);
  if (url === null || url.hostname === '') return refuse('write a domain, for example example.edu');
  if (url.hostname !== value) return refuse(`write the domain only, without scheme, port or path: ${url.hostname}`);
  if (ipaddr.isValid(value.replace(/^\[|\]$/g, ''))) return refuse('write a domain: an address has no passkeys');
  if (value.endsWith('.')) return refuse('leave out the dot at the end');
  if (value !== 'localhost' && !value.includes('.'))
    return refuse('write a domain of your own, of at least two parts; browsers refuse the others');
});

/** `host:port` or `[::1]:port`; port 0 takes any free port. */
export const listen = z.string().transform((value, context) => {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):(\d{1,5})$/.exec(value) ?? [];
  if (host === '' || Number(port) > 65_535) {
    context.addIssue({
      code: 'custom',
      message: 'write host and port with a colon between them, for example 127.0.0.1:3000',
    });
    return z.NEVER;
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
});
