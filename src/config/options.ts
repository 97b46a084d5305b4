/** All options with purpose, expected value, default and environment name; the checks and the documentation come from here. */
import { z } from 'zod';
import { languageIds } from '../domain/account/languages.ts';
import { INSTALLATION_COLOUR } from '../domain/brand/brand.ts';
import { LONGEST_REFRESHING_SECONDS } from '../domain/clients/metadata/members/operator.ts';
import { issuer, listen, passkeyDomain } from './options/addresses.ts';
import { mail } from './options/mail.ts';
import { namedNetwork, network } from './options/networks.ts';
import { list, option, seconds } from './options/option.ts';
import { organisation } from './options/organisation.ts';
import { colour, pictures } from './options/pictures.ts';
import { dynamicRegistration } from './options/registration.ts';
import { source } from './options/source.ts';
import { localized, localizedText } from './options/texts.ts';

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

/** A number of days; the elements of a list from the environment are strings. */
const wholeDays = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.int().min(0).max(90),
);

/** People see 90 days of their own acts. */
const auditRetain = z.string().refine(
  (value) => {
    const [, years = 0, months = 0, days = 0] =
      /^P(?!$)(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?$/.exec(value) ?? [];
    return Number(years) * 365 + Number(months) * 30 + Number(days) >= 90;
  },
  { error: 'write a duration such as P7Y or P18M, 90 days at least' },
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
      'Domain to which passkeys belong (RP ID): the host of issuer or a domain above it, within which issuer can move; never change it, because that loses every passkey, and changes voperson_id, whose scope it is. Absent: the host of issuer',
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
  mail,
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
  erasureJournal: option(z.string().min(1).max(1000).exactOptional(), {
    purpose:
      'File outside the database that notes each account that is erased (an id and a day), so that a restored backup is told of it; keep it with the backups',
    expected: 'a path; each node writes its own file',
    example: '/var/lib/pedel/erased.jsonl',
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
  audit: z
    .strictObject({
      retain: option(auditRetain.exactOptional(), {
        purpose:
          'How long an entry of the audit log is kept; without it for ever. Once a day what is older is given up in a signed checkpoint, and deleted a day after that',
        expected: 'years, months and days as an ISO 8601 duration, 90 days at least',
        example: 'P7Y',
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
  dynamicRegistration,
  catalogue: option(z.string().min(1).exactOptional(), {
    purpose:
      'Folder with presets of your own for `pedel presets` and `pedel clients add` (docs/applications.md), from the folder of the configuration file on; one with the id of a preset of Pedel takes its place',
    expected: 'a folder of YAML files',
    example: 'catalogue',
  }),
  trustedBrowserDays: option(z.number().int().min(0).max(90).default(0), {
    purpose:
      'Days for which a browser may be trusted in which the second step was taken: there the password is enough, except where an application demands two factors, where the account is changed, and for people with a role; 0: the second step is always asked',
    expected: 'a whole number of days from 0 to 90',
    example: '30',
  }),
  importMegabytes: option(z.number().int().min(1).max(1024).default(200), {
    purpose:
      'How large a file of people may be that is uploaded in the console; the API takes 512, and `pedel people import` files of any size',
    expected: 'a whole number of megabytes from 1 to 1024',
    example: '500',
  }),
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
