/** The second step of a password reset: a person who has a factor proves it before the new password (rule 8). */
import type Koa from 'koa';
import type { Translate } from '../../../locales/index.ts';
import { proveFactor } from '../../domain/passwords/reset.ts';
import { takeFactorGuess } from '../../domain/rate-limits/factor-guess.ts';
import { amrWith, type Evidence } from '../../domain/sign-in/sign-in.ts';
import type { PageFault } from '../../http/page.ts';
import { askFactor, evidenceOf, factorFault, type Way } from '../sign-in/factor-question.ts';
import { checkPasskey } from '../sign-in/passkey-question.ts';
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
    const knownBrowser = web.knownBrowsers.knownTo(ctx, account);
    const guess = {
      accountId: account.id,
      network: web.network(ctx),
      attempt: resetting.ticketId,
      ...(knownBrowser === undefined ? {} : { knownBrowser }),
    };
    // Shares its rate limit with sign-in (rule 3). No email says that the password is known, because none was given
    // here.
    const taken = await takeFactorGuess(web, guess, web.now());
    if (!taken.allowed) {
      ctx.set('Retry-After', String(taken.retryAfterSeconds));
      return show(ctx, resetting, form.way, 'too-many', form.code);
    }
    const evidence = evidenceOf(web, account, form.code);
    if (evidence === undefined) {
      await taken.wrong();
      return show(ctx, resetting, form.way, 'wrong', form.code);
    }
    let refused: 'used' | undefined;
    try {
      refused = await accept(ctx, resetting, resetting.proof, evidence);
    } catch (error) {
      await taken.notJudged();
      throw error;
    }
    if (refused === undefined) return taken.right();
    await taken.wrong();
    return show(ctx, resetting, form.way, refused);
  }

  /** No rate limit: a passkey cannot be guessed. */
  async function submitPasskey(ctx: Koa.Context, resetting: Resetting, form: Form): Promise<void> {
    const { challenge, ...proof } = resetting.proof;
    const fresh = { ...resetting, proof };
    const answer = await checkPasskey(web, form.passkey, challenge, async () => resetting.account);
    if (answer === undefined) return show(ctx, fresh, 'passkey', 'passkey');
    const refused = await accept(ctx, fresh, proof, answer.evidence);
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
