/** One application of the campus: a web server that signs people in through Pedel as any relying party would. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import ejs from 'ejs';
import Koa, { type Context, type Next } from 'koa';
import { mountOf } from '../addresses.ts';
import type { Application, Character, Setting } from './character.ts';
import { fault, isFault } from './faults.ts';
import { isFromThisSite } from './form.ts';
import { knowIssuer } from './issuer.ts';
import { openSessions } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';
import { signOutRoutes } from './sign-out.ts';
import { wordsFor } from './words.ts';

const sharedViews = fileURLToPath(new URL('./views/', import.meta.url));

export function openApplication(setting: Setting, character: Character): Application {
  const { name, language } = character;
  const registration = setting.registrations.find((candidate) => candidate.client_id === name);
  const redirectUri = registration?.redirect_uris[0];
  if (!registration || !redirectUri) throw new Error(`clients.json holds no registration for ${name}.`);
  const mount = mountOf(name);
  const site = new URL(redirectUri).origin + mount;
  const { origin } = new URL(site);
  const views = [fileURLToPath(new URL('views/', character.folder)), sharedViews];
  const words = wordsFor(language);
  const applicationName = String(registration[language === 'nl' ? 'client_name#nl' : 'client_name']);
  // All sites of the demo are on localhost and share one jar of cookies.
  const cookieName = (cookie: string) => `${name.replace('-', '_')}_${cookie}`;
  const koa = new Koa();
  const router = new Router(mount ? { prefix: mount } : {});

  const application: Application = {
    registration,
    issuer: knowIssuer(setting.issuer, registration, setting.privateKey),
    sessions: openSessions(join(setting.data, `${name}.sqlite`)),
    router,
    koa,
    site,
    redirectUri,
    request: character.request,
    pushed: character.pushed ?? false,
    keepsTokens: character.keepsTokens ?? false,
    path: (path) => mount + path,
    visitor(ctx) {
      const id = application.cookie(ctx, 'session');
      if (!('visitor' in ctx.state)) ctx.state.visitor = id ? application.sessions.find(id) : undefined;
      return ctx.state.visitor;
    },
    async signedIn(ctx, next) {
      if (application.visitor(ctx)) return next();
      ctx.status = 303;
      ctx.redirect(ctx.method === 'GET' ? `${mount}/login?to=${encodeURIComponent(ctx.url)}` : `${mount}/`);
    },
    async page(ctx, view, values) {
      const locals = {
        words,
        visitor: application.visitor(ctx),
        name: applicationName,
        mount,
        here: ctx.path,
        clock: setting.clock !== undefined,
        ...values,
      };
      const body = await render(view, locals);
      ctx.type = 'html';
      ctx.body = await render('layout', { ...locals, body, language, title: titleOf(body) });
    },
    cookie: (ctx, cookie) => ctx.cookies.get(cookieName(cookie)),
    setCookie(ctx, cookie, value) {
      ctx.cookies.set(cookieName(cookie), value ?? null, { httpOnly: true, sameSite: 'lax', path: mount || '/' });
    },
    close: () => application.sessions.close(),
  };

  async function render(view: string, locals: Record<string, unknown>): Promise<string> {
    const file = views.map((folder) => join(folder, `${view}.ejs`)).find(existsSync);
    if (!file) throw new Error(`no view ${view}`);
    return ejs.renderFile(file, locals, { views, cache: true });
  }

  async function catchAll(ctx: Context, next: Next): Promise<void> {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null) throw fault('not-found');
    } catch (error) {
      const shown = isFault(error) ? error : fault('broken', error);
      if (shown.fault === 'broken' || shown.fault === 'sign-in-failed' || shown.fault === 'unavailable') {
        setting.report(`${name}: ${shown.fault}: ${reasonOf(shown.cause)}`);
      }
      ctx.status = shown.status;
      if (shown.fault === 'unavailable') ctx.set('Retry-After', '5');
      const again = ctx.method === 'GET' && shown.fault === 'unavailable' ? ctx.url : loginPath(ctx);
      await application.page(ctx, 'fault', { kind: shown.fault, again });
      ctx.status = shown.status;
    }
  }

  const loginPath = (ctx: Context) => {
    const { returnTo } = ctx.state as { returnTo?: string };
    return `${mount}/login?again=1${returnTo ? `&to=${encodeURIComponent(returnTo)}` : ''}`;
  };

  async function guard(ctx: Context, next: Next): Promise<void> {
    ctx.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': contentSecurityPolicy(setting.issuer),
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    });
    // A page of another site may have had its name point here (DNS rebinding); it would come with that name.
    if (ctx.host !== new URL(site).host && ctx.hostname !== '127.0.0.1') throw fault('refused');
    const comesFromElsewhere = [`${mount}/callback`, `${mount}/backchannel-logout`].includes(ctx.path);
    const isSafe = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (!isSafe && !comesFromElsewhere && !isFromThisSite(ctx, origin)) throw fault('refused');
    await next();
  }

  const normalize = import.meta.resolve('modern-normalize/modern-normalize.css');
  router.get('/base.css', (ctx) =>
    file(ctx, 'css', ...[normalize, new URL('./base.css', import.meta.url)].map((url) => fileURLToPath(url))),
  );
  router.get('/style.css', (ctx) => file(ctx, 'css', fileURLToPath(new URL('style.css', character.folder))));
  router.get('/logo.svg', (ctx) => file(ctx, 'image/svg+xml', fileURLToPath(new URL('logo.svg', character.folder))));
  signInRoutes(router, application);
  signOutRoutes(router, application);
  koa.on('error', (error: Error) => setting.report(`${name}: ${reasonOf(error)}`));
  koa.use(catchAll).use(guard).use(router.routes());
  return application;
}

/** The sign-out form gets a redirect to the issuer, to which Chromium applies form-action. */
export function contentSecurityPolicy(issuer: string, extra: { styleSrc?: string } = {}): string {
  const styleSrc = ["'self'", extra.styleSrc].filter(Boolean).join(' ');
  const { origin } = new URL(issuer);
  return `default-src 'none'; style-src ${styleSrc}; img-src 'self' data:; form-action 'self' ${origin}; base-uri 'none'; frame-ancestors 'none'`;
}

const files = new Map<string, { text: string; etag: string }>();
/** Several files are answered one after the other. */
function file(ctx: Context, type: string, ...paths: string[]): void {
  const name = paths.join();
  let known = files.get(name);
  if (!known) {
    const text = paths.map((path) => readFileSync(path, 'utf8')).join('\n');
    known = { text, etag: createHash('sha256').update(text).digest('base64url').slice(0, 16) };
    files.set(name, known);
  }
  ctx.status = 200;
  ctx.set('Cache-Control', 'no-cache');
  ctx.etag = known.etag;
  ctx.type = type;
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = known.text;
}

/** The heading of the page is its title too. */
function titleOf(body: string): string {
  return (
    /<h1[^>]*>([\s\S]*?)<\/h1>/
      .exec(body)?.[1]
      ?.replace(/<[^>]+>/g, '')
      .trim() ?? ''
  );
}

function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause instanceof Error && parts.length < 4; cause = cause.cause) parts.push(cause.message);
  return parts.join(': ').replaceAll(/\s+/g, ' ') || 'no reason given';
}
