/** What all account pages share: who is signed in, what the session allows, and the navigation. */
import type Koa from 'koa';
import type { MessageKey } from '../../../locales/index.ts';
import { type Account, hasSecondFactor } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { homeOrganisation, type Organisation } from '../../domain/account/organisation.ts';
import { proofOfSession } from '../../domain/factors/enrolment.ts';
import type { ActingPerson } from '../../domain/factors/factor.ts';
import { hasAnyRole } from '../../domain/roles/permissions.ts';
import { isMultiFactor, MFA } from '../../domain/sign-in/acr.ts';
import { isRecent, isSteppedUp, STEP_UP_SECONDS } from '../../domain/sign-in/step-up.ts';
import { goTo } from '../../http/go-to.ts';
import type { IconName } from '../../http/icons.ts';
import { languageOf, preferLanguage } from '../../http/language.ts';
import type { PageOptions } from '../../http/page.ts';
import { actorOf } from '../../use-cases/actor.ts';
import type { Web } from '../web.ts';

type Session = NonNullable<Awaited<ReturnType<Web['sessions']['current']>>>;

/** The person who is signed in, as loaded for one request. */
export type Visitor = {
  account: Account;
  session: Session;
  organisation: Organisation;
  acting: ActingPerson;
  /** has a role, so that the navigation leads to the console too */
  administers: boolean;
};

/** The navigation. A page that belongs to none of these says under which it stands. */
const rooms = [
  { room: 'overview', href: '/account', label: 'account.room_overview', icon: 'overview' },
  { room: 'password', href: '/account/password', label: 'account.room_password', icon: 'key' },
  { room: 'factors', href: '/account/factors', label: 'account.room_factors', icon: 'second-step' },
  { room: 'sessions', href: '/account/sessions', label: 'account.room_sessions', icon: 'computer' },
  { room: 'applications', href: '/account/applications', label: 'account.room_applications', icon: 'applications' },
  { room: 'activity', href: '/account/activity', label: 'account.room_activity', icon: 'activity' },
  { room: 'email', href: '/account/email', label: 'account.room_email', icon: 'send' },
  { room: 'data', href: '/account/data', label: 'account.room_data', icon: 'details' },
] as const satisfies { room: string; href: string; label: MessageKey; icon: IconName }[];
type AccountRoom = (typeof rooms)[number]['room'];

export type AccountFrame = ReturnType<typeof createAccountFrame>;

export function createAccountFrame(web: Web) {
  const { accounts, sessions, organisations, now } = web;

  /**
   * The person who is signed in. Undefined: the answer is already a redirect, either to the sign-in and back to this
   * page, or, after the sign-in, to this page without the parameters of the authorization response.
   */
  async function visitor(ctx: Koa.Context): Promise<Visitor | undefined> {
    const clean = addressWithoutAnswer(ctx);
    if (clean !== undefined) {
      goTo(ctx, clean);
      return undefined;
    }
    const session = await sessions.current(ctx);
    const account = session === undefined ? undefined : await accounts.findById(session.accountId);
    if (session === undefined || account === undefined) {
      signIn(ctx, {});
      return undefined;
    }
    preferLanguage(ctx, account.language);
    const { grants } = await web.ports.roleGrants.read();
    return {
      account,
      session,
      organisation: homeOrganisation(account, organisations, dayAt(now())),
      acting: web.acting(ctx, session.uid),
      administers: hasAnyRole(actorOf(account, grants, 'console')),
    };
  }

  function signIn(
    ctx: Koa.Context,
    demand: { acr?: string; maxAgeSeconds?: number },
    back = `${ctx.path}${ctx.search}`,
  ): void {
    // A sign-in that was cancelled or failed comes back with an error. Asking again would loop.
    const failed = typeof ctx.query.error === 'string';
    const way = () => sessions.signInUrl(back, { ...demand, language: languageOf(ctx) });
    goTo(ctx, failed ? (ctx.path === '/account' ? '/' : '/account') : way());
  }

  /**
   * Rule 7: whether this session may add, replace or remove factors. If not, the answer redirects to a sign-in that
   * proves it (with the factor, or the password if there is none) and then to `back` (this page by default).
   */
  function mayChangeFactors(ctx: Koa.Context, { account, session }: Visitor, back?: string): boolean {
    const multiFactor = isMultiFactor(session.amr);
    if (proofOfSession(account, { ...session, multiFactor }, now()) !== undefined) return true;
    if (!hasSecondFactor(account) && isRecent(session.authTime, now())) return true;
    askAgain(ctx, account, back);
    return false;
  }

  /**
   * Whether this person has just signed in, with the second factor if there is one, for acts that need it. If not, the
   * answer redirects to such a sign-in and then to `back` (this page by default).
   */
  function steppedUp(ctx: Koa.Context, { account, session }: Visitor, back?: string): boolean {
    if (isSteppedUp(account, session, now())) return true;
    askAgain(ctx, account, back);
    return false;
  }

  function askAgain(ctx: Koa.Context, account: Account, back?: string): void {
    signIn(ctx, { ...(hasSecondFactor(account) ? { acr: MFA } : {}), maxAgeSeconds: STEP_UP_SECONDS }, back);
  }

  /** `portrait`: the line under the heading of a page about the person. */
  function page(ctx: Koa.Context, visitor: Visitor, room: AccountRoom, title: string, portrait?: string): PageOptions {
    const { account, organisation, administers } = visitor;
    const t = web.pages.t(ctx);
    const own = rooms.map(({ href, label, icon, ...each }) => ({
      href,
      label: t(label),
      icon,
      current: each.room === room,
    }));
    const toConsole = { href: '/admin', label: t('console.name'), icon: 'settings', current: false } as const;
    return {
      title,
      organisation,
      layout: 'wide',
      navigation: administers ? [...own, toConsole] : own,
      person: { id: account.id, name: `${account.givenName} ${account.familyName}` },
      ...(portrait === undefined ? {} : { portrait }),
    };
  }

  /** The sentence about what was just done (`?done=`), after the redirect that follows a form. */
  function done(ctx: Koa.Context): string | undefined {
    const name = typeof ctx.query.done === 'string' ? ctx.query.done : '';
    const key = doneSentences.get(name);
    return key === undefined ? undefined : web.pages.t(ctx)(key);
  }

  return { visitor, mayChangeFactors, steppedUp, page, done, goTo };
}

const doneSentences = new Map<string, MessageKey>([
  ['language', 'account.done_language'],
  ['recovery-stopped', 'account.done_recovery_stopped'],
  ['password', 'account.done_password'],
  ['added', 'account.done_added'],
  ['removed', 'account.done_removed'],
  ['renamed', 'account.done_renamed'],
  ['codes', 'account.done_codes'],
  ['session-ended', 'account.done_session_ended'],
  ['browser-forgotten', 'personal.done_browser_forgotten'],
  ['others-ended', 'account.done_others_ended'],
  ['taken-back', 'account.done_taken_back'],
  ['address-confirmed', 'personal.done_address_confirmed'],
  ['address-declined', 'personal.done_address_declined'],
  ['address-asked', 'personal.done_address_asked'],
  ['address-cancelled', 'personal.done_address_cancelled'],
  ['address-changed', 'personal.done_address_changed'],
  ['address-removed', 'personal.done_address_removed'],
]);

/**
 * This URL without the parameters of a successful authorization response (RFC 9207; OAuth 2.0, 4.1.2). Undefined if
 * there are none, or if the response is an error.
 */
function addressWithoutAnswer(ctx: Koa.Context): string | undefined {
  if (ctx.method === 'POST' || ctx.query.iss === undefined || ctx.query.error !== undefined) return undefined;
  const query = new URLSearchParams(ctx.querystring);
  for (const name of ['iss', 'state']) query.delete(name);
  return query.size === 0 ? ctx.path : `${ctx.path}?${query}`;
}
