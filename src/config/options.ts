/** All options with purpose, expected value, default and environment name; the checks and the documentation come from here. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { identityLevels } from '../domain/account/assurance.ts';
import { isEmailAddress } from '../domain/account/email-address.ts';
import { type Language, languageIds } from '../domain/account/languages.ts';
import { INSTALLATION_COLOUR } from '../domain/brand/brand.ts';
import { LONGEST_REFRESHING_SECONDS } from '../domain/clients/client-members.ts';
import { limits, type NetworkLimit, networkLimits } from '../domain/rate-limits/limits.ts';

/** The description of an option for people. */
export type About = {
  purpose: string;
  expected: string;
  example: string;
  /** absent: PEDEL_ and the key in capitals */
  environment?: string;
};
export const about = z.registry<About>();

function option<Schema extends z.ZodType>(schema: Schema, what: About): Schema {
  about.add(schema, what);
  return schema;
}

const networkLimitPurposes: Record<NetworkLimit, string> = {
  passwordPerLoginAndNetwork: 'wrong passwords for one login',
  loginsFailedPerNetwork:
    'logins, known or not, with a wrong password; beyond it tries wait behind those of others, but a right password opens',
  accountsFailedPerNetwork: 'logins of accounts with a wrong password; beyond it only known browsers and passkeys open',
  numbersPerNetwork: 'user numbers looked up at /activate',
  mailsPerNetwork: 'codes and links asked for by email',
  codesPerNetwork: 'emailed codes typed wrongly',
  judgementsPerNetwork: 'new passwords judged while somebody types them',
  megabytesBegunPerNetwork:
    'megabytes of sign-ins that people who are not signed in begin on one node, about a kilobyte each; browsers that signed in before are not counted',
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const issuer = z.string().superRefine((value, context) => {
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
const passkeyDomain = z.string().superRefine((value, context) => {
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
const listen = z.string().transform((value, context) => {
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

const network = z.string().refine((value) => value.includes('/') && ipaddr.isValidCIDR(value), {
  error: 'write each as address/bits, for example 10.0.0.0/8 or fd00::/8 (a single address: 192.0.2.7/32)',
});

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

const storage = z
  .string()
  .refine((value) => /^sqlite:[^\0]+$/.test(value) || /^mongodb(\+srv)?:\/\/[^/?]+/.test(value), {
    error: 'write sqlite: and a file name, or a mongodb:// address',
  });

/** The `Contact` of RFC 9116, 2.5.3; printable ASCII without spaces, because the value becomes a line of a file. */
const securityContact = z
  .string()
  .refine((value) => /^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s/]+(?:\/\S*)?|tel:\+[0-9-]+)$/.test(value), {
    error: 'write mailto: and an address, https:// and a page, or tel: and a number such as tel:+32-16-32-28-00',
    abort: true,
  })
  .refine((value) => /^[\x21-\x7e]+$/.test(value), { error: 'write characters beyond ASCII percent-encoded' });

/** That the default language is there is for faults.ts: which one that is stands elsewhere in the file. */
const localized = () => z.strictObject(textByLanguage);
const text = z.string().min(1).exactOptional();
const textByLanguage = Object.fromEntries(languageIds.map((id) => [id, text])) as Record<Language, typeof text>;
const localizedText = `texts by language (${languageIds.join(', ')}), in the default language at least`;

const contact = z
  .strictObject({
    label: option(localized(), {
      purpose: 'Who this is',
      expected: localizedText,
      example: '{ nl: Helpdesk, en: Helpdesk }',
    }),
    email: option(z.string().refine(isEmailAddress).exactOptional(), {
      purpose: 'Email address',
      expected: 'an email address',
      example: 'helpdesk@example.edu',
    }),
    phone: option(
      z
        .string()
        .regex(/^\+[0-9][0-9 ]{6,20}$/)
        .exactOptional(),
      {
        purpose: 'Telephone number',
        expected: 'a number in international form',
        example: '"+32 16 32 28 00"',
      },
    ),
    url: option(z.url({ protocol: /^https?$/ }).exactOptional(), {
      purpose: 'Page',
      expected: 'a web address',
      example: 'https://example.edu/help',
    }),
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, {
    error: 'give an e-mail address or a telephone number, or leave this contact out',
  });

/** What a picture has to be; load.ts says it of files that are not. */
export const PICTURE =
  'the path of an .svg file (with a viewBox, without scripts or references to elsewhere, at most 64 kB) or a .png file (at least 80 pixels high, at most 256 kB)';

/** What a file of certificates has to be; load.ts says it of files that are not. */
export const MAIL_CA =
  'the path of a PEM file with one or more certificates; a relative path starts at the folder of the configuration file';

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/);

const picture = (what: About) =>
  option(
    z
      .string()
      .regex(/\.(?:svg|png)$/)
      .exactOptional(),
    what,
  );

/** That the files are there, and what they hold, is checked by load.ts. */
const pictures = (name: string) => ({
  logo: picture({
    purpose: 'Logo that says the name; a relative path starts at the folder of the configuration file',
    expected: PICTURE,
    example: `logos/${name}.svg`,
  }),
  logoDark: picture({
    purpose: 'The same logo for dark pages; without it, logo lies on a white plate there',
    expected: PICTURE,
    example: `logos/${name}-dark.svg`,
  }),
  mark: picture({
    purpose: 'Square sign, shown beside the name where there is no logo; without either, letters of the name are shown',
    expected: PICTURE,
    example: `logos/${name}-mark.svg`,
  }),
});

const organisation = z.strictObject({
  id: option(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), {
    purpose: 'Short name, used in the columns of a feed; never changes',
    expected: 'small letters, digits and dashes, beginning with a letter',
    example: 'kuleuven',
  }),
  name: option(localized(), {
    purpose: 'Name on pages and in emails',
    expected: localizedText,
    example: '{ nl: KU Leuven, en: KU Leuven }',
  }),
  domains: option(z.array(z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/)).min(1), {
    purpose: 'Domains of the institution addresses; the first is the scope of eduPersonPrincipalName',
    expected: 'a list of domain names in lower case',
    example: '[kuleuven.be]',
  }),
  contacts: option(z.array(contact).min(1), {
    purpose: 'Contacts for help; on every page and in every email',
    expected: 'a list of contacts, each with a label and an email address or telephone number',
    example: '[{ label: { nl: Helpdesk, en: Helpdesk }, email: helpdesk@example.edu }]',
  }),
  colour: option(colour, {
    purpose: 'Colour of the band and the main button; text on it and its borders are made readable',
    expected: 'a colour #rrggbb',
    example: '"#00407a"',
  }),
  ...pictures('kuleuven'),
  homeUrl: option(z.url({ protocol: /^https?$/ }).exactOptional(), {
    purpose: 'Home page',
    expected: 'a web address',
    example: 'https://www.kuleuven.be',
  }),
  secondFactor: option(z.enum(['required', 'offered']).default('required'), {
    purpose: 'Whether everybody must have a second factor (required), or may set one up after activation (offered)',
    expected: 'required or offered',
    example: 'required',
  }),
  activation: option(z.enum(['link', 'code']).default('link'), {
    purpose:
      'How new people activate: by the link of an emailed invitation (link), or by number, email address and emailed code (code)',
    expected: 'link or code',
    example: 'link',
  }),
  opensDays: option(z.int().min(0).max(366).default(30), {
    purpose:
      'Days before the first day of an affiliation (from) from which the account may be activated and used; the invitation goes out then',
    expected: 'a whole number of days, 0 to 366',
    example: '30',
  }),
  graceDays: option(z.int().min(0).max(366).default(7), {
    purpose: 'Days for which access goes on after an official end (ended_on)',
    expected: 'a whole number of days, 0 to 366',
    example: '7',
  }),
});

const source = z.strictObject({
  id: option(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i), {
    purpose:
      'Name for --source of pedel people import; with the key of a person it identifies that person, so never change it',
    expected: 'at most 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit',
    example: 'sap',
  }),
  organisations: option(z.array(z.string()).min(1), {
    purpose: 'Organisations whose affiliations it gives; what it says changes nothing that other organisations say',
    expected: 'a list of ids of organisations',
    example: '[vives]',
  }),
  numbers: option(
    z
      .array(
        z.string().regex(/^[a-z][0-9#]{7}$/, {
          error: 'write each as a small letter and seven digits, with # for any digit, for example r#######',
          abort: true,
        }),
      )
      .min(1),
    {
      purpose: 'Patterns of the user numbers that it may name; # is any digit',
      expected: 'a list of patterns: a small letter, then seven digits or #',
      example: "['r#######', 'q#######']",
    },
  ),
  domains: option(z.array(z.string()).min(1).exactOptional(), {
    purpose: 'Domains of the institution addresses that it may give; absent: those of its organisations',
    expected: 'a list of domains that belong to its organisations, or lie below one that does',
    example: '[student.vives.be]',
  }),
  credentials: option(z.boolean().default(false), {
    purpose: 'Whether it may give password hashes, which activate accounts that were never active',
    expected: 'true or false',
    example: 'true',
  }),
  identity: option(z.enum(['none', ...identityLevels]).default('none'), {
    purpose:
      'How far it proofs who a person is (IAP of the REFEDS Assurance Framework); released in eduperson_assurance, each level with those before it',
    expected: 'none, low, medium or high',
    example: 'medium',
  }),
});

const seconds = (standard: number, least: number, most: number, purpose: string) =>
  option(z.int().min(least).max(most).default(standard), {
    purpose,
    expected: `a whole number of seconds, ${least} to ${most}`,
    example: String(standard),
  });

const list = (item: z.ZodType<string, string>, standard: string[], what: About) =>
  option(z.array(item).default(standard), what);

const triesIn = Object.fromEntries(
  networkLimits.map((limit) => {
    const { tries, windowSeconds } = limits[limit];
    const purpose = `In ${windowSeconds / 60} minutes: ${networkLimitPurposes[limit]}`;
    const schema = z.int().min(1).max(1_000_000).exactOptional();
    return [limit, option(schema, { purpose, expected: 'a whole number, 1 to 1000000', example: String(tries * 10) })];
  }),
) as Record<NetworkLimit, z.ZodExactOptional<z.ZodInt>>;

const namedNetwork = z.strictObject({
  name: option(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), {
    purpose: 'Short name, in the log and the metrics',
    expected: 'small letters, digits and dashes, beginning with a letter',
    example: 'campus',
  }),
  cidrs: option(z.array(network).min(1).max(1000), {
    purpose: 'Its networks; each address in them is counted by itself (IPv6: each /64, /56 and /48)',
    expected: 'a list of networks (address/bits)',
    example: '[192.0.2.0/28, 2001:db8::/40]',
  }),
  limits: option(z.strictObject(triesIn).prefault({}), {
    purpose: 'Its limits; those that are absent stay as they are elsewhere',
    expected: 'numbers by name of the limit',
    example: '{ accountsFailedPerNetwork: 3000 }',
  }),
});

/** A number of days; the elements of a list from the environment are strings. */
const wholeDays = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.int().min(0).max(90),
);

const DAY = 86_400;

/** The schema of a configuration file, which holds no secrets. */
export const options = z.strictObject({
  issuer: option(issuer, {
    purpose: 'Address at which browsers and applications reach Pedel; never change it, because it is in every token',
    expected: 'an https address with only scheme, host and port (http for localhost)',
    example: 'https://idp.example.edu',
  }),
  passkeyDomain: option(passkeyDomain.exactOptional(), {
    purpose:
      'Domain to which passkeys belong (RP ID): the host of issuer or a domain above it, within which issuer can move; never change it, because that loses every passkey. Absent: the host of issuer',
    expected: 'a domain without scheme and port: the host of issuer, or a domain above it',
    example: 'example.edu',
  }),
  relatedOrigins: option(z.array(issuer).max(20).default([]), {
    purpose:
      'Addresses outside passkeyDomain that may use its passkeys, such as issuer after a move; published in /.well-known/webauthn, which must lead to Pedel on the host passkeyDomain (browsers take five domains)',
    expected: 'a list of https addresses with only scheme, host and port',
    example: '[https://login.example.org]',
  }),
  listen: option(listen.prefault('127.0.0.1:3000'), {
    purpose: 'Address on which Pedel listens, behind a reverse proxy with TLS',
    expected: 'host:port',
    example: '127.0.0.1:3000',
  }),
  storage: option(storage.default('sqlite:data/pedel.db'), {
    purpose: 'Database for everything that Pedel stores',
    expected: 'sqlite:FILE or mongodb://…',
    example: 'sqlite:/var/lib/pedel/pedel.db',
  }),
  mail: z
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
    .prefault({}),
  trustedProxies: list(network, [], {
    purpose: 'Networks of the reverse proxies whose X-Forwarded-For is trusted',
    expected: 'a list of networks (address/bits)',
    example: '[10.20.0.0/24]',
  }),
  networks: option(z.array(namedNetwork).max(100).default([]), {
    purpose:
      'Networks with limits of their own, such as the addresses behind which a campus or eduroam comes out; only in a file. Of those that hold an address the first counts',
    expected: 'a list of networks with a name',
    example: '(see config/README.md)',
  }),
  drainSeconds: option(z.int().min(0).max(900).default(0), {
    purpose:
      'Seconds for which a node that got SIGTERM still serves while /readyz says no; behind a load balancer, twice its check interval',
    expected: 'a whole number of seconds, 0 to 900',
    example: '10',
  }),
  endWarningDays: option(z.array(wholeDays).max(10).default([14, 7, 1]), {
    purpose: 'Days before the last day of an account on which its owner gets a warning by email; an empty list: never',
    expected: 'a list of whole numbers of days, 0 to 90',
    example: '[14, 7, 1]',
  }),
  allowNetworks: list(network, [], {
    purpose:
      'Private networks that outgoing requests (back-channel logout, jwks_uri, logo_uri …) may reach; others are refused',
    expected: 'a list of networks (address/bits)',
    example: '[10.0.0.0/8, fd00::/8]',
  }),
  metricsListen: option(listen.exactOptional(), {
    purpose: 'Address on which Prometheus can read the metrics, apart from the public one; without it there are none',
    expected: 'host:port',
    example: '127.0.0.1:9464',
  }),
  log: z
    .strictObject({
      level: option(z.enum(['debug', 'info', 'warn', 'error']).default('info'), {
        purpose: 'Lowest level that is logged',
        expected: 'debug, info, warn or error',
        example: 'info',
      }),
    })
    .prefault({}),
  hideUnknownNumbers: option(z.boolean().default(false), {
    purpose: 'Whether /activate gives the same answer for unknown numbers as for known ones',
    expected: 'true or false',
    example: 'false',
  }),
  oldActivationPaths: list(z.string().regex(/^\/[^\s?#]*$/), ['/activate.html', '/persdb-bin/aw'], {
    purpose: 'Paths printed in old letters, which redirect to /activate',
    expected: 'a list of paths, each beginning with /',
    example: '[/activate.html]',
  }),
  securityContact: list(securityContact, [], {
    purpose:
      'Contacts for reports of vulnerabilities in this installation, preferred first; published in /.well-known/security.txt (RFC 9116), which does not exist while the list is empty',
    expected: 'a list of mailto:, https: or tel: addresses',
    example: '[mailto:security@example.edu, https://example.edu/security]',
  }),
  securityPolicy: option(
    z
      .url({ protocol: /^https$/ })
      .refine((value) => /^[\x21-\x7e]+$/.test(value), {
        error: 'leave out spaces, and write characters beyond ASCII percent-encoded',
      })
      .exactOptional(),
    {
      purpose: 'Page with the policy for security research and reports; linked from security.txt',
      expected: 'an https address',
      example: 'https://example.edu/security/policy',
    },
  ),
  lifetimes: z
    .strictObject({
      sessionIdleSeconds: seconds(
        12 * 3600,
        300,
        30 * DAY,
        'A session ends after this time without use, or up to a thirtieth earlier',
      ),
      sessionMaxSeconds: seconds(7 * DAY, 300, 90 * DAY, 'A session ends after this time in any case'),
      accessTokenSeconds: seconds(600, 30, 3600, 'Lifetime of an access token'),
      refreshTokenIdleSeconds: seconds(
        30 * DAY,
        600,
        LONGEST_REFRESHING_SECONDS,
        'A refresh token expires after this time without use, and 366 days after the sign-in in any case',
      ),
      interactionSeconds: seconds(
        3600,
        300,
        DAY,
        'Time to finish a sign-in once the password was right; before that, 20 minutes at most',
      ),
      codeSeconds: seconds(60, 10, 600, 'Lifetime of an authorization code and of a pushed authorization request'),
      activationCodeSeconds: seconds(2 * DAY, 600, 30 * DAY, 'Lifetime of an activation code'),
      invitationSeconds: seconds(14 * DAY, 3600, 90 * DAY, 'Lifetime of the link in an invitation'),
      resetSeconds: seconds(3600, 300, 2 * DAY, 'Lifetime of the link to choose a new password'),
    })
    .prefault({}),
  signingKeys: z
    .strictObject({
      rotateDays: option(z.int().min(0).max(3650).default(90), {
        purpose: 'Days for which a key signs; 0: until `pedel keys rotate` is run',
        expected: 'a whole number of days, 0 to 3650',
        example: '90',
      }),
      publishAheadHours: option(z.int().min(1).max(720).default(24), {
        purpose: 'Hours for which a key is published before it signs',
        expected: 'a whole number of hours, 1 to 720',
        example: '24',
      }),
      keepHours: option(z.int().min(1).max(8760).default(24), {
        purpose:
          'Hours for which a key stays published after it stopped signing, in addition to lifetimes.sessionMaxSeconds, so that what it signed can be verified',
        expected: 'a whole number of hours, 1 to 8760',
        example: '24',
      }),
      cacheSeconds: seconds(3600, 60, DAY, 'How long applications may use their copy of the published keys'),
    })
    .prefault({}),
  hashing: z
    .strictObject({
      processes: option(z.int().min(0).max(64).default(0), {
        purpose: 'Processes that hash passwords; 0: one per core',
        expected: 'a whole number, 0 to 64',
        example: '2',
      }),
      queue: option(z.int().min(1).max(10_000).default(1000), {
        purpose:
          'Passwords that may wait for a process at most, of known browsers, of others, and from where many were wrong, as many each; fewer where that many could not be served within three seconds. Beyond that, visitors are asked to come back',
        expected: 'a whole number, 1 to 10000',
        example: '1000',
      }),
    })
    .prefault({}),
  passwords: z
    .strictObject({
      words: list(z.string().trim().min(3).max(100), [], {
        purpose:
          'Words of the association that anybody there would try first (places, systems, clubs), besides names, contacts and domains of the organisations; a password that rests on them is refused',
        expected: 'a list of words of at least three characters',
        example: '[toledo, arenberg, kulak]',
      }),
    })
    .prefault({}),
  defaultLanguage: option(z.enum(languageIds).exactOptional(), {
    purpose:
      'Language of pages if nothing else decides it, of people without a language in their feed, and of names and labels without a text in the language of the reader; absent: the first language in the name of the first organisation',
    expected: `one of ${languageIds.join(', ')}`,
    example: languageIds.at(-1) ?? '',
  }),
  installation: z
    .strictObject({
      name: option(localized().exactOptional(), {
        purpose:
          'Name on pages before a person is known; only in a file. Absent: that of the only organisation, else the host of issuer',
        expected: localizedText,
        example: '{ nl: Associatie KU Leuven, en: KU Leuven Association }',
      }),
      colour: option(colour.exactOptional(), {
        purpose: `Colour of those pages. Absent: that of the only organisation, else ${INSTALLATION_COLOUR}`,
        expected: 'a colour #rrggbb',
        example: '"#1d3557"',
      }),
      ...pictures('association'),
    })
    .prefault({}),
  organisations: option(z.array(organisation).min(1), {
    purpose:
      'The organisations of the association; only in a file. For a person of several organisations the first one counts',
    expected: 'a list of at least one organisation',
    example: '(see config/pedel.yaml)',
  }),
  sources: option(z.array(source).default([]), {
    purpose: 'Systems from which people are imported, and what each may say; without any, nobody can be imported',
    expected: 'a list of sources',
    example: '(see config/pedel.yaml)',
  }),
});

export const sourceSchema = source;
export const contactSchema = contact;
export const organisationSchema = organisation;
export const namedNetworkSchema = namedNetwork;
export const networkLimitsSchema = z.strictObject(triesIn);

/** Secrets come from the environment, or from a file that the same name with _FILE names; never from the configuration file. */
export const secrets = [
  {
    name: 'PEDEL_SECRET',
    key: 'secret',
    purpose:
      'Seals what Pedel must be able to read back: TOTP seeds, signing keys, emails being sent. At least 32 characters; keep a copy apart from the backups',
  },
  {
    name: 'PEDEL_PREVIOUS_SECRET',
    key: 'previousSecret',
    purpose: 'The secret before the last change, as long as it still seals something',
  },
  {
    name: 'PEDEL_NEXT_SECRET',
    key: 'nextSecret',
    purpose:
      'The next secret, so that every node can open what another one already seals under it (`pedel keys reseal --help`)',
  },
  { name: 'PEDEL_MAIL_USER', key: 'mail.user', purpose: 'User name at the mail server' },
  { name: 'PEDEL_MAIL_PASSWORD', key: 'mail.password', purpose: 'Password at the mail server' },
  { name: 'PEDEL_STORAGE', key: 'storage', purpose: 'As `storage` above; needed when the address holds a password' },
] as const;
