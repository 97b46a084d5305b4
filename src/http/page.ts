/**
 * Renders every page: one layout, one set of headers, the visitor's language and an organisation's branding.
 *
 * To add a page, write: a handler `(ctx) => …` in src/web/<folder>/<name>.ts, its line in routes.ts, a view in
 * views/<name>/, the type of its data in views/<room>.ts beside this file, and its sentences in locales/<language>/<room>.ts. The handler calls
 *   await pages.render(ctx, 'activation/number', { typed, ...faultAt('number', t('activation.number_missing'), t('pages.field_empty')) },
 *                      { title: t('activation.number_title'), organisation, steps: … });
 * A view has no <html> and no <h1>: the layout writes them. The layout also shows `data.error` at the top, with focus.
 * A view can use `t(key, values)`, `language`, `organisation`, `asset(name)`, `nonce`, `date(epochMs)` (text),
 * `duration(seconds)` (text), `time(epochMs)` (an element, for `<%-`), `moment(epochMs)` (the same with the hour),
 * `breaking(text)` (for `<%-`: see there), `coded(text)` (for `<%-`: what stands between backticks as code), `error`, `errors`,
 * `icon(name)` and `monogram(of, id, name)` (elements), and
 *   include('/partials/field', { name, label, … })     a labelled input with its hint and its error
 *   include('/partials/button', { action, label })     the one main button; `secondary: true` for a quiet one
 * If a form is refused, render the same view again with `error` (one sentence that says what to do). If a field is at
 * fault, add `errors` (a few words by field). The status is then 422.
 */
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import type Koa from 'koa';
import { createTranslations, type MessageKey, type Translate } from '../../locales/index.ts';
import { timeZone } from '../domain/account/affiliation.ts';
import { type Language, languages, tagOf } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import type { Brand } from '../domain/brand/brand.ts';
import type { PageReason } from '../domain/incidents/incident.ts';
import type { ClientLogo } from '../domain/ports/clients.ts';
import { aroundOf } from './around.ts';
import type { Assets } from './assets.ts';
import { breaking } from './breaking.ts';
import { logoPath } from './client-logos.ts';
import type { ConsoleHeading, NavigationItem } from './console-heading.ts';
import { durationIn } from './duration.ts';
import { createFaces, monogram } from './face.ts';
import { readIcons } from './icons.ts';
import { createJourneys } from './journey.ts';
import { languageOf } from './language.ts';
import { readTemplates } from './templates.ts';
import type { Views } from './views.ts';

export type PageOptions = {
  /** Heading and window title: what to do now. */
  title: string;
  /** 200, or 422 if `data` has `error`. */
  status?: number;
  /** That of the person, once known: name, colour, logo and contacts. If absent, the installation's, and all contacts. */
  organisation?: Organisation | undefined;
  /**
   * The page does not know the person, but may follow pages that did: it keeps their face and language. `ends`: the next
   * page does not.
   */
  journey?: 'goes-on' | 'ends';
  /** `wide`: account, desk and console, with navigation. */
  layout?: 'narrow' | 'wide';
  navigation?: NavigationItem[];
  /** Pages for people with a role: where they are, and what stands beside the heading. */
  console?: ConsoleHeading;
  /** Who is signed in, shown in the bar; `id` only chooses a colour. */
  person?: { id: string; name: string };
  /** A line under the heading, which then stands beside the letters of the person. */
  portrait?: string;
  /** The application that asked for the sign-in, shown beside the heading: by its logo, else by letters. */
  asking?: { id: string; name: string; logo?: ClientLogo | undefined } | undefined;
  /** A sentence under the heading: which application asks for this page, and why. */
  because?: string | undefined;
  steps?: { now: number; names: string[] };
  /** The form may end in a redirect to an application, which Chromium checks against `form-action` (rule 22). */
  postMayLeave?: boolean;
  /** A button at the bottom that goes back to the application: it posts `cancel` to the path. */
  cancel?: { path: string; label: string };
  /** Contacts of several organisations are shown unfolded. */
  openContacts?: boolean;
  /** Loads the passkey scripts. */
  webauthn?: boolean;
  /** How soon to look again, where something is under way and no script runs. */
  refreshSeconds?: number;
  /** Path and query that show this page by GET, if they differ from the URL of the form. */
  at?: string;
};
/** A fault in one field: the top of the page says what to do, and a few words at the field say what is wrong. */
export type PageFault = { error: string; errors: Record<string, string> };
/** The data of a view, and the fault of a form that is shown again. */
export type PageData<View extends keyof Views> = Views[View] & {
  error?: string | undefined;
  errors?: Record<string, string>;
};

/** `sentence` goes to the top of the page, `beside` to the field. */
export function faultAt(field: string, sentence: string, beside: string): PageFault {
  return { error: sentence, errors: { [field]: beside } };
}

export type Pages = {
  render<View extends keyof Views>(
    ctx: Koa.Context,
    view: View,
    data: PageData<View>,
    options: PageOptions,
  ): Promise<void>;
  error(ctx: Koa.Context, fault: { status: number; reason: PageReason; incident?: string | undefined }): Promise<void>;
  /** The translator for the language of this request. */
  t(ctx: Koa.Context): Translate;
  /** The same on a page with `journey`, whose language may be that of the page before. */
  follow(ctx: Koa.Context): Translate;
  /** Reads all views, icons and faces; else the first page does. @throws TypeError if Lucide has lost an icon */
  load(): void;
};

const root = fileURLToPath(new URL('../../views/', import.meta.url));
let fill: ReturnType<typeof readTemplates> | undefined;

/**
 * `render` @throws TypeError for `errors` without `error`, and for an unknown asset or icon
 */
export function createPages(options: {
  issuer: string;
  installation: Brand;
  organisations: Organisation[];
  assets: Assets;
  randomBytes: (size: number) => Uint8Array;
}): Pages {
  const { organisations, assets } = options;
  const translations = createTranslations();
  let material: { faceOf: ReturnType<typeof createFaces>; icon: ReturnType<typeof readIcons> } | undefined;
  function loaded() {
    fill ??= readTemplates(root);
    material ??= { faceOf: createFaces(options, assets.path), icon: readIcons() };
    return { fill, ...material };
  }
  const journeys = createJourneys(options.issuer, organisations);

  async function render<View extends keyof Views>(
    ctx: Koa.Context,
    name: View,
    data: PageData<View>,
    page: PageOptions,
  ): Promise<void> {
    const organisation = page.organisation ?? (page.journey === undefined ? undefined : journeys.recall(ctx));
    const language = languageOf(ctx);
    if (page.organisation !== undefined) journeys.note(ctx, page.organisation, language);
    if (page.journey === 'ends') journeys.end(ctx);
    const nonce = Buffer.from(options.randomBytes(16)).toString('base64');
    const { error, errors = {} } = data;
    if (error === undefined && Object.keys(errors).length > 0)
      throw new TypeError('a page with `errors` needs `error` too');
    const { fill, faceOf, icon } = loaded();
    const face = faceOf(organisation);
    const at = page.at ?? `${ctx.path}${ctx.search}`;
    const locals = {
      layout: 'narrow',
      ...page,
      t: translations(language),
      language,
      nonce,
      error,
      errors,
      brand: { ...face, id: organisation?.id ?? '' },
      icon,
      monogram,
      logoPath,
      contactsOf: organisation === undefined ? organisations : [organisation],
      switchTo: switchesOf(at, language),
      // The answer to a refused form, and one that shows a secret, has no URL of its own: switch, reload and back lead to
      // the page's GET URL.
      at: ctx.method === 'POST' && (error !== undefined || page.console !== undefined) ? at : undefined,
      time: (at: number) => timeElement(at, language),
      moment: (at: number) => momentElement(at, language),
      duration: (seconds: number) => durationIn(language, seconds),
      date: (at: number) => dayIn(language).format(at),
      coded: (text: string) => ejs.escapeXML(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>'),
      breaking,
      asset(assetName: string) {
        const path = assets.path(assetName);
        if (path === undefined) throw new TypeError(`no asset is called ${assetName}`);
        return path;
      },
    };
    // The data is for the view only: its members may be called as those of the page.
    const body = fill(name, { ...locals, ...data, error, errors });
    const html = fill('layout', { ...locals, body });
    ctx.status = page.status ?? (error === undefined ? 200 : 422);
    setHeaders(ctx, nonce, page);
    ctx.type = 'html';
    ctx.body = html;
  }

  function follow(ctx: Koa.Context): Translate {
    journeys.recall(ctx);
    return translations(languageOf(ctx));
  }

  return {
    render,
    load: () => void loaded(),
    t: (ctx) => translations(languageOf(ctx)),
    follow,
    async error(ctx, { status, reason, incident }) {
      const around = aroundOf(ctx);
      const t = around === undefined ? follow(ctx) : translations(languageOf(ctx));
      const key = reason.replace('-', '_') as 'bug';
      const inConsole = /^\/admin(?:\/|$)/.test(ctx.path);
      const sentence =
        inConsole && reason === 'missing'
          ? t('pages.error_missing_console')
          : t(`pages.error_${key}` satisfies MessageKey);
      const on = around?.console.place?.href ?? (inConsole ? '/admin' : '/');
      const way = on === '/desk' ? 'desk' : on === '/admin' ? 'console' : 'on';
      const wayOn = { href: on, label: t(`pages.error_way_${way}`) };
      const data = { sentence, incident, reason, wayOn, again: againOf(ctx) };
      const title = t(`pages.error_${key}_title` satisfies MessageKey);
      await render(ctx, 'errors/page', data, { title, status, ...(around ?? { journey: 'goes-on' }) });
    },
  };
}

/** Headers of a page: rule 22, and no caching. */
function setHeaders(ctx: Koa.Context, nonce: string, page: PageOptions): void {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(page.postMayLeave === true ? [] : ["form-action 'self'"]),
  ];
  ctx.set('Content-Security-Policy', policy.join('; '));
  ctx.set('Cache-Control', 'no-store');
}

/** How to repeat the request: by a link, or by reloading if the page has no GET URL. */
function againOf(ctx: Koa.Context): { href?: string; sent: boolean } {
  const sent = ctx.method !== 'GET' && ctx.method !== 'HEAD';
  const hasPage = !sent || ctx._matchedRoute !== undefined;
  return { sent, ...(hasPage ? { href: `${ctx.path.replace(/^[/\\]+/, '/')}${ctx.search}` } : {}) };
}

type Switch = { language: Language; name: string; href: string };

/** Links to this page in the other languages: same path and query, without posted fields. `at`: path and query. */
function switchesOf(at: string, language: Language): Switch[] {
  const [asked = '', search] = at.split('?', 2);
  const path = asked.replace(/^[/\\]+/, '/'); // `//elsewhere` would lead to another host
  return languages
    .filter((other) => other.id !== language)
    .map((other) => {
      const query = new URLSearchParams(search);
      query.set('lang', other.id);
      return { language: other.id, name: other.name, href: `${path}?${query}` };
    });
}

const dayIn = (language: Language) => new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'long', timeZone });

/** A date in words, with the exact time on hover. */
function timeElement(at: number, language: Language): string {
  const exact = new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'full', timeStyle: 'long', timeZone });
  const day = dayIn(language).format(at);
  return `<time datetime="${new Date(at).toISOString()}" title="${exact.format(at)}">${day}</time>`;
}

/** A date and the time of day, in words. */
function momentElement(at: number, language: Language): string {
  const words = new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'long', timeStyle: 'short', timeZone });
  return `<time datetime="${new Date(at).toISOString()}">${words.format(at)}</time>`;
}
