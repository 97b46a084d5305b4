/**
 * What all pages of the console share: nobody passes without a role, a second factor and a session that holds now, and
 * acts that need it are done only by somebody who has just signed in.
 */
import type Koa from 'koa';
import type { MessageKey } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { hasAnyRole, may, type Permission, reachOf } from '../../domain/roles/permissions.ts';
import { isMultiFactor, MFA } from '../../domain/sign-in/acr.ts';
import { isRecent as isSignInRecent, STEP_UP_SECONDS } from '../../domain/sign-in/step-up.ts';
import { type Around, noteAround } from '../../http/around.ts';
import type { ConsoleHeading, NavigationItem } from '../../http/console-heading.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf, preferLanguage } from '../../http/language.ts';
import type { PageOptions } from '../../http/page.ts';
import { type Actor, actorOf } from '../../use-cases/actor.ts';
import { noteRefusal } from '../../use-cases/audit/note-refusal.ts';
import type { Web } from '../web.ts';
import { type Act, createKeptForm } from './kept-form.ts';
import { type Room, type RoomName, rooms } from './rooms.ts';

type Session = NonNullable<Awaited<ReturnType<Web['sessions']['current']>>>;

/** Somebody with a role, as loaded for one request. */
export type Administrator = { account: Account; session: Session; actor: Actor };

/** A page or form of the console. Whoever may not see it has been answered already. */
export type ConsoleHandler = (ctx: Koa.Context, administrator: Administrator) => Promise<void>;

/** What a page says about itself. `room`: which item of the navigation it belongs to. */
export type ConsolePage = ConsoleHeading & { room: RoomName; title: string; status?: number };

export type ConsoleFrame = ReturnType<typeof createConsoleFrame>;

export function createConsoleFrame(web: Web) {
  const { accounts, sessions, now, pages } = web;
  const { roleGrants } = web.ports;
  const kept = createKeptForm(web);

  /** The person at this request, with a role or without. */
  async function visitor(ctx: Koa.Context): Promise<Administrator | undefined> {
    const session = await sessions.current(ctx);
    const account = session === undefined ? undefined : await accounts.findById(session.accountId);
    if (session === undefined || account === undefined) return undefined;
    preferLanguage(ctx, account.language);
    // read anew for each request: a role that was revoked stops with it
    const { grants } = await roleGrants.read();
    return { account, session, actor: actorOf(account, grants, 'console') };
  }

  /** Who passes. Undefined: the answer leads to the sign-in, or says that there is no role. */
  async function enter(ctx: Koa.Context): Promise<Administrator | undefined> {
    const administrator = await visitor(ctx);
    if (administrator === undefined) {
      signIn(ctx, `${ctx.path}${ctx.search}`);
      return undefined;
    }
    // Before the second factor: nobody is led to set one up for a page that he or she may not see.
    if (!hasAnyRole(administrator.actor)) {
      await refuse(ctx, administrator);
      return undefined;
    }
    if (!isMultiFactor(administrator.session.amr)) {
      signIn(ctx, `${ctx.path}${ctx.search}`);
      return undefined;
    }
    const clean = addressWithoutAnswer(ctx);
    if (clean === undefined) return administrator;
    goTo(ctx, clean);
    return undefined;
  }

  /** The bar and the navigation. `room` absent: on no page of it. */
  function around(ctx: Koa.Context, { account, actor }: Administrator, room?: RoomName): Around {
    const person = { id: account.id, name: actor.name };
    return { layout: 'wide', console: {}, navigation: navigationFor(actor, room, pages.t(ctx)), person };
  }

  /** To a sign-in with two factors, and then to `back`. One that was cancelled or failed is not asked again at once. */
  function signIn(ctx: Koa.Context, back: string, maxAgeSeconds?: number): void {
    if (ctx.method !== 'POST' && typeof ctx.query.error === 'string') {
      goTo(ctx, '/');
      return;
    }
    const wishes = { acr: MFA, language: languageOf(ctx), ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) };
    goTo(ctx, sessions.signInUrl(back, wishes));
  }

  /** The address is no secret (it is in the manual), so this says what is missing instead of denying that it exists. */
  async function refuse(ctx: Koa.Context, administrator: Administrator): Promise<void> {
    const t = pages.t(ctx);
    await pages.render(
      ctx,
      'console/no-role',
      { name: administrator.actor.name },
      { title: t('console.no_role_title'), status: 403, openContacts: true },
    );
  }

  /** A refusal for want of authority. Granting and revoking roles write one of their own, with more. */
  async function note(ctx: Koa.Context, { actor }: Administrator): Promise<void> {
    const route = String(ctx._matchedRoute ?? '/admin');
    if (ctx.method === 'POST' && route.startsWith('/admin/roles')) return;
    await noteRefusal(actor, `${ctx.method} ${route}`, {
      auditLog: web.ports.auditLog,
      now,
      randomBytes: web.randomBytes,
    });
  }

  const isRecent = ({ session }: Administrator) => isSignInRecent(session.authTime, now());

  return {
    isRecent,
    kept,

    /** A handler that only somebody with a role reaches. */
    gated:
      (handler: ConsoleHandler): Koa.Middleware =>
      async (ctx) => {
        const administrator = await enter(ctx);
        if (administrator === undefined) return;
        noteAround(ctx, () => around(ctx, administrator));
        try {
          await handler(ctx, administrator);
        } catch (error) {
          if (error instanceof HttpError && error.reason === 'not-allowed') await note(ctx, administrator);
          throw error;
        }
      },

    /** For an address that no page has. Whoever would pass the gate keeps the bar; to others it is as anywhere else. */
    unanswered:
      (beforeFault?: (ctx: Koa.Context, administrator: Administrator) => void): Koa.Middleware =>
      async (ctx, next) => {
        const administrator = await visitor(ctx);
        if (
          administrator !== undefined &&
          hasAnyRole(administrator.actor) &&
          isMultiFactor(administrator.session.amr)
        ) {
          noteAround(ctx, () => around(ctx, administrator));
          beforeFault?.(ctx, administrator);
        }
        await next();
      },

    /**
     * Whether this person has signed in within the last five minutes, for acts that need it. Call it before the form is
     * read, or give its fields. False: the answer leads to a sign-in; a form waits meanwhile, and is shown again with its one
     * button.
     */
    async recent(
      ctx: Koa.Context,
      administrator: Administrator,
      act: Act,
      fields?: Record<string, string>,
    ): Promise<boolean> {
      if (isRecent(administrator)) {
        kept.clear(ctx, `${ctx.path}${ctx.search}`);
        return true;
      }
      if (ctx.method !== 'POST') {
        signIn(ctx, `${ctx.path}${ctx.search}`, STEP_UP_SECONDS);
        return false;
      }
      await kept.keep(ctx, administrator.account.id, act, fields);
      signIn(ctx, CONFIRM, STEP_UP_SECONDS);
      return false;
    },

    /** Leads to a sign-in that counts as recent, and back to the page that asks what was kept. */
    confirmAgain: (ctx: Koa.Context) =>
      goTo(ctx, sessions.signInUrl(CONFIRM, { acr: MFA, maxAgeSeconds: STEP_UP_SECONDS, language: languageOf(ctx) })),

    /** @throws HttpError 404: as if it did not exist; 403 where it is seen */
    require(administrator: Administrator, permission: Permission, organisation: string | undefined): void {
      const answer = may(administrator.actor, permission, organisation);
      if (answer === 'hidden') throw new HttpError(404, 'missing');
      if (answer === 'refused') throw new HttpError(403, 'not-allowed');
    },

    /** For what is there for whoever has the permission at any organisation. @throws HttpError 404 */
    requireAnywhere({ actor }: Administrator, permission: Permission): void {
      if (reachOf(actor, permission).length === 0) throw new HttpError(404, 'missing');
    },

    page(
      ctx: Koa.Context,
      administrator: Administrator,
      { room, title, status, ...heading }: ConsolePage,
    ): PageOptions {
      return {
        title,
        ...around(ctx, administrator, room),
        console: heading,
        ...(status === undefined ? {} : { status }),
      };
    },

    /** The sentence about what was just done (`?done=`), after the redirect that follows a form. */
    done(ctx: Koa.Context, sentences: Record<string, MessageKey>): string | undefined {
      const name = typeof ctx.query.done === 'string' ? ctx.query.done : '';
      const key = Object.hasOwn(sentences, name) ? sentences[name] : undefined;
      return key === undefined ? undefined : pages.t(ctx)(key);
    },
  };
}

const CONFIRM = '/admin/confirm';

function navigationFor(actor: Actor, current: RoomName | undefined, t: (key: MessageKey) => string): NavigationItem[] {
  let group: MessageKey | undefined;
  const seen = (rooms as readonly Room[]).filter(
    ({ permission, association }) =>
      permission === undefined ||
      (association === true ? reachOf(actor, permission) === 'association' : reachOf(actor, permission).length > 0),
  );
  return seen.map((each) => {
    const heading = each.group === group ? undefined : each.group;
    group = each.group;
    return {
      href: each.href,
      label: t(each.label),
      icon: each.icon,
      current: each.room === current,
      ...(heading === undefined ? {} : { group: t(heading) }),
    };
  });
}

/** This URL without the parameters of an authorization response (RFC 9207; OAuth 2.0, 4.1.2). Undefined: it has none. */
function addressWithoutAnswer(ctx: Koa.Context): string | undefined {
  if (ctx.method === 'POST' || ctx.query.iss === undefined) return undefined;
  const query = new URLSearchParams(ctx.querystring);
  for (const name of ['iss', 'state', 'error', 'error_description']) query.delete(name);
  return query.size === 0 ? ctx.path : `${ctx.path}?${query}`;
}
