/** Webmail: the emails for the institution address of the person who signed in. */
import type { Context, Next } from 'koa';
import { fetchUserInfo, ResponseBodyError, refreshTokenGrant } from 'openid-client';
import { isInstitutionAddress } from '../addresses.ts';
import { dateWords, framedDocument, frameHeightRem, linkedText, senderName } from '../letter.ts';
import type { Message, Messages } from '../messages.ts';
import { contentSecurityPolicy, openApplication } from '../relying-party/application.ts';
import type { Setting } from '../relying-party/character.ts';
import { fault, faultOf } from '../relying-party/faults.ts';
import type { Tokens, Visitor } from '../relying-party/sessions.ts';
import { tokensOf } from '../relying-party/sign-in.ts';
import { welcomeLetters } from './welcome-letters.ts';

const refreshBeforeMs = 30_000;

export function webmail(setting: Setting, messages: Messages) {
  const application = openApplication(setting, {
    name: 'webmail',
    language: 'en',
    folder: new URL('./', import.meta.url),
    request: { scope: 'openid profile email offline_access' },
    keepsTokens: true,
  });
  const { router, page, signedIn } = application;
  const renewals = new Map<string, Promise<void>>();

  /** The session lasts as long as the refresh token does; the claims are as fresh as the access token. */
  async function renewed(ctx: Context, next: Next): Promise<void> {
    const id = application.cookie(ctx, 'session');
    const visitor = application.visitor(ctx);
    if (id && visitor?.tokens?.refreshToken && visitor.tokens.expiresAt - refreshBeforeMs < Date.now()) {
      // Two pages of one visitor share one refresh: a second use of a rotated token would end the session.
      const running = renewals.get(id) ?? renew(id, visitor, visitor.tokens).finally(() => renewals.delete(id));
      renewals.set(id, running);
      await running;
      delete ctx.state.visitor;
    }
    return signedIn(ctx, next);
  }

  async function renew(id: string, visitor: Visitor, { refreshToken }: Tokens): Promise<void> {
    try {
      const { configuration } = await application.issuer.reach();
      const answer = await refreshTokenGrant(configuration, String(refreshToken));
      const claims = await fetchUserInfo(configuration, answer.access_token, visitor.sub);
      const tokens = { ...(refreshToken ? { refreshToken } : {}), ...tokensOf(answer) };
      application.sessions.update(id, { ...visitor, claims, tokens });
    } catch (error) {
      if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return application.sessions.end(id);
      const problem = faultOf(error);
      // Mail can be read while the sign-in service is away; the session's own end still holds.
      if (problem.fault !== 'unavailable') throw problem;
    }
  }

  function mailbox(ctx: Context): { address: string; letters: Message[] } {
    const address = String(application.visitor(ctx)?.claims.email ?? '').toLowerCase();
    if (!isInstitutionAddress(address)) return { address: '', letters: [] };
    return { address, letters: [...messages.to(address), ...welcomeLetters(address, new Date())] };
  }

  router.get('/', async (ctx) => {
    if (!application.visitor(ctx)) return page(ctx, 'welcome', {});
    await renewed(ctx, async () => {
      const { address, letters } = mailbox(ctx);
      await page(ctx, 'inbox', { address, letters, dateWords, senderName, now: new Date() });
    });
  });

  router.get('/messages/:id', renewed, async (ctx) => {
    const { address, letters } = mailbox(ctx);
    const letter = letters.find(({ id }) => id === ctx.params.id);
    if (!letter) throw fault('not-found');
    ctx.set('Content-Security-Policy', contentSecurityPolicy(setting.issuer, { styleSrc: "'unsafe-inline'" }));
    await page(ctx, 'message', {
      address,
      letter,
      date: dateWords(letter.date, new Date()),
      text: linkedText(letter.text),
      frame: letter.html && framedDocument(letter.html),
      heightRem: frameHeightRem(letter),
    });
  });

  return application;
}
