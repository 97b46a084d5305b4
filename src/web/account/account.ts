/**
 * The account page (journey B.5): name, password and second factor. Every handler starts with `visitor`, so without a
 * live session nothing is shown or changed: the visitor is sent to sign in and comes back.
 */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { dayAt, lastDayOf } from '../../domain/account/affiliation.ts';
import { chooseLanguage } from '../../domain/account/choose-language.ts';
import { answerAddress } from '../../domain/account/confirm-address.ts';
import { languageNamed, languages, tagOf } from '../../domain/account/languages.ts';
import { factorsOf } from '../../domain/factors/factor.ts';
import { affiliationRoles } from '../../domain/feed/feed-row.ts';
import { type AccountEnd, endOf } from '../../domain/lifecycle/account-expiry.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';
import { createAccountApplications } from './account-applications.ts';
import { createAccountEnrolment } from './account-enrolment.ts';
import { createAccountFactors } from './account-factors.ts';
import { createAccountFrame } from './account-frame.ts';
import { createAccountPassword } from './account-password.ts';
import { createAccountSessions } from './account-sessions.ts';

/** The page of the protocol that says so. */
const SIGNED_OUT = '/session/end/success';

/** The handlers. `routes.ts` gives them URLs. */
export function createAccount(web: Web) {
  const frame = createAccountFrame(web);

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { account } = visitor;
    const t = web.pages.t(ctx);
    const end = endOf(account, web.organisations, web.now());
    await web.pages.render(
      ctx,
      'account/overview',
      {
        account,
        day: (date: string) => dayElement(date, ctx),
        affiliations: affiliationsOf(account, web, ctx),
        end,
        why: end === undefined ? undefined : whyItEnds(end, web, ctx),
        proposed: proposedTo(account, web, ctx),
        held: (account.heldAddresses ?? []).filter(({ address, until }) => {
          return until > web.now() && address !== account.personalEmail;
        }),
        factors: factorsOf(account).length,
        languages,
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'overview', t('account.overview_title', { name: account.givenName })),
    );
  }

  async function act(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const fields = await readForm(ctx, z.object({ action: trimmed(40), language: trimmed(20), address: trimmed(300) }));
    if (fields.action === 'logout') {
      await web.sessions.end(ctx);
      return frame.goTo(ctx, SIGNED_OUT);
    }
    if (fields.action === 'confirm-address' || fields.action === 'decline-address') {
      if (!frame.mayChangeFactors(ctx, visitor, '/account')) return;
      const answer = { address: fields.address, confirmed: fields.action === 'confirm-address' };
      const { outcome } = await web.update(visitor.account.id, (read) => answerAddress(read, answer, visitor.acting));
      return frame.goTo(ctx, outcome.kind === 'gone' ? '/account' : `/account?done=address-${outcome.kind}`);
    }
    const language = languageNamed(fields.language);
    if (fields.action !== 'set-language' || language === undefined) return frame.goTo(ctx, '/account');
    await web.update(visitor.account.id, (account) => chooseLanguage(account, language, web.now()));
    // The same parameter as the switch on every page, so that this browser follows at once.
    return frame.goTo(ctx, `/account?done=language&lang=${language}`);
  }

  return {
    show,
    act,
    password: createAccountPassword(web, frame),
    factors: createAccountFactors(web, frame),
    openSessions: createAccountSessions(web, frame),
    applications: createAccountApplications(web, frame),
    ...createAccountEnrolment(web, frame),
  };
}

/** A personal address that a feed gave, and the name of who gave it. */
function proposedTo({ proposedAddress, affiliations }: Account, web: Web, ctx: Koa.Context) {
  if (proposedAddress === undefined) return undefined;
  const given = affiliations.find(({ source }) => source === proposedAddress.source)?.organisation;
  const name = web.organisations.find(({ id }) => id === given)?.name[languageOf(ctx)];
  return { address: proposedAddress.address, name: name ?? web.pages.t(ctx)('account.proposed_somebody') };
}

function affiliationsOf(account: Account, web: Web, ctx: Koa.Context) {
  const language = languageOf(ctx);
  const t = web.pages.t(ctx);
  return account.affiliations.map((affiliation) => {
    const { organisation, role, from } = affiliation;
    return {
      organisation: web.organisations.find(({ id }) => id === organisation)?.name[language] ?? organisation,
      role: affiliationRoles.includes(role) ? t(`account.role_${role as 'student'}`) : role,
      from,
      until: lastDayOf(affiliation),
    };
  });
}

/** A calendar day (`YYYY-MM-DD`) in words. */
function dayElement(date: string, ctx: Koa.Context): string {
  return `<time datetime="${date}" title="${dayIn(date, 'full', ctx)}">${dayIn(date, 'long', ctx)}</time>`;
}

function dayIn(date: string, dateStyle: 'long' | 'full', ctx: Koa.Context): string {
  const format = new Intl.DateTimeFormat(tagOf(languageOf(ctx)), { dateStyle, timeZone: 'UTC' });
  return format.format(new Date(`${date}T12:00:00Z`));
}

function whyItEnds({ because }: AccountEnd, web: Web, ctx: Koa.Context): string | undefined {
  if (because === undefined) return undefined;
  const t = web.pages.t(ctx);
  const organisation = web.organisations.find(({ id }) => id === because.organisation);
  const name = organisation?.name[languageOf(ctx)] ?? because.organisation;
  const reason = because.endReason === undefined ? '' : ` (${because.endReason})`;
  if (because.endedOn === undefined) return t('account.end_planned', { name, reason });
  const told = because.endedOn < dayAt(web.now()) ? 'account.end_official' : 'account.end_official_later';
  return t(told, { name, reason, day: dayIn(because.endedOn, 'long', ctx) });
}
