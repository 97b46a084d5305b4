/** The types of a campus application: its inputs, its own choices, and the result. */
import type Router from '@koa/router';
import type { JWK } from 'jose';
import type Koa from 'koa';
import type { Context, Next } from 'koa';
import type { ApplicationName } from '../addresses.ts';
import type { Registration } from '../clients.ts';
import type { Issuer } from './issuer.ts';
import type { Sessions, Visitor } from './sessions.ts';
import type { Language } from './words.ts';

/** The inputs of every application. */
export type Setting = {
  /** folder for its storage */
  data: string;
  issuer: string;
  registrations: Registration[];
  privateKey?: JWK;
  /** the file that says how far the clock of the demo is ahead; absent: it has none of its own */
  clock?: string;
  report(sentence: string): void;
};
/** The choices of an application. */
export type Character = {
  name: ApplicationName;
  language: Language;
  /** its folder, holding style.css, logo.svg and views/ */
  folder: URL;
  /** added to each authorization request */
  request: Record<string, string>;
  /** sends the request from server to server first (RFC 9126) */
  pushed?: boolean;
  keepsTokens?: boolean;
};
export type Application = {
  registration: Registration;
  issuer: Issuer;
  sessions: Sessions;
  router: Router;
  koa: Koa;
  /** without a slash at the end */
  site: string;
  redirectUri: string;
  request: Record<string, string>;
  pushed: boolean;
  keepsTokens: boolean;
  path(path: string): string;
  visitor(ctx: Context): Visitor | undefined;
  /** Middleware: lets signed-in visitors pass, and sends the others to sign in and back here. */
  signedIn(ctx: Context, next: Next): Promise<void>;
  page(ctx: Context, view: string, values: Record<string, unknown>): Promise<void>;
  cookie(ctx: Context, name: string): string | undefined;
  setCookie(ctx: Context, name: string, value: string | undefined): void;
  close(): void;
};
