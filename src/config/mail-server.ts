/** The mail server as its connection takes it: credentials apart from its address, and the name that it is greeted with. */
import { isIP } from 'node:net';
import type { z } from 'zod';
import type { MailServer } from '../domain/ports/mail-server.ts';
import type { options } from './options.ts';

/** `ca`: certificates in PEM. `credentials` override those of the address. */
export function mailServer(
  { mail, issuer }: Pick<z.output<typeof options>, 'mail' | 'issuer'>,
  ca: string | undefined,
  credentials: { user: string | undefined; password: string | undefined },
): MailServer & { name: string } {
  return {
    ...withCredentials(mail, credentials.user, credentials.password),
    ...(mail.requireTLS === undefined ? {} : { requireTLS: mail.requireTLS }),
    ...(ca === undefined ? {} : { ca }),
    name: mail.name ?? greetingName(issuer),
  };
}

function withCredentials(
  mail: z.output<typeof options>['mail'],
  user: string | undefined,
  password: string | undefined,
): Pick<MailServer, 'from' | 'url' | 'user' | 'password'> {
  const url = URL.parse(mail.url);
  if (url !== null && mail.url !== 'terminal:') {
    user ??= decodeURIComponent(url.username) || undefined;
    password ??= decodeURIComponent(url.password) || undefined;
    url.username = '';
    url.password = '';
  }
  return {
    from: mail.from,
    url: url === null || mail.url === 'terminal:' ? mail.url : url.href,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
}

/** The host of the issuer as EHLO takes it: an address is a literal in brackets (RFC 5321, 4.1.3). */
function greetingName(issuer: string): string {
  const host = new URL(issuer).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? host : `[${isIP(host) === 6 ? 'IPv6:' : ''}${host}]`;
}
