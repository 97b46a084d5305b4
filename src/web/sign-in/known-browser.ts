/**
 * Known browsers: a cookie marks a browser that completed a sign-in to an account, so that strangers' attempts do not
 * slow its owner (rule 2).
 */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { createCookie } from '../../http/cookies.ts';

export type KnownBrowsers = {
  /** The id of this browser if it is known to this account at its current epoch. */
  knownTo(ctx: Koa.Context, account: Account): string | undefined;
  /** An id of this browser, where it is known to some account, as far as its cookie tells: nothing is read. */
  someone(ctx: Koa.Context): string | undefined;
  /** Call only after a complete sign-in: all required factors, or a finished activation or reset. */
  remember(ctx: Koa.Context, account: Account): void;
};

const ACCOUNTS = 4; // the latest accounts of a family that shares a computer
const ID_BYTES = 12;

/** Cookie value: `accountId.epoch.browserId.mac` per account, separated by `~`. */
export function createKnownBrowsers(options: {
  issuer: string;
  sealer: Sealer;
  randomBytes: (size: number) => Uint8Array;
}): KnownBrowsers {
  const { sealer, randomBytes } = options;
  const cookie = createCookie(options.issuer, 'device');
  const entriesOf = (ctx: Koa.Context) => (cookie.read(ctx) ?? '').split('~').slice(0, ACCOUNTS);

  return {
    knownTo(ctx, account) {
      for (const entry of entriesOf(ctx)) {
        const [accountId = '', epoch = '', id = '', mac = ''] = entry.split('.');
        const current = accountId === account.id && epoch === String(account.credentialsEpoch);
        if (current && sealer.macMatches(mac, 'device', accountId, epoch, id)) return id;
      }
      return undefined;
    },
    someone(ctx) {
      for (const entry of entriesOf(ctx)) {
        const [accountId = '', epoch = '', id = '', mac = ''] = entry.split('.');
        if (mac !== '' && sealer.macMatches(mac, 'device', accountId, epoch, id)) return id;
      }
      return undefined;
    },
    remember(ctx, account) {
      if (this.knownTo(ctx, account) !== undefined) return;
      const id = Buffer.from(randomBytes(ID_BYTES)).toString('base64url');
      const epoch = String(account.credentialsEpoch);
      const entry = [account.id, epoch, id, sealer.mac('device', account.id, epoch, id)].join('.');
      const others = entriesOf(ctx).filter((each) => each !== '' && !each.startsWith(`${account.id}.`));
      cookie.write(ctx, [entry, ...others].slice(0, ACCOUNTS).join('~'));
    },
  };
}
