/** Shows recovery codes until the person confirms that they are kept, and makes new ones. */
import type Koa from 'koa';
import { z } from 'zod';
import { hasSecondFactor } from '../../domain/account/account.ts';
import { renewRecoveryCodes } from '../../domain/factors/factor.ts';
import { readForm, trimmed } from '../../http/form.ts';
import type { Enrolment } from '../enrolment/enrolment.ts';
import type { EnrolmentCookie } from '../enrolment/enrolment-cookie.ts';
import type { Web } from '../web.ts';
import type { AccountFrame } from './account-frame.ts';
import { CODES, hostIn, LIST } from './enrolment-host.ts';

/** Handlers of `/account/recovery-codes`. */
export function createRecoveryCodes(web: Web, frame: AccountFrame, enrolment: Enrolment, cookie: EnrolmentCookie) {
  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { account, session } = visitor;
    const pending = cookie.read(ctx, account, session.uid);
    if (pending?.sealedCodes !== undefined) return enrolment.show(ctx, hostIn(frame, ctx, visitor, pending, CODES));
    if (!hasSecondFactor(account)) return frame.goTo(ctx, LIST);
    if (!frame.mayChangeFactors(ctx, visitor, CODES)) return;
    await web.pages.render(
      ctx,
      'account/recovery-codes',
      { left: account.recoveryCodes?.macs.length ?? 0, madeAt: account.recoveryCodes?.createdAt },
      frame.page(ctx, visitor, 'factors', web.pages.t(ctx)('account.renew_title')),
    );
  }

  async function submit(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action } = await readForm(ctx, z.object({ action: trimmed(40) }));
    const { account, session } = visitor;
    if (action === 'kept') {
      cookie.clear(ctx);
      return frame.goTo(ctx, `${LIST}?done=codes`);
    }
    if (action !== 'renew') return frame.goTo(ctx, CODES);
    if (!frame.mayChangeFactors(ctx, visitor, CODES)) return;
    const codes = enrolment.newCodes(account);
    const { outcome, account: renewed } = await web.update(account.id, (read) =>
      renewRecoveryCodes(read, codes.stored, visitor.acting),
    );
    if (outcome.kind === 'no-factor') return frame.goTo(ctx, LIST);
    cookie.write(ctx, { pending: enrolment.codesOf(renewed, codes.sealedCodes), sessionUid: session.uid });
    frame.goTo(ctx, CODES);
  }

  return { show, submit };
}
