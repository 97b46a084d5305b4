/**
 * The second step of an activation that requires a factor. Once the factor is proven, one write does the whole
 * activation (rule 6).
 */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { type Activated, activate, keepEnrolment } from '../../domain/activation/activation.ts';
import { amrOfNewFactor } from '../../domain/factors/enrolment.ts';
import type { NewFactor } from '../../domain/factors/factor.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import { Problem } from '../../domain/problem.ts';
import type { Enrolment, EnrolmentFields } from '../enrolment/enrolment.ts';
import type { EnrolmentHost } from '../enrolment/enrolment-page.ts';
import { brandingOf, type Holder } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import { type createActivated, goOn, PATH, stepNames } from './activated.ts';

export function createActivateFactor(web: Web, enrolment: Enrolment, activated: ReturnType<typeof createActivated>) {
  function hostOf(ctx: Koa.Context, account: Account, pending: PendingEnrolment): EnrolmentHost {
    const { organisation } = brandingOf(web, ctx, account);
    const cancel = { path: PATH, label: web.pages.t(ctx)('activation.password_another') };
    const page = { steps: { now: 2, names: stepNames(web, ctx) }, cancel };
    return { account, pending, path: PATH, organisation, later: false, page };
  }

  /** POST of any button of the second step. */
  async function submit(
    ctx: Koa.Context,
    holder: Holder,
    pending: PendingEnrolment,
    fields: EnrolmentFields,
  ): Promise<void> {
    const { account, ticketId } = holder;
    const host = hostOf(ctx, account, pending);
    const answer = await enrolment.take(ctx, host, fields);
    switch (answer.kind) {
      case 'refused':
        return enrolment.show(ctx, host, answer.refusal, fields.code);
      case 'keep':
        if (answer.pending !== pending) {
          await web.update(account.id, (read) => keepEnrolment(read, ticketId, answer.pending, web.acting(ctx)));
        }
        return goOn(ctx);
      case 'proven':
        return finish(ctx, holder, host, answer.factor);
      default: // `later` has no button here, and codes are shown afterwards
        return goOn(ctx);
    }
  }

  async function finish(ctx: Koa.Context, { account, ticketId }: Holder, host: EnrolmentHost, factor: NewFactor) {
    const codes = enrolment.newCodes(account);
    const final = { factor, recoveryCodes: codes.stored };
    try {
      const { outcome, account: next } = await web.update<Activated>(account.id, (read) =>
        activate(read, ticketId, final, web.acting(ctx)),
      );
      if (outcome.kind !== 'activated') return goOn(ctx);
      return activated.begin(ctx, next, ['pwd', ...amrOfNewFactor(factor)], codes.sealedCodes);
    } catch (error) {
      // Another account of the association has this passkey. Only the database knows that.
      if (error instanceof Problem && error.code === 'login_taken') return enrolment.show(ctx, host, 'taken');
      throw error;
    }
  }

  return {
    show: (ctx: Koa.Context, account: Account, pending: PendingEnrolment) =>
      enrolment.show(ctx, hostOf(ctx, account, pending)),
    submit,
  };
}
