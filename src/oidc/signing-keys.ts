/** The keys as this node knows them: read again every half minute, in an order in which the right one signs. */
import type { webcrypto } from 'node:crypto';
import type { SigningKeyRecord, SigningKeys } from '../domain/ports/signing-keys.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { SIGNING_KEY_FIELD } from '../domain/signing-keys/signing-key.ts';
import { nextChange, publishedKeys, REREAD_MS } from '../domain/signing-keys/signing-key-schedule.ts';
import type { Log } from './page-sources.ts';

/** where reading failed */
const RETRY_MS = 5000;

export type KeyRing = {
  /**
   * Called before anything is signed or published: reads the keys again where they were read `REREAD_MS` ago. One read for
   * all who wait; where it fails, what is known goes on. @throws Problem where nothing is known yet
   */
  freshen(): Promise<void>;
  /** reads them now. @throws Problem `storage_unavailable`, `sealed_unreadable` */
  read(): Promise<void>;
  /** differs from the last one whenever another key signs, comes or goes */
  version(): string;
  /** private keys as a JWK set for the library, which signs with the first that fits */
  jwks(): webcrypto.JsonWebKey[];
  /** whether what is known is so old that nobody should keep a copy of it */
  isOutdated(): boolean;
};

/** `now` is epoch ms. */
export function createKeyRing(options: {
  signingKeys: Pick<SigningKeys, 'list'>;
  sealer: Sealer;
  now: () => number;
  log: Log;
}): KeyRing {
  const { signingKeys, sealer, now, log } = options;
  let known: SigningKeyRecord[] | undefined;
  let opened = new Map<string, webcrypto.JsonWebKey>();
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let decided = { version: '', jwks: [] as webcrypto.JsonWebKey[], from: 0, until: 0 };

  async function readOnce(): Promise<void> {
    triedAt = now();
    const startedAt = now();
    const keys = await signingKeys.list();
    const published = publishedKeys(keys, startedAt);
    opened = new Map(published.map((key) => [key.kid, opened.get(key.kid) ?? openKey(key, sealer)]));
    known = keys;
    readAt = startedAt;
    decided = { ...decided, until: 0 };
  }

  /** What the clock makes of the known keys; asks nobody, so a key begins to sign on time though the storage is away. */
  function decide(): typeof decided {
    const at = now();
    if (known !== undefined && (at < decided.from || at >= decided.until)) {
      const published = publishedKeys(known, at);
      decided = {
        version: published.map(({ kid }) => kid).join(),
        jwks: published.flatMap(({ kid }) => opened.get(kid) ?? []),
        from: at,
        until: nextChange(known, at),
      };
    }
    return decided;
  }

  // a clock that was set back counts as time gone by
  const isWithin = (since: number, ms: number) => now() >= since && now() - since < ms;

  const read = () => {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  return {
    read,
    async freshen() {
      if (isWithin(readAt, REREAD_MS) || (known !== undefined && isWithin(triedAt, RETRY_MS) && reading === undefined))
        return;
      try {
        await read();
      } catch (err) {
        if (known === undefined) throw err;
        log.warn({ err }, 'the signing keys could not be read again: those known before are used');
      }
    },
    version: () => decide().version,
    jwks: () => decide().jwks,
    isOutdated: () => !isWithin(readAt, 2 * REREAD_MS),
  };
}

function openKey({ kid, alg, sealedPrivateJwk }: SigningKeyRecord, sealer: Sealer): webcrypto.JsonWebKey {
  return {
    ...(JSON.parse(sealer.open(sealedPrivateJwk, kid, SIGNING_KEY_FIELD)) as webcrypto.JsonWebKey),
    kid,
    use: 'sig',
    // the RSA key names none, so that it serves RS256 and PS256
    ...(alg === 'RS256' ? {} : { alg }),
  } as webcrypto.JsonWebKey;
}
