/** Decides the language of a page, by the visitor, the application, the account or the browser, in this order. */
import type Koa from 'koa';
import { type Language, languageIds, languageNamed, languages } from '../domain/account/languages.ts';
import { beside } from '../domain/beside.ts';
import { createCookie } from './cookies.ts';

type Choice = {
  language: Language;
  /** The visitor chose it, in this request or an earlier one. */
  chosen: boolean;
  /** The visitor chose it during this sign-in, so it overrides what the application asks for. */
  duringSignIn: boolean;
};

/**
 * The lifetime of an interaction: to the protocol, sign-in and consent are two interactions, but the visitor sees one.
 */
const SIGN_IN_SECONDS = 60 * 60;

const choices = beside<Choice>('language');
/** How to settle a request whose language nobody has asked for yet: most answers of the protocol have none. */
const settling = beside<() => Choice>('how to settle the language');

/**
 * Middleware that says how the language of a request is settled, once it is asked for. `?lang=` is kept in a cookie
 * (`en`, or `en.<epoch s>` in a sign-in).
 */
export function settleLanguage(options: {
  issuer: string;
  defaultLanguage: Language;
  now: () => number;
}): Koa.Middleware {
  const cookie = createCookie(options.issuer, 'language');
  return (ctx, next) => {
    const seconds = Math.floor(options.now() / 1000);
    const asked = languageNamed(ctx.query.lang);
    const inSignIn = ctx.path.startsWith('/interaction/');
    if (asked !== undefined) cookie.write(ctx, inSignIn ? `${asked}.${seconds}` : asked);
    settling.set(ctx, () => {
      const [kept, since] = (cookie.read(ctx) ?? '').split('.');
      const chosen = asked ?? languageNamed(kept);
      return {
        language: chosen ?? languageNamed(ctx.acceptsLanguages(languageIds)) ?? options.defaultLanguage,
        chosen: chosen !== undefined,
        duringSignIn: asked !== undefined || seconds < Number(since ?? Number.NaN) + SIGN_IN_SECONDS,
      };
    });
    return next();
  };
}

function choiceOf(ctx: Koa.Context): Choice | undefined {
  const choice = choices.get(ctx) ?? settling.get(ctx)?.();
  if (choice !== undefined) choices.set(ctx, choice);
  return choice;
}

/** The language of this page. */
export function languageOf(ctx: Koa.Context): Language {
  return choiceOf(ctx)?.language ?? languages[0].id;
}

/** Uses the account's own language once the account is known, unless the visitor chose one. */
export function preferLanguage(ctx: Koa.Context, language: Language): void {
  // A node of a newer version may have stored a language that this version does not have.
  const spoken = languageNamed(language) !== undefined;
  if (spoken && choiceOf(ctx)?.chosen !== true) choices.set(ctx, { language, chosen: false, duringSignIn: false });
}

/** Speaks the language of the page whose script asks, whatever decided that. Unknown: stays as it is. */
export function speakAsPage(ctx: Koa.Context, pageLanguage: string): void {
  const language = languageNamed(pageLanguage);
  if (language !== undefined) choices.set(ctx, { language, chosen: true, duringSignIn: false });
}

/**
 * Applies OIDC `ui_locales` (BCP 47 tags, most preferred first): takes the first known language, unless the visitor
 * chose one during this sign-in.
 */
export function followApplication(ctx: Koa.Context, uiLocales: string[]): void {
  const language = uiLocales.map((locale) => languageNamed(locale.split('-')[0])).find((each) => each !== undefined);
  if (language === undefined || choiceOf(ctx)?.duringSignIn === true) return;
  choices.set(ctx, { language, chosen: true, duringSignIn: false });
}
