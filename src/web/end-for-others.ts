/** What others than its owner are told of the end of an account: the very sentences that the owner reads. */
import type Koa from 'koa';
import { endInWords, wordsIn } from '../../locales/end-in-words.ts';
import type { Account } from '../domain/account/account.ts';
import { explain } from '../domain/lifecycle/explain.ts';
import { languageOf } from '../http/language.ts';
import type { Web } from './web.ts';

/** “The person reads: …”, so that nobody on the telephone hears of another day than in the letter. */
export function ownerReads(
  web: Pick<Web, 'pages' | 'organisations' | 'now'>,
  ctx: Koa.Context,
  account: Account,
): string {
  const t = web.pages.t(ctx);
  const words = wordsIn(languageOf(ctx), t, web.organisations);
  return t('lifecycle.owner_reads', {
    sentences: endInWords(explain(account, web.organisations, web.now()), words).join(' '),
  });
}
