/** How emails are sent. */
import { z } from 'zod';
import { isEmailAddress } from '../../domain/account/email-address.ts';
import { option } from './option.ts';

const mailUrl = z.string().refine(
  (value) => {
    if (value === 'terminal:') return true;
    const url = URL.parse(value);
    return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname);
  },
  { error: 'write smtp://host:port, smtps://host:port, or terminal: to print emails' },
);

/** What the mail server is told to be spoken to by (RFC 5321, 4.1.1.1): a host name, or an address in brackets. */
const ehloName = z.string().regex(/^(?:(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*|\[(?:IPv6:)?[0-9a-f.:]+\])$/i);

/** An address, or a name and an address in angle brackets. */
const mailFrom = z
  .string()
  .refine((value) => isEmailAddress(/^(?:"?[^"<>\r\n]+"? )?<([^<>]+)>$/.exec(value)?.[1] ?? value), {
    error: 'write an address, with or without a name: "ICTS Helpdesk" <helpdesk@example.edu>',
  });

/** What a file of certificates has to be; ../load.ts says it of files that are not. */
export const MAIL_CA =
  'the path of a PEM file with one or more certificates; a relative path starts at the folder of the configuration file';

export const mail = z
  .strictObject({
    url: option(mailUrl.default('terminal:'), {
      purpose: 'Mail server; terminal: prints emails instead of sending them',
      expected: 'smtp://host:port, smtps://host:port or terminal:',
      example: 'smtp://mail.example.edu:587',
      environment: 'PEDEL_MAIL',
    }),
    from: option(mailFrom.default('"ICTS Helpdesk" <helpdesk@icts.kuleuven.be>'), {
      purpose: 'Sender of emails',
      expected: 'an email address, with or without a name',
      example: '"ICTS Helpdesk" <helpdesk@icts.kuleuven.be>',
    }),
    requireTLS: option(z.boolean().exactOptional(), {
      purpose:
        'Whether emails go to an smtp:// server only over STARTTLS. Absent: yes with PEDEL_MAIL_USER, unless the server is on this machine; otherwise STARTTLS is used where the server offers it. A certificate that cannot be verified is refused in any case',
      expected: 'true or false',
      example: 'true',
    }),
    ca: option(z.string().min(1).exactOptional(), {
      purpose:
        'File with the certificates of your own authority, which alone may vouch for the mail server. Absent: the public authorities that Node knows, and those of NODE_EXTRA_CA_CERTS',
      expected: MAIL_CA,
      example: 'mail-ca.pem',
    }),
    name: option(ehloName.exactOptional(), {
      purpose: 'Name by which Pedel greets the mail server (EHLO). Absent: the host of issuer',
      expected: 'a host name, or an IP address in brackets',
      example: 'idp.example.edu',
    }),
  })
  .prefault({});
