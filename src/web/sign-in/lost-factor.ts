/**
 * The ladder for who lost the second factor (journey B.7): another factor, a recovery code, a pass of the service desk, and a
 * wait of some days where an organisation allows it. Never mail alone.
 */
import type Koa from 'koa';
import { typeDeskPass } from '../../domain/desk/desk-pass.ts';
import { isEnrolmentAlive } from '../../domain/factors/enrolment.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import { guessMailedCode } from '../code-guess.ts';
import type { Web } from '../web.ts';
import { askingOf } from './asking.ts';
import { waysOf } from './factor-question.ts';
import { createRecoverSlowly } from './recover-slowly.ts';
import { codesAreDue, type Flow, type SignIn, type SignInForm } from './sign-in-state.ts';

/** The value of `way` at the address of the ladder. */
export const LOST = 'lost';

export function createLostFactor(web: Web, flow: Flow) {
  const { sealer, now, pages } = web;

  async function show(ctx: Koa.Context, signIn: SignIn, fault?: PageFault & { status?: number }, typed = '') {
    const { account, organisation, interaction } = signIn;
    if (account === undefined) throw new TypeError('a second factor belongs to an account');
    const t = pages.t(ctx);
    const { status, ...shown } = fault ?? {};
    await pages.render(
      ctx,
      'sign-in/lost-factor',
      { path: ctx.path, ways: waysOf(account), typed, recovery: recovery.shownFor(account), ...shown },
      {
        title: t('signIn.lost_title'),
        at: `${ctx.path}?way=${LOST}`,
        organisation,
        asking: askingOf(interaction, languageOf(ctx)),
        openContacts: true,
        postMayLeave: true,
        ...(status === undefined ? {} : { status }),
      },
    );
  }

  /** A right pass begins an enrolment, which is all that it opens (rule 9). */
  async function submit(ctx: Koa.Context, signIn: SignIn, { code }: SignInForm): Promise<void> {
    const { account, interaction } = signIn;
    if (account === undefined || !signIn.amr.includes('pwd')) return flow.goOn(ctx);
    const guess = {
      place: 'sign-in',
      factor: 'desk-pass',
      account: account.id,
      client: interaction.client.id,
    } as const;
    const guessed = await guessMailedCode(web, ctx, guess, async () => {
      const { outcome: found } = await web.update(account.id, (read) => typeDeskPass(read, code, sealer, now()));
      return { outcome: outcomes[found.kind], found };
    });
    const t = pages.t(ctx);
    if (guessed === undefined)
      return show(ctx, signIn, { error: t('signIn.lost_too_many'), errors: {}, status: 429 }, code);
    const { found } = guessed;
    switch (found.kind) {
      case 'matched':
        await flow.keep(signIn, { ...signIn.pending, enrolment: found.pending });
        return flow.goOn(ctx);
      case 'wrong':
        return show(ctx, signIn, faultAt('code', t('signIn.lost_wrong'), t('signIn.lost_wrong_field')), code);
      default:
        return show(ctx, signIn, faultAt('code', t('signIn.lost_gone'), t('signIn.lost_gone_field')), code);
    }
  }

  const recovery = createRecoverSlowly(web, flow, (ctx, signIn, fault) => show(ctx, signIn, fault));

  return { show, submit, submitRecovery: recovery.submit };
}

const outcomes = { matched: 'right', wrong: 'wrong', exhausted: 'exhausted', none: 'expired' } as const;

/** Whether a factor is being set up by a pass or after a wait, or the codes of one that was are still to be shown. `now`: epoch ms. */
export function enrolsByPass({ account, pending: { enrolment }, next }: SignIn, now: number): boolean {
  if (account === undefined || enrolment === undefined || enrolment.accountId !== account.id) return false;
  // the codes of a factor that counts in this sign-in are shown as its last step (`codes-due`)
  if (codesAreDue(enrolment)) return next.step === 'second-factor';
  if (next.step !== 'second-factor' && next.step !== 'enrol') return false;
  const replaces = enrolment.proof === 'desk-pass' || enrolment.proof === 'slow-recovery';
  return replaces && isEnrolmentAlive(account, enrolment, now);
}
