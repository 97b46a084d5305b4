/** Members about APIs (resource servers, RFC 8707): which a client has, and which it may ask. Only operators set them. */
import { z } from 'zod';
import { type Language, languageIds } from '../../../account/languages.ts';
import { encryptionAlgs, encryptionEncs, LONGEST_OPAQUE_SECONDS } from '../../resources/resource-servers.ts';
import { issuedAlgorithms } from '../algorithms.ts';
import { type ClientMember, list, operatorMember, text } from './member.ts';

/** RFC 8707, 2: an absolute URI without a fragment. It is compared character by character, so only one spelling is taken. */
const identifier = z
  .string()
  .max(500)
  .superRefine((value, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (!/^[\x21-\x7e]+$/.test(value) || URL.parse(value) === null)
      refuse('give an absolute URI, such as https://api.library.example.edu');
    else if (value.includes('#')) refuse('remove the # and what follows it');
  });

/** RFC 6749, 3.3. */
const scopeName = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, {
  error: 'give a scope of at most 100 ASCII characters without spaces, quotes and backslashes',
});

const sentence = z.string().min(1).max(300).optional();
const descriptions = Object.fromEntries(languageIds.map((id) => [`description#${id}`, sentence])) as Record<
  `description#${Language}`,
  typeof sentence
>;

const resourceServer = z.strictObject({
  identifier,
  scopes: list(z.strictObject({ name: scopeName, ...descriptions })),
  audience: z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/, { error: 'give an audience of ASCII characters without spaces' })
    .optional(),
  token_format: z.enum(['opaque', 'jwt']),
  token_seconds: z.int().min(1).max(LONGEST_OPAQUE_SECONDS).optional(),
  token_signing_alg: z.enum(issuedAlgorithms).optional(),
  token_encryption: z.strictObject({ alg: z.enum(encryptionAlgs), enc: z.enum(encryptionEncs) }).optional(),
});

const allowed = z
  .record(identifier, list(scopeName))
  .refine((resources) => Object.keys(resources).length <= 50, { error: 'name at most 50 resource servers' });

export const resourceMembers = {
  pedel_resource_servers: operatorMember(
    z.array(resourceServer).max(20),
    'a list of { "identifier": URI, "scopes": [{ "name", "description#en", … }], "token_format": "opaque" or "jwt", and ' +
      `optional "audience", "token_seconds" (opaque: up to ${LONGEST_OPAQUE_SECONDS}, jwt: up to 300), "token_signing_alg" and "token_encryption": { "alg", "enc" } (a JWT, to a key of jwks) }`,
    {
      help:
        'APIs of this client that other applications ask tokens for (resource indicators, RFC 8707). An opaque token is ' +
        'introspected by this client and can be recalled. A JWT (RFC 9068) is verified without asking Pedel, cannot be ' +
        'recalled, and so lives five minutes at most. No two clients may have an identifier or audience in common. The ' +
        'descriptions are read at consent.',
      example: [
        {
          identifier: 'https://api.library.example.edu',
          scopes: [
            {
              name: 'loans:read',
              'description#nl': 'zien wat je geleend hebt',
              'description#en': 'see what you have on loan',
            },
          ],
          token_format: 'jwt',
        },
      ],
    },
  ),
  pedel_resources: operatorMember(allowed, 'an object: identifier of a resource server -> list of its scopes', {
    help:
      'APIs, and scopes there, that it may ask tokens for on behalf of people who sign in. A request names one with ' +
      '`resource`; without it, it gets a token for userinfo as ever.',
    example: { 'https://api.library.example.edu': ['loans:read'] },
  }),
  pedel_service_resources: operatorMember(allowed, 'an object: identifier of a resource server -> list of its scopes', {
    help:
      'APIs, and scopes there, that it may ask tokens for as itself, without a person (grant type client_credentials). ' +
      'Where it has only one, a request need not name it.',
    example: { 'https://api.library.example.edu': ['catalogue:write'] },
  }),
  pedel_exchanges: operatorMember(
    z.array(z.strictObject({ from: text, resource: identifier, scopes: list(scopeName) })).max(50),
    'a list of { "from": client_id, "resource": identifier of a resource server, "scopes": [ … ] }',
    {
      help:
        'Token exchange (RFC 8693): with an access token of the client `from` that is made out to an API of this one, it may ' +
        'go on to `resource` for the same person, with those of `scopes` that the token has. For a service that acts for ' +
        'people who signed in elsewhere.',
      example: [{ from: 'library-app', resource: 'https://api.reader.example.edu', scopes: ['loans:read'] }],
      otherwise: 'none',
    },
  ),
  pedel_ignored_resources: operatorMember(list(text), 'a list of texts, each as the application sends it', {
    help:
      'Values of `resource` that it sends and does not mean, such as those of a product made for another provider: they ' +
      'are dropped as if they had not been sent. Without this, a resource that nobody registered is refused.',
    example: ['https://graph.microsoft.com'],
    otherwise: 'none',
  }),
} satisfies Record<string, ClientMember>;
