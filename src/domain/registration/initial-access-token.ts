/** An initial access token (RFC 7591, 1.2): what whoever holds it may register, how often and until when. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { InitialAccessToken } from '../ports/initial-access-tokens.ts';
import { type RandomBytes, randomId } from '../random.ts';
import { clientKinds } from './terms.ts';

export const MOST_USES = 1000;
export const MOST_DAYS = 366;
const MOST_HOSTS = 20;
const NOTE_LENGTH = 200;
const DAY_MS = 86_400_000;

/** A host name in the form that URLs have, or `*.` and a domain of at least two parts. Not an address: those move. */
function hostFault(host: string): string | undefined {
  const name = host.startsWith('*.') ? host.slice(2) : host;
  if (name === 'localhost' && host === name) return undefined;
  if (!/^[a-z0-9.-]+$/.test(name) || URL.parse(`https://${name}`)?.hostname !== name)
    return 'write the host alone, in small letters, without scheme, port and path: app.example.edu';
  if (/^[\d.]+$/.test(name)) return 'write a name: an address belongs to somebody else tomorrow';
  if (!name.includes('.') || name.endsWith('.')) return 'write a whole name, such as app.example.edu';
  return undefined;
}

const host = z.string().superRefine((value, context) => {
  const message = hostFault(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const asked = z.strictObject({
  organisation: z.string().min(1),
  hosts: z.array(host).min(1).max(MOST_HOSTS),
  kinds: z.array(z.enum(clientKinds)).min(1),
  approval: z.enum(['required', 'none']),
  pkce: z.enum(['required', 'optional']),
  uses: z.int().min(1).max(MOST_USES),
  days: z.int().min(1).max(MOST_DAYS),
  note: z
    .string()
    .max(NOTE_LENGTH)
    .refine((text) => !/\p{Cc}/u.test(text), { error: 'leave out line breaks and other control characters' })
    .exactOptional(),
});
export type TokenAsked = z.input<typeof asked>;

const expectations: Record<string, string> = {
  organisation: 'give the id of an organisation of the configuration',
  hosts: `give 1 to ${MOST_HOSTS} hosts`,
  kinds: `give kinds out of ${clientKinds.join(', ')}`,
  uses: `give a whole number, 1 to ${MOST_USES}`,
  days: `give a whole number of days, 1 to ${MOST_DAYS}`,
  note: `give at most ${NOTE_LENGTH} characters`,
};

/** Checks what is asked for. @returns all faults, each with its remedy; empty: none */
export function tokenFaults(input: TokenAsked): { member: string; value?: string; remedy: string }[] {
  return (asked.safeParse(input).error?.issues ?? []).map((issue) => {
    const [member = '', place] = issue.path as [string, number?];
    const value = place === undefined ? undefined : (input as unknown as Record<string, unknown[]>)[member]?.[place];
    const remedy = issue.code === 'custom' ? issue.message : (expectations[member] ?? issue.message);
    return { member, ...(typeof value === 'string' ? { value: value.slice(0, 80) } : {}), remedy };
  });
}

/** What every token of ours begins with, so that scanners recognise one that was published by mistake. */
const PREFIX = 'pedel_iat_';

/** A new token of 256 bits, of which only the hash is stored. Show `secret` once. @param now epoch ms */
export function makeToken(
  { days, uses, note, hosts, kinds, ...rest }: TokenAsked,
  { now, randomBytes, by }: { now: number; randomBytes: RandomBytes; by?: string | undefined },
): { token: InitialAccessToken; secret: string } {
  const secret = `${PREFIX}${Buffer.from(randomBytes(32)).toString('base64url')}`;
  const token: InitialAccessToken = {
    id: randomId(randomBytes).slice(0, 8),
    hash: bearerHash(secret),
    terms: { ...rest, hosts: [...new Set(hosts)], kinds: [...new Set(kinds)] },
    uses,
    left: uses,
    expiresAt: now + days * DAY_MS,
    ...(note === undefined || note === '' ? {} : { note }),
    ...(by === undefined ? {} : { by }),
    createdAt: now,
  };
  return { token, secret };
}

/** A new registration access token (RFC 7592) of 256 bits. Show it once. */
export function newRegistrationAccessToken(randomBytes: RandomBytes): string {
  return `pedel_rat_${Buffer.from(randomBytes(32)).toString('base64url')}`;
}

/** SHA-256 (base64url) of a bearer token with 256 random bits: a fast hash suffices, because nobody guesses it. */
export function bearerHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
