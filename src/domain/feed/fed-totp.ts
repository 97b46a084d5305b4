/** The seed of an authenticator app that a source gives: what its column may hold, and how it waits, sealed, for its account. */
import type { TotpFactor, TotpSettings } from '../account/account.ts';
import { type RandomBytes, randomId } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';

/** As read; `name`: what the person is told it is called. */
export type FedTotp = TotpSettings & { seed: string; name: string };
/** As it waits. `mac`: tells whether two rows say the same. */
export type SealedTotp = TotpSettings & { name: string; sealedSeed: string; mac: string };

/** An owner that no account has: whose it is is known when it is applied. */
const FEED = 'feed';
const FIELD = 'totp';
const UNNAMED = 'TOTP';

/**
 * Reads `otpauth://totp/…` (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). The reason for which one is refused
 * never repeats it.
 */
export function readFedTotp(text: string): FedTotp | { fault: string } {
  const uri = URL.parse(text);
  if (uri?.protocol !== 'otpauth:' || text.length > 1000)
    return { fault: 'must be a key URI of an authenticator app: otpauth://totp/NAME?secret=…' };
  if (uri.host.toLowerCase() !== 'totp')
    return { fault: 'is of a code that counts uses (hotp): its owner sets up an app, so leave it out' };
  const ask = (name: string, otherwise: string) => (uri.searchParams.get(name) ?? otherwise).trim().toUpperCase();
  const seed = ask('secret', '').replace(/=+$/, '');
  // 80 bits are what many systems made; RFC 4226 wants 128. At most 512: the block of SHA-512 has 1024
  if (!/^[A-Z2-7]{16,103}$/.test(seed)) return { fault: 'has no secret of 16 to 103 signs of base32' };
  const algorithm = { SHA1: undefined, SHA256: 'sha256', SHA512: 'sha512' } as const;
  const name = ask('algorithm', 'SHA1').replace('-', '');
  if (!Object.hasOwn(algorithm, name)) return { fault: 'has an algorithm other than SHA1, SHA256 and SHA512' };
  const hash = algorithm[name as keyof typeof algorithm];
  const [digits, period] = [ask('digits', '6'), ask('period', '30')];
  if (digits !== '6' && digits !== '8') return { fault: 'has codes of other than 6 or 8 digits' };
  if (period !== '30' && period !== '60') return { fault: 'has codes for other than 30 or 60 seconds' };
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
