/** Names the browser of a request as an account keeps those in which its person signed in. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import type { SigningBrowser } from '../../domain/account/browsers.ts';
import { browserNames } from '../browser-names.ts';
import type { Web } from '../web.ts';

/** A browser may say anything. */
const LONGEST_AGENT = 300;

/** Its names are read where the account does not keep them yet. */
export async function signingBrowserOf(
  { knownBrowsers, network }: Pick<Web, 'knownBrowsers' | 'network'>,
  ctx: Koa.Context,
  account: Account,
): Promise<SigningBrowser> {
  const { id, epoch } = knownBrowsers.identify(ctx, account);
  const kept = account.browsers?.find((each) => each.id === id);
  const { name, system, handheld } = kept ?? (await browserNames(ctx.get('user-agent').slice(0, LONGEST_AGENT)));
  const { name: place } = network(ctx);
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(system === undefined ? {} : { system }),
    ...(handheld === undefined ? {} : { handheld }),
    ...(place === undefined ? {} : { network: place }),
    ...(epoch === undefined ? {} : { cookieEpoch: epoch }),
  };
}
