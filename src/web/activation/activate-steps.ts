/** The steps after a proven ticket: a password, then a second factor if required. The last one activates (rule 6). */
import type Koa from 'koa';
import { type ActivationStage, activate, activationStage, keepPassword } from '../../domain/activation/activation.ts';
import { goTo } from '../../http/go-to.ts';
import type { Enrolment, EnrolmentFields } from '../enrolment/enrolment.ts';
import { createNewPassword, type Judged, minimumFor, type PasswordOwner } from '../new-password.ts';
import { brandingOf, type Holder } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import { createActivateFactor } from './activate-factor.ts';
import { type createActivated, goOn, PATH, stepNames } from './activated.ts';

type Fields = EnrolmentFields & { password: string; password_again: string };

export function createActivateSteps(web: Web, enrolment: Enrolment, activated: ReturnType<typeof createActivated>) {
  const { hashing, pages } = web;
  const factor = createActivateFactor(web, enrolment, activated);
  const newPassword = createNewPassword(web);

  const stageOf = (ctx: Koa.Context, { account, ticketId }: Holder) =>
    activationStage(account, ticketId, web.acting(ctx));

  async function showPassword(
    ctx: Koa.Context,
    { account }: Holder,
    stage: ActivationStage,
    judged: Partial<Judged> = {},
  ) {
    const { status, ...shown } = judged;
    const { number, organisation } = brandingOf(web, ctx, account);
    const t = pages.t(ctx);
    const required = isRequired(stage);
    await pages.render(
      ctx,
      'activation/password',
      {
        path: PATH,
        number,
        minimum: minimumFor({ account, secondFactorRequired: required }),
        buttonLabel: t(required ? 'activation.password_button_next' : 'activation.password_button'),
        waiting: stage.kind === 'factor',
        elsewhere: stage.kind === 'password' && stage.elsewhere === true,
        advice: [],
        ...shown,
      },
      {
        title: t('activation.password_title'),
        organisation,
        steps: { now: 1, names: stepNames(web, ctx) },
        ...(status === undefined ? {} : { status }),
      },
    );
  }

  /** POST `set-password`. */
  async function setPassword(ctx: Koa.Context, holder: Holder, fields: Fields): Promise<void> {
    const { account, ticketId } = holder;
    const stage = stageOf(ctx, holder);
    if (stage.kind !== 'password' && stage.kind !== 'factor') return goOn(ctx);
    const required = isRequired(stage);
    const judged = await newPassword.judge(ctx, { account, secondFactorRequired: required }, fields);
    if (judged.error !== undefined) return showPassword(ctx, holder, stage, judged);
    const passwordHash = await hashing.hash(fields.password);
    if (required) {
      await web.update(account.id, (read) => keepPassword(read, ticketId, passwordHash, web.acting(ctx)));
      return goOn(ctx);
    }
    const { outcome, account: next } = await web.update(account.id, (read) =>
      activate(read, ticketId, { passwordHash }, web.acting(ctx)),
    );
    return outcome.kind === 'activated' ? activated.begin(ctx, next, ['pwd']) : goOn(ctx);
  }

  return {
    stageOf,

    /** Shows the page of a stage. `step=password` goes back from the factor to the password. */
    async show(ctx: Koa.Context, holder: Holder, stage: ActivationStage, step: string): Promise<void> {
      if (stage.kind === 'factor' && step !== 'password') {
        return factor.show(ctx, holder.account, stage.enrolment);
      }
      return showPassword(ctx, holder, stage);
    },

    async submit(ctx: Koa.Context, holder: Holder, fields: Fields): Promise<void> {
      if (fields.action === 'set-password') return setPassword(ctx, holder, fields);
      const stage = stageOf(ctx, holder);
      if (stage.kind !== 'factor') return goOn(ctx);
      if (fields.action === 'cancel') return goTo(ctx, `${PATH}?step=password`);
      return factor.submit(ctx, holder, stage.enrolment, fields);
    },

    ownerOf: (ctx: Koa.Context, holder: Holder): PasswordOwner => ({
      account: holder.account,
      secondFactorRequired: isRequired(stageOf(ctx, holder)),
    }),
  };
}

function isRequired(stage: ActivationStage): boolean {
  return stage.kind === 'factor' || (stage.kind === 'password' && stage.secondFactorRequired);
}
