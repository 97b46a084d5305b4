/** Where the person is signed in, and ending that from here. */
import type Koa from 'koa';
import { z } from 'zod';
import { forgetTrusted, trustedBrowsersOf } from '../../domain/sign-in/trusted-browser.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import type { OpenSession } from '../../oidc/sign-in/open-sessions.ts';
import type { Web } from '../web.ts';
import type { AccountFrame } from './account-frame.ts';
import { applicationNames } from './application-names.ts';
import { browserInWords } from './browser-in-words.ts';
import { momentIn } from './moment-in-words.ts';

const LIST = '/account/sessions';
const shape = z.object({ action: trimmed(40), session: trimmed(200), browser: trimmed(100) });
/** More are not shown; to end all but this one ends them too. */
const SHOWN = 30;

/** Handlers of `/account/sessions`. */
export function createAccountSessions(web: Web, frame: AccountFrame) {
  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const open = await web.openSessions.list(visitor.account.id);
    const isHere = ({ uid }: OpenSession) => uid === visitor.session.uid;
    const shown = [...open.filter(isHere), ...open.filter((each) => !isHere(each))].slice(0, SHOWN);
    const names = await applicationNames(
      web.ports.clients,
      new Set(shown.flatMap(({ clients }) => clients)),
      languageOf(ctx),
    );
    await web.pages.render(
      ctx,
      'account/sessions',
      {
        sessions: await Promise.all(
          shown.map(async (session) => ({
            uid: session.uid,
            here: isHere(session),
            ...(await browserInWords(session.place.agent, web.pages.t(ctx))),
            network: session.place.network,
            since: session.since,
            usedAt: session.usedAt,
            applications: session.clients.flatMap((id) => names.get(id) ?? []).join(', '),
          })),
        ),
        trusted: await Promise.all(
          trustedBrowsersOf(visitor.account, web.trustedBrowserDays, web.now()).map(async (each) => ({
            id: each.id,
            since: each.since,
            usedAt: each.usedAt,
            ...(await browserInWords(each.agent, web.pages.t(ctx))),
          })),
        ),
        moment: (at) => momentIn(languageOf(ctx), at, web.now()),
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'sessions', web.pages.t(ctx)('account.sessions_title')),
    );
  }

  async function end(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, session, browser } = await readForm(ctx, shape);
    const { account, session: own } = visitor;
    if (action === 'forget') {
      const { outcome } = await web.update(account.id, (read) => forgetTrusted(read, browser, visitor.acting));
      return frame.goTo(ctx, outcome.kind === 'gone' ? LIST : `${LIST}?done=browser-forgotten`);
    }
    if (action === 'end-others') {
      await web.update(account.id, (read) => forgetTrusted(read, undefined, visitor.acting));
      await web.openSessions.endOthers(account.id, own.uid);
      return frame.goTo(ctx, `${LIST}?done=others-ended`);
    }
    // this one ends by signing out, which also takes the cookie
    const isOther = action === 'end' && session !== own.uid;
    const ended = isOther && (await web.openSessions.end(account.id, session));
    frame.goTo(ctx, ended ? `${LIST}?done=session-ended` : LIST);
  }

  return { show, end };
}
