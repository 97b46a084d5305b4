/** Tells a person who holds a valid link that the account is not open: it has ended, opens on a later day, or is suspended. */
import type Koa from 'koa';
import { endInWords, wordsIn } from '../../locales/end-in-words.ts';
import type { Account } from '../domain/account/account.ts';
import { explain } from '../domain/lifecycle/explain.ts';
import { languageOf } from '../http/language.ts';
import { brandingOf } from './ticket-holder.ts';
import type { Web } from './web.ts';

const texts = {
  ended: ['activation.ended_title', 'activation.ended_what'],
  opens: ['activation.not_yet_title', 'activation.not_yet_ask'],
  suspended: ['signIn.closed_title', 'signIn.suspended_ask'],
} as const;

export async function showClosed(web: Web, ctx: Koa.Context, account: Account): Promise<void> {
  const { organisation } = brandingOf(web, ctx, account);
  const t = web.pages.t(ctx);
  const explanation = explain(account, web.organisations, web.now());
  const { kind } = explanation;
  const [title, ask] = texts[kind === 'opens' || kind === 'suspended' ? kind : 'ended'];
  const words = wordsIn(languageOf(ctx), t, web.organisations);
  const sentences = [...endInWords(explanation, words), t(ask)];
  await web.pages.render(ctx, 'activation/ended', { sentences }, { title: t(title), organisation });
}
