/** Which language a page is in: chosen by the visitor, asked for by the application, the person's own, the browser's. */
import type Koa from 'koa';
import { type Language, languageIds, languageNamed, languages } from '../domain/account/languages.ts';
import { createCookie } from './cookies.ts';

type Choice = {
  language: Language;
  /** by the visitor, in this request or before */
  chosen: boolean;
  /** chosen on a page of the sign-in that is under way: then it beats what the application asks for */
  duringSignIn: boolean;
};

/** as long as an interaction: its pages (sign-in, consent) are several to the protocol and one to the visitor */
const SIGN_IN_SECONDS = 60 * 60;

const choices = new WeakMap<object, Choice>();

/** Settles the language of a request; `?lang=` is remembered in a cookie (`en`, during a sign-in `en.<epoch seconds>`). */
export function settleLanguage(options: {
  issuer: string;
  defaultLanguage: Language;
  now: () => number;
}): Koa.Middleware {
  const cookie = createCookie(options.issuer, 'language');
  return async (ctx, next) => {
    const seconds = Math.floor(options.now() / 1000);
    const [kept, since] = (cookie.read(ctx) ?? '').split('.');
    const asked = languageNamed(ctx.query.lang);
    const inSignIn = ctx.path.startsWith('/interaction/');
    if (asked !== undefined) cookie.write(ctx, inSignIn ? `${asked}.${seconds}` : asked);
    const chosen = asked ?? languageNamed(kept);
    choices.set(ctx, {
      language: chosen ?? languageNamed(ctx.acceptsLanguages(languageIds)) ?? options.defaultLanguage,
      chosen: chosen !== undefined,
      duringSignIn: asked !== undefined || seconds < Number(since ?? Number.NaN) + SIGN_IN_SECONDS,
    });
    await next();
  };
}

/** The language that this page is to be in. */
export function languageOf(ctx: Koa.Context): Language {
  return choices.get(ctx)?.language ?? languages[0].id;
}

/** The person's own language, once we know who it is: used unless the visitor chose one. */
export function preferLanguage(ctx: Koa.Context, language: Language): void {
  // a node of the next version may have stored one that this one does not speak yet
  const spoken = languageNamed(language) !== undefined;
  if (spoken && choices.get(ctx)?.chosen !== true) choices.set(ctx, { language, chosen: false, duringSignIn: false });
}

/** OIDC `ui_locales` (BCP 47, in order): the first that we speak, unless the visitor switched during this sign-in. */
export function followApplication(ctx: Koa.Context, uiLocales: string[]): void {
  const language = uiLocales.map((locale) => languageNamed(locale.split('-')[0])).find((each) => each !== undefined);
  if (language === undefined || choices.get(ctx)?.duringSignIn === true) return;
  choices.set(ctx, { language, chosen: true, duringSignIn: false });
}
