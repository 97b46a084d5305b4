/**
 * Known browsers: a cookie marks a browser that completed a sign-in to an account, so that strangers' attempts do not
 * slow its owner (rule 2), and the owner hears of a browser without one.
 */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { beside } from '../../domain/beside.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { createCookie } from '../../http/cookies.ts';
import type { Browsers } from '../../http/sealed-cookie.ts';

export type KnownBrowsers = {
  /** The key of this browser for rate limits if it is known to this account at its current epoch. */
  knownTo(ctx: Koa.Context, account: Account): string | undefined;
  /** An id of this browser, where it is known to some account, as far as its cookie tells: nothing is read. */
  someone(ctx: Koa.Context): string | undefined;
  /**
   * The id by which an account knows this browser, the same for all epochs and for tabs that sign in at once. `epoch`: that
   * of the last complete sign-in that the cookie proves; absent: it proves none.
   */
  identify(ctx: Koa.Context, account: Account): { id: string; epoch?: number };
  /** Call only after a complete sign-in: all required factors, or a finished activation or reset. */
  remember(ctx: Koa.Context, account: Account): void;
};

/** Of one account in the cookie. */
type Entry = { text: string; accountId: string; epoch: number; id: string };

const ACCOUNTS = 4; // the latest accounts of a family that shares a computer
const ID_LENGTH = 16; // 96 bits

/** Cookie value: `accountId.epoch.browserId.mac` per account, separated by `~`. */
export function createKnownBrowsers(options: {
  issuer: string;
  sealer: Sealer;
  /** How to know a browser that has no such cookie yet; absent: its ids are random. */
  browsers?: Pick<Browsers, 'known'>;
  randomBytes: (size: number) => Uint8Array;
}): KnownBrowsers {
  const { sealer, browsers, randomBytes } = options;
  const cookie = createCookie(options.issuer, 'device');
  const made = beside<string>('id of the browser');

  const read = beside<Entry[]>('known browser');

  /** Those that are ours, whatever their epoch. A sign-in asks for them some ten times. */
  function entriesOf(ctx: Koa.Context): Entry[] {
    const entries = read.get(ctx.req) ?? proven((cookie.read(ctx) ?? '').split('~').slice(0, ACCOUNTS));
    read.set(ctx.req, entries);
    return entries;
  }

  function proven(texts: string[]): Entry[] {
    return texts.flatMap((text) => {
      const [accountId = '', epoch = '', id = '', mac = ''] = text.split('.');
      return mac !== '' && sealer.macMatches(mac, 'device', accountId, epoch, id)
        ? [{ text, accountId, epoch: Number(epoch), id }]
        : [];
    });
  }

  /** From the cookie that all tabs share, where the browser has sent it. */
  function newId(ctx: Koa.Context, account: Account): string {
    const browser = browsers?.known(ctx);
    if (browser !== undefined) return sealer.mac('browser', account.id, browser).slice(0, ID_LENGTH);
    const id = made.get(ctx.req) ?? Buffer.from(randomBytes(12)).toString('base64url');
    made.set(ctx.req, id);
    return id;
  }

  function identify(ctx: Koa.Context, account: Account): { id: string; epoch?: number } {
    const known = entriesOf(ctx).find(({ accountId }) => accountId === account.id);
    return known === undefined ? { id: newId(ctx, account) } : { id: known.id, epoch: known.epoch };
  }

  return {
    knownTo(ctx, account) {
      const { id, epoch } = identify(ctx, account);
      // counters begin anew with a new password, as the epoch does
      return epoch === account.credentialsEpoch ? `${id}.${epoch}` : undefined;
    },
    someone: (ctx) => entriesOf(ctx)[0]?.id,
    identify,
    remember(ctx, account) {
      const { id, epoch } = identify(ctx, account);
      if (epoch === account.credentialsEpoch) return;
      const now = String(account.credentialsEpoch);
      const entry = [account.id, now, id, sealer.mac('device', account.id, now, id)].join('.');
      const others = entriesOf(ctx).filter(({ accountId }) => accountId !== account.id);
      cookie.write(ctx, [entry, ...others.map(({ text }) => text)].slice(0, ACCOUNTS).join('~'));
    },
  };
}
