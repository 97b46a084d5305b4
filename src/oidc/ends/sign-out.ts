/**
 * Signing out at the request of an application, without a question where its registration says so and the request proves
 * that it comes from this very session (OpenID Connect RP-Initiated Logout 2).
 */
import type Koa from 'koa';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { SessionRecord } from '../../domain/ports/protocol-records.ts';
import { extraMember, isFirstParty } from '../clients/client-metadata.ts';
import { memoryOfRequest } from '../request.ts';
import type { Cookies } from '../sign-in/browser.ts';

/** Whether people are asked before this application signs them out. */
export function asksBeforeSignOut(client: object | undefined): boolean {
  return extraMember(client, 'pedel_confirm_logout') ?? !isFirstParty(client);
}

export type SignOutOptions = {
  cookies: Pick<Cookies, 'set'>;
  /** The `sub` that this client knows a person by. */
  subjectOf: (client: Client, accountId: string) => string;
  /** Ends the session with all that depends on it. @throws what the storage throws; then the session stays */
  endSession: (session: SessionRecord) => Promise<boolean>;
};

/**
 * Returns the library's `logoutSource`: `ask` shows the question, where one is needed. Everything that is checked of the
 * request (signature and audience of the hint, the registered address) was checked before.
 */
export function createSignOut(
  { cookies, subjectOf, endSession }: SignOutOptions,
  ask: (ctx: KoaContextWithOIDC, form: string) => Promise<void>,
): (ctx: KoaContextWithOIDC, form: string) => Promise<void> {
  return async (ctx, form) => {
    const session = sessionToEnd(ctx, subjectOf);
    if (session === undefined) return ask(ctx, form);
    await endSession(session);
    // The library would store it once more: it wrote the question's token into it.
    Object.assign(ctx.oidc.session ?? {}, { destroyed: true });
    cookies.set(ctx as unknown as Koa.Context, 'session', undefined);
    ctx.status = 303;
    ctx.redirect(whereTo(ctx));
  };
}

/** The session that ends without a question. Undefined: the person is asked. */
function sessionToEnd(ctx: KoaContextWithOIDC, subjectOf: SignOutOptions['subjectOf']): SessionRecord | undefined {
  const { client, session, entities } = ctx.oidc;
  const { payload } = (entities.IdTokenHint ?? {}) as { payload?: { sub?: unknown; sid?: unknown } };
  if (client === undefined || session?.accountId === undefined || payload === undefined) return undefined;
  if (asksBeforeSignOut(client)) return undefined;
  const text = memoryOfRequest(ctx)?.sessions.get(session.uid)?.text;
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as SessionRecord;
  // A hint of another session, or of another person, is what somebody else may hold: it must not sign anybody out.
  const { sid } = record.authorizations?.[client.clientId] ?? {};
  const isOfThisSession = typeof sid === 'string' && payload.sid === sid;
  return isOfThisSession && payload.sub === subjectOf(client, session.accountId) ? record : undefined;
}

/** The registered address of the request with its `state`, or our page that says it is done. */
function whereTo({ oidc }: KoaContextWithOIDC): string {
  const { post_logout_redirect_uri: uri, state } = (oidc.params ?? {}) as Record<string, string | undefined>;
  if (uri === undefined) return oidc.urlFor('end_session_success');
  const url = new URL(uri);
  if (state !== undefined) url.searchParams.set('state', state);
  return url.href;
}
