/**
 * Remembers for an hour whose pages a browser showed last, so that an error, a used link or "you are signed out" keeps the
 * face and the language of the pages before it. It says nothing about who that was, and decides nothing else.
 */
import type Koa from 'koa';
import { type Language, languageNamed } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { createCookie } from './cookies.ts';
import { preferLanguage } from './language.ts';

export function createJourneys(issuer: string, organisations: Organisation[]) {
  const cookie = createCookie(issuer, 'journey');
  return {
    note(ctx: Koa.Context, { id }: Organisation, language: Language): void {
      const value = `${id}.${language}`;
      if (cookie.read(ctx) !== value) cookie.write(ctx, value);
    },
    /** Takes up the language too, unless the visitor or the application chose one. */
    recall(ctx: Koa.Context): Organisation | undefined {
      const [id, written] = (cookie.read(ctx) ?? '').split('.');
      const language = languageNamed(written);
      if (language !== undefined) preferLanguage(ctx, language);
      return organisations.find((each) => each.id === id);
    },
    end(ctx: Koa.Context): void {
      if (cookie.read(ctx) !== undefined) cookie.clear(ctx);
    },
  };
}
