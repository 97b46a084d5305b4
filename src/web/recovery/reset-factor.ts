/** The second step of a password reset: a person who has a factor proves it before the new password (rule 8). */
import type Koa from 'koa';
import type { Translate } from '../../../locales/index.ts';
import { proveFactor } from '../../domain/passwords/reset.ts';
import { amrWith, type Evidence } from '../../domain/sign-in/sign-in.ts';
import type { PageFault } from '../../http/page.ts';
import { guessCode } from '../code-guess.ts';
import { askFactor, factorFault, type Way } from '../sign-in/factor-question.ts';
import { provePasskey } from '../sign-in/passkey-question.ts';
import { brandingOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import type { ResetProof, Resetting } from './reset-proof.ts';

type Refused = 'wrong' | 'used' | 'passkey' | 'too-many';
type Form = { action: string; code: string; passkey: string; way: string };

export function createResetFactor(
  web: Web,
  flow: { keep(ctx: Koa.Context, proof: ResetProof): void; goOn(ctx: Koa.Context): void },
) {
  const { pages } = web;

  async function show(
    ctx: Koa.Context,
    resetting: Resetting,
    wished: string,
    refused?: Refused,
    typed = '',
  ): Promise<void> {
    const { account, proof } = resetting;
    const { number, organisation } = brandingOf(web, ctx, account);
    const t = pages.t(ctx);
    const { data, challenge } = await askFactor(web, account, wished, proof.challenge);
    if (challenge !== proof.challenge) flow.keep(ctx, { ...proof, challenge });
    await pages.render(
      ctx,
      'recovery/factor',
      {
        ...data,
        ...(refused === undefined ? {} : faultOf(t, refused, data.way)),
        path: ctx.path,
        typed,
        number,
      },
      {
        title: t(`signIn.${data.way}_title`),
        at: `${ctx.path}?way=${data.way}`,
        organisation,
        webauthn: data.way === 'passkey',
        ...(refused === 'too-many' ? { status: 429 } : {}),
      },
    );
  }

  async function submit(ctx: Koa.Context, resetting: Resetting, form: Form): Promise<void> {
    if (form.action === 'passkey') return submitPasskey(ctx, resetting, form);
    if (form.action !== 'verify') return flow.goOn(ctx);
    const { account } = resetting;
    // Shares its rate limit with sign-in (rule 3). No email says that the password is known, because none was given
    // here.
    const guessed = await guessCode(
      web,
      ctx,
      { place: 'reset', account, attempt: resetting.ticketId, typed: form.code },
      (evidence) => accept(ctx, resetting, resetting.proof, evidence),
    );
    switch (guessed.kind) {
      case 'accepted':
        return;
      case 'too-many':
        ctx.set('Retry-After', String(guessed.retryAfterSeconds));
        return show(ctx, resetting, form.way, 'too-many', form.code);
      case 'refused': {
        const { refusal } = guessed;
        return show(ctx, resetting, form.way, refusal, refusal === 'wrong' ? form.code : '');
      }
    }
  }

  /** No rate limit: a passkey cannot be guessed. */
  async function submitPasskey(ctx: Koa.Context, resetting: Resetting, form: Form): Promise<void> {
    const { challenge, ...proof } = resetting.proof;
    const fresh = { ...resetting, proof };
    const refused = await provePasskey(
      web,
      ctx,
      { place: 'reset', typed: form.passkey, challenge, find: async () => resetting.account },
      (_, evidence) => accept(ctx, fresh, proof, evidence),
    );
    if (refused !== undefined) await show(ctx, fresh, 'passkey', 'passkey');
  }

  async function accept(
    ctx: Koa.Context,
    { account, ticketId }: Resetting,
    proof: ResetProof,
    evidence: Evidence,
  ): Promise<'used' | undefined> {
    const acting = web.acting(ctx);
    const { outcome } = await web.update(account.id, (read) => proveFactor(read, ticketId, evidence, acting));
    if (outcome.kind === 'used') return 'used';
    if (outcome.kind === 'proven') {
      const { challenge: _, ...rest } = proof;
      flow.keep(ctx, { ...rest, proven: { amr: amrWith([], evidence), epoch: outcome.epoch } });
    }
    flow.goOn(ctx);
    return undefined;
  }

  return { show, submit };
}

function faultOf(t: Translate, refused: Refused, way: Way): PageFault {
  if (refused === 'too-many') return { error: t('activation.factor_too_many'), errors: {} };
  return factorFault(t, refused, way);
}
