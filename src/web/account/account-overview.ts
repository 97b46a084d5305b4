/** The first page of the account: what is to be done, then security, applications, the end, the details, the language. */
import type Koa from 'koa';
import { endInWords, wordsIn } from '../../../locales/end-in-words.ts';
import { asksAboutAddress } from '../../domain/account/confirm-address.ts';
import { languages } from '../../domain/account/languages.ts';
import { type SecurityAdvice, securityAdvice } from '../../domain/account/security-advice.ts';
import { factorsOf } from '../../domain/factors/factor.ts';
import { recoveryOf } from '../../domain/factors/slow-recovery.ts';
import { endOf } from '../../domain/lifecycle/account-expiry.ts';
import { explain } from '../../domain/lifecycle/explain.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';
import { affiliationsInWords, dayElement } from './affiliations-in-words.ts';
import { browserInWords } from './browser-in-words.ts';
import { momentIn } from './moment-in-words.ts';

/** More stand on a page of their own. */
const SHOWN_APPLICATIONS = 4;

/** The handler of GET `/account`. */
export function createAccountOverview(web: Web, frame: AccountFrame) {
  return async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { account } = visitor;
    const language = languageOf(ctx);
    const t = web.pages.t(ctx);
    const words = wordsIn(language, t, web.organisations);
    const affiliations = affiliationsInWords(account, web, ctx);
    const links = (await web.applications?.(account)) ?? [];
    const [main] = affiliations;
    const role = main && t('account.affiliation', { role: main.role, name: main.organisation });
    const portrait = [role, account.userNumbers[0]].filter((each) => each !== undefined).join(' · ');
    await web.pages.render(
      ctx,
      'account/overview',
      {
        account,
        advice: adviceInWords(ctx, securityAdvice(account)),
        factors: factorsOf(account).map(({ name }) => name),
        sessions: await sessionsInWords(ctx, visitor),
        links: links.slice(0, SHOWN_APPLICATIONS).map((each) => ({ ...each, name: each.name[language] })),
        moreLinks: links.length - SHOWN_APPLICATIONS,
        day: (date: string) => dayElement(date, ctx),
        affiliations,
        end: {
          text: endInWords(explain(account, web.organisations, web.now()), words).join(' '),
          soon: endOf(account, web.organisations, web.now())?.soon === true,
        },
        recovery: recoveryOf(account, { organisations: web.organisations, now: web.now() }),
        unanswered: asksAboutAddress(account, web.now()),
        languages,
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'overview', t('account.overview_title', { name: account.givenName }), portrait),
    );
  };

  function adviceInWords(ctx: Koa.Context, advice: SecurityAdvice | undefined) {
    if (advice === undefined) return undefined;
    const t = web.pages.t(ctx);
    const { urgent } = advice;
    switch (advice.kind) {
      case 'set-up-factor':
        return {
          urgent,
          title: t('account.advice_set_up_factor'),
          line: t('account.advice_set_up_factor_why'),
          verb: t('account.set_up'),
          href: '/account/factors/add',
        };
      case 'make-codes':
        return {
          urgent,
          title: t('account.advice_make_codes'),
          line: t('account.advice_codes_why'),
          verb: t('account.codes_make'),
          href: '/account/recovery-codes',
        };
      case 'few-codes':
        return {
          urgent,
          title: t('account.advice_few_codes', { count: advice.left }),
          line: t('account.advice_codes_why'),
          verb: t('account.codes_renew'),
          href: '/account/recovery-codes',
        };
      case 'add-address':
        return {
          urgent,
          title: t('account.advice_add_address'),
          line: t('account.advice_add_address_why'),
          verb: t('account.advice_add_verb'),
          href: '/account/email',
        };
      case 'add-factor':
        return {
          urgent,
          title: t(advice.only === 'totp' ? 'account.advice_add_passkey' : 'account.advice_add_factor'),
          line: t(advice.only === 'totp' ? 'account.advice_add_passkey_why' : 'account.advice_add_factor_why'),
          verb: t('account.advice_add_verb'),
          href: '/account/factors/add',
        };
    }
  }

  /** In how many browsers the person is signed in, and when, where and by which the last of them was opened. */
  async function sessionsInWords(ctx: Koa.Context, { account }: Visitor) {
    const open = await web.openSessions.list(account.id);
    const last = open.toSorted((a, b) => b.since - a.since)[0];
    if (last === undefined) return undefined;
    const { browser } = await browserInWords(last.place.agent, web.pages.t(ctx));
    const where = last.place.network === undefined ? '' : `, ${last.place.network}`;
    return { count: open.length, when: momentIn(languageOf(ctx), last.since, web.now()), where: `${browser}${where}` };
  }
}
