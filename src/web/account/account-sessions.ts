/** Where the person is signed in, and ending that from here. */
import type Koa from 'koa';
import { z } from 'zod';
import { readForm, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import type { OpenSession } from '../../oidc/open-sessions.ts';
import type { Web } from '../web.ts';
import type { AccountFrame } from './account-frame.ts';
import { applicationNames } from './application-names.ts';
import { browserInWords } from './browser-in-words.ts';
import { momentIn } from './moment-in-words.ts';

const LIST = '/account/sessions';
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
        moment: (at) => momentIn(languageOf(ctx), at, web.now()),
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'sessions', web.pages.t(ctx)('account.sessions_title')),
    );
  }

  async function end(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, session } = await readForm(ctx, z.object({ action: trimmed(40), session: trimmed(200) }));
    const { account, session: own } = visitor;
    if (action === 'end-others') {
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
