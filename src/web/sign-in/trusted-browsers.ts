/** The cookie of a trusted browser: a random token for each person, of which the account has only the hash. */
import { createHash } from 'node:crypto';
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import type { TrustedBrowser } from '../../domain/account/browser-records.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type TrustClaim, trustedBrowsersOf } from '../../domain/sign-in/trusted-browser.ts';
import { createCookie } from '../../http/cookies.ts';

export type TrustedBrowsers = {
  /** What this browser's cookie says of this account. Undefined: it is not trusted. */
  claimOf(ctx: Koa.Context, account: Account): TrustClaim | undefined;
  /** A browser to be trusted; `write` gives it its cookie once the account has it. */
  prepare(ctx: Koa.Context, account: Account): { browser: TrustedBrowser; write(): void };
};

const ACCOUNTS = 4; // of a family that shares a computer
const TOKEN_BYTES = 32;
const LONGEST_AGENT = 300;
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

/** Cookie value: `accountId.token` per account, separated by `~`. */
export function createTrustedBrowsers(web: {
  issuer: string;
  trustedBrowserDays: number;
  randomBytes: RandomBytes;
  now: () => number;
}): TrustedBrowsers {
  const cookie = createCookie(web.issuer, 'trusted');
  const days = web.trustedBrowserDays;
  // A neighbouring host can plant more of them; only one whose hash the account has counts.
  const entriesOf = (ctx: Koa.Context) => cookie.readAll(ctx).flatMap((value) => value.split('~').slice(0, ACCOUNTS));

  return {
    claimOf(ctx, account) {
      const trusted = trustedBrowsersOf(account, days, web.now());
      if (trusted.length === 0) return undefined;
      for (const entry of entriesOf(ctx)) {
        const [accountId, token = ''] = entry.split('.');
        const found = accountId === account.id && trusted.find(({ hash }) => hash === hashOf(token));
        if (found) return { id: found.id, days };
      }
      return undefined;
    },

    prepare(ctx, account) {
      const token = Buffer.from(web.randomBytes(TOKEN_BYTES)).toString('base64url');
      const agent = ctx.get('user-agent').slice(0, LONGEST_AGENT);
      const browser = {
        id: randomId(web.randomBytes),
        hash: hashOf(token),
        epoch: account.credentialsEpoch,
        since: web.now(),
        ...(agent === '' ? {} : { agent }),
      };
      const write = () => {
        const others = entriesOf(ctx).filter((each) => each !== '' && !each.startsWith(`${account.id}.`));
        cookie.write(ctx, [`${account.id}.${token}`, ...others].slice(0, ACCOUNTS).join('~'));
      };
      return { browser, write };
    },
  };
}
