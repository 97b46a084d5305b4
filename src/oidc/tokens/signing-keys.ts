/** The signing keys as this node knows them: read again every half minute, and ordered so that the right key signs. */
import type { webcrypto } from 'node:crypto';
import type { SigningKeyRecord, SigningKeys } from '../../domain/ports/signing-keys.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { SIGNING_KEY_FIELD } from '../../domain/signing-keys/signing-key.ts';
import { nextChange, publishedKeys, REREAD_MS } from '../../domain/signing-keys/signing-key-schedule.ts';
import type { Log } from '../page-sources.ts';

/** After a failed read. */
const RETRY_MS = 5000;

export type KeyRing = {
  /**
   * Call it before anything is signed or published. Reads the keys again after `REREAD_MS`; concurrent callers share
   * one read. If that fails, the known keys stay in use.
   * @throws Problem if no keys are known yet
   */
  freshen(): Promise<void>;
  /** Whether `freshen` has nothing to do. */
  isFresh(): boolean;
  /** Reads the keys now. @throws Problem `storage_unavailable`, `sealed_unreadable` */
  read(): Promise<void>;
  /** Changes whenever another key signs, appears or goes. */
  version(): string;
  /** Private keys as a JWK set for the library, which signs with the first one that fits. */
  jwks(): webcrypto.JsonWebKey[];
  /** Whether the known keys are so old that applications should not cache them. */
  isOutdated(): boolean;
};

/** `now` returns epoch ms. */
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

  /**
   * Orders the known keys by the clock. It does not read the storage, so a key starts to sign on time even if the
   * storage is away.
   */
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

  // A clock that was set back counts as elapsed time.
  const isWithin = (since: number, ms: number) => now() >= since && now() - since < ms;

  const isFresh = () => isWithin(readAt, REREAD_MS);
  const read = () => {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  return {
    isFresh,
    read,
    async freshen() {
      if (isFresh() || (known !== undefined && isWithin(triedAt, RETRY_MS) && reading === undefined)) return;
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
    // The RSA key has no `alg`, so that it serves RS256 and PS256.
    ...(alg === 'RS256' ? {} : { alg }),
  } as webcrypto.JsonWebKey;
}
