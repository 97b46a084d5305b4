/** The seed of an authenticator app that a source gives: what its column may hold, and how it waits, sealed, for its account. */
import type { Account } from '../account/account.ts';
import type { TotpFactor, TotpSettings } from '../factors/factor-records.ts';
import { totpSeedOf } from '../factors/totp.ts';
import { type RandomBytes, randomId } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { SEED_LEFT_OUT } from './feed-columns.ts';

/** As read; `name`: what the person is told it is called. */
export type FedTotp = TotpSettings & { seed: string; name: string };
/** As it waits. `mac`: tells whether two rows say the same. */
export type SealedTotp = TotpSettings & { name: string; sealedSeed: string; mac: string };

/** An owner that no account has: whose it is is known when it is applied. */
const FEED = 'feed';
const FIELD = 'totp';
const UNNAMED = 'TOTP';
const LEAVE = 'leave it empty, and the person sets one up';
const COUNTS = 'it is of a code that counts uses (hotp)';

/** `column`: where it stands. `left`: why it is left out, while the rest of its row is taken. */
export type ReadTotp = { column: string } & ({ totp: FedTotp } | { fault: string } | { left: string });

/** The seed that a row holds: as a key URI, or in columns of its own. */
export function fedTotpIn(fields: Record<string, string>): ReadTotp | undefined {
  const [uri = '', seed = ''] = ['totp', 'totp_seed'].map((column) => (fields[column] ?? '').trim());
  if (uri !== '' && seed !== '') return { column: 'totp_seed', fault: 'stands beside totp: give one of the two' };
  if (uri === '' && seed === '') return undefined;
  const column = uri === '' ? 'totp_seed' : 'totp';
  if (uri + seed === SEED_LEFT_OUT)
    return {
      column,
      fault: 'was left out among the refused rows: copy it from the file that was imported, or empty it',
    };
  const read = uri === '' ? readFedSeed(seed, fields) : readFedTotp(uri);
  return 'seed' in read ? { column, totp: read } : { column, ...read };
}

/** The hash by the length of a seed in hexadecimal, as privacyIDEA makes seeds, and reads its own export. */
const HASH_BY_LENGTH: Record<number, string> = { 56: 'SHA224', 64: 'SHA256', 96: 'SHA384', 128: 'SHA512' };

/** Reads a seed in hexadecimal, with `totp_type`, `totp_digits`, `totp_period` and `totp_algorithm`. */
function readFedSeed(hex: string, fields: Record<string, string>): FedTotp | { fault: string } | { left: string } {
  if (!/^(?:[0-9a-f]{2}){10,64}$/i.test(hex)) return { fault: 'must be 10 to 64 bytes in hexadecimal' };
  const said = (column: string) => (fields[`totp_${column}`] ?? '').trim();
  const type = said('type').toLowerCase() || 'totp';
  if (type !== 'totp' && type !== 'hotp') return { fault: `is of another type than totp: ${LEAVE}` };
  const settings = new URLSearchParams({
    secret: totpSeedOf(Buffer.from(hex, 'hex')),
    digits: said('digits') || '6',
    period: said('period') || '30',
    algorithm: said('algorithm') || (HASH_BY_LENGTH[hex.length] ?? 'SHA1'),
  });
  return readFedTotp(`otpauth://${type}/x?${settings}`);
}

/**
 * Reads `otpauth://totp/…` (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). The reason for which one is refused
 * never repeats it.
 */
function readFedTotp(text: string): FedTotp | { fault: string } | { left: string } {
  const uri = URL.parse(text);
  if (uri?.protocol !== 'otpauth:' || text.length > 1000)
    return { fault: 'must be a key URI of an authenticator app: otpauth://totp/NAME?secret=…' };
  const type = uri.host.toLowerCase();
  if (type === 'hotp') return { left: COUNTS };
  if (type !== 'totp') return { fault: `is of another type than totp: ${LEAVE}` };
  const ask = (name: string, otherwise: string) => (uri.searchParams.get(name) ?? otherwise).trim().toUpperCase();
  const seed = ask('secret', '').replace(/=+$/, '');
  // 80 bits are what many systems made; RFC 4226 wants 128. At most 512: the block of SHA-512 has 1024
  if (!/^[A-Z2-7]{16,103}$/.test(seed)) return { fault: `has no secret of 16 to 103 signs of base32: ${LEAVE}` };
  const algorithm = { SHA1: undefined, SHA256: 'sha256', SHA512: 'sha512' } as const;
  const name = ask('algorithm', 'SHA1').replace('-', '');
  if (!Object.hasOwn(algorithm, name))
    return { fault: `has an algorithm other than SHA1, SHA256 and SHA512: ${LEAVE}` };
  const hash = algorithm[name as keyof typeof algorithm];
  const [digits, period] = [ask('digits', '6'), ask('period', '30')];
  if (digits !== '6' && digits !== '8') return { fault: `has codes of other than 6 or 8 digits: ${LEAVE}` };
  if (period !== '30' && period !== '60') return { fault: `has codes for other than 30 or 60 seconds: ${LEAVE}` };
  const issuer = (uri.searchParams.get('issuer') ?? '').replaceAll(/\p{C}/gu, '').trim().slice(0, 40);
  return {
    seed,
    name: issuer || UNNAMED,
    ...(hash === undefined ? {} : { algorithm: hash }),
    ...(digits === '8' ? { digits: 8 as const } : {}),
    ...(period === '60' ? { period: 60 as const } : {}),
  };
}

export function sealFedTotp({ seed, ...settings }: FedTotp, sealer: Pick<Sealer, 'seal' | 'mac'>): SealedTotp {
  const { algorithm = '', digits = 6, period = 30 } = settings;
  const mac = sealer.mac('fed-totp', seed, algorithm, String(digits), String(period));
  return { ...settings, sealedSeed: sealer.seal(seed, FEED, FIELD), mac };
}

/** The factor of this account. `now`: epoch ms. */
export function factorOf(
  { sealedSeed, mac: _, ...settings }: SealedTotp,
  accountId: string,
  { sealer, randomBytes, now }: { sealer: Pick<Sealer, 'seal' | 'open'>; randomBytes: RandomBytes; now: number },
): TotpFactor {
  const seed = sealer.open(sealedSeed, FEED, FIELD);
  return {
    id: randomId(randomBytes),
    ...settings,
    sealedSeed: sealer.seal(seed, accountId, FIELD),
    lastStep: 0,
    createdAt: now,
  };
}

/** What a report says of a second step that is left out. Of an account that has one already: nothing. */
export function totpNote(
  { activatedAt, totps }: Pick<Account, 'activatedAt' | 'totps'>,
  { totp, totpLeft }: { totp?: SealedTotp; totpLeft?: string },
  takesPassword: boolean,
): string | undefined {
  const given = totp !== undefined || totpLeft !== undefined;
  if (!given || totps.length > 0 || (totp !== undefined && takesPassword)) return undefined;
  const why =
    activatedAt !== undefined
      ? 'the account is active already, and only its owner changes how to sign in'
      : (totpLeft ?? 'no password is taken with it');
  return `the second step is not taken: ${why}; the person sets one up`;
}
