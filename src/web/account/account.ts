/**
 * The account page (journey B.5): name, password and second factor. Every handler starts with `visitor`, so without a
 * live session nothing is shown or changed: the visitor is sent to sign in and comes back.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { chooseLanguage } from '../../domain/account/choose-language.ts';
import { languageNamed } from '../../domain/account/languages.ts';
import { stopRecovery } from '../../domain/factors/slow-recovery.ts';
import { readForm, trimmed } from '../../http/form.ts';
import type { Web } from '../web.ts';
import { createAccountActivity } from './account-activity.ts';
import { createAccountApplications } from './account-applications.ts';
import { createAccountData } from './account-data.ts';
import { createAccountEmail } from './account-email.ts';
import { createAccountEnrolment } from './account-enrolment.ts';
import { createAccountFactors } from './account-factors.ts';
import { createAccountFrame } from './account-frame.ts';
import { createAccountOverview } from './account-overview.ts';
import { createAccountPassword } from './account-password.ts';
import { createAccountSessions } from './account-sessions.ts';
import { createEmailUndo } from './email-undo.ts';

/** The page of the protocol that says so. */
const SIGNED_OUT = '/session/end/success';

/** The handlers. `routes.ts` gives them URLs. */
export function createAccount(web: Web) {
  const frame = createAccountFrame(web);

  async function act(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const fields = await readForm(ctx, z.object({ action: trimmed(40), language: trimmed(20) }));
    if (fields.action === 'logout') {
      await web.sessions.end(ctx);
      return frame.goTo(ctx, SIGNED_OUT);
    }
    if (fields.action === 'stop-recovery') {
      await web.update(visitor.account.id, (account) => stopRecovery(account, 'session', web.acting(ctx)));
      return frame.goTo(ctx, '/account?done=recovery-stopped');
    }
    const language = languageNamed(fields.language);
    if (fields.action !== 'set-language' || language === undefined) return frame.goTo(ctx, '/account');
    await web.update(visitor.account.id, (account) => chooseLanguage(account, language, web.now()));
    // The same parameter as the switch on every page, so that this browser follows at once.
    return frame.goTo(ctx, `/account?done=language&lang=${language}`);
  }

  return {
    show: createAccountOverview(web, frame),
    act,
    password: createAccountPassword(web, frame),
    factors: createAccountFactors(web, frame),
    openSessions: createAccountSessions(web, frame),
    data: createAccountData(web, frame),
    email: createAccountEmail(web, frame),
    emailUndo: createEmailUndo(web),
    applications: createAccountApplications(web, frame),
    activity: createAccountActivity(web, frame),
    ...createAccountEnrolment(web, frame),
  };
}
