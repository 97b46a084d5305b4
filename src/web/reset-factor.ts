/** The second step of a reset: who has a factor proves it before the password is replaced (rule 8). */
import type Koa from 'koa';
import { takeFactorGuess } from '../domain/guessing.ts';
import { proveFactor } from '../domain/reset.ts';
import { amrWith, type Evidence } from '../domain/sign-in.ts';
import { evidenceOf, waysOf } from './factor.ts';
import { askPasskey, checkPasskey } from './passkey-question.ts';
import type { ResetProof, Resetting } from './reset.ts';
import { faceOf } from './ticket-holder.ts';
import type { Web } from './web.ts';

type Refused = 'wrong' | 'used' | 'too-many';
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
    const { number, organisation } = faceOf(web, ctx, account);
    const t = pages.t(ctx);
    const ways = waysOf(account);
    const way = ways.find((each) => each === wished) ?? ways[0] ?? 'code';
    let options: string | undefined;
    if (way === 'passkey') {
      const question = await askPasskey(web, account, proof.challenge);
      options = question.options;
      if (question.challenge !== proof.challenge) flow.keep(ctx, { ...proof, challenge: question.challenge });
    }
    const message = refused === undefined ? undefined : messageOf(refused, way);
    const beside = refused === undefined || refused === 'too-many' ? undefined : besideOf(refused, way);
    await pages.render(
      ctx,
      'forgotten/factor',
      {
        way,
        typed,
        others: ways.filter((each) => each !== way),
        options,
        number,
        error: message && t(message),
        ...(beside === undefined ? {} : { errors: { code: t(beside) } }),
      },
      {
        title: t(`signIn.${way}_title`),
        at: `/reset?way=${way}`,
        organisation,
        webauthn: way === 'passkey',
        ...(refused === 'too-many' ? { status: 429 } : {}),
      },
    );
  }

  async function submit(ctx: Koa.Context, resetting: Resetting, form: Form): Promise<void> {
    if (form.action === 'passkey') return submitPasskey(ctx, resetting, form);
    if (form.action !== 'verify') return flow.goOn(ctx);
    const { account } = resetting;
    const knownBrowser = web.devices.knownTo(ctx, account);
    const guess = { accountId: account.id, ...(knownBrowser === undefined ? {} : { knownBrowser }) };
    // counted with those of signing in (rule 3); nobody is told that the password is known, for here it was not given
    const taken = await takeFactorGuess(web.attempts, guess, web.now());
    if (!taken.allowed) {
      ctx.set('Retry-After', String(taken.retryAfterSeconds));
      return show(ctx, resetting, form.way, 'too-many', form.code);
    }
    const evidence = evidenceOf(web, account, form.code);
    if (evidence === undefined) return show(ctx, resetting, form.way, 'wrong', form.code);
    const refused = await accept(ctx, resetting, resetting.proof, evidence);
    if (refused !== undefined) return show(ctx, resetting, form.way, refused);
    await taken.giveBack();
  }

  /** Never blocked: a passkey is not guessed. */
  async function submitPasskey(ctx: Koa.Context, resetting: Resetting, form: Form): Promise<void> {
    const { challenge, ...proof } = resetting.proof;
    const fresh = { ...resetting, proof };
    const answer = await checkPasskey(web, form.passkey, challenge, async () => resetting.account);
    if (answer === undefined) return show(ctx, fresh, 'passkey', 'wrong');
    const refused = await accept(ctx, fresh, proof, answer.evidence);
    if (refused !== undefined) await show(ctx, fresh, 'passkey', refused);
  }

  async function accept(
    ctx: Koa.Context,
    { account, ticketId }: Resetting,
    proof: ResetProof,
    evidence: Evidence,
  ): Promise<'used' | undefined> {
    const about = { organisations: web.organisations, now: web.now(), network: web.network(ctx).address };
    const { outcome } = await web.update(account.id, (read) => proveFactor(read, ticketId, evidence, about));
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

function messageOf(refused: Refused, way: ReturnType<typeof waysOf>[number]) {
  if (refused === 'too-many') return 'activation.factor_too_many';
  if (way === 'passkey') return 'signIn.passkey_refused';
  if (refused === 'used') return way === 'recovery' ? 'signIn.recovery_used' : 'signIn.code_used';
  return way === 'recovery' ? 'signIn.recovery_wrong' : 'signIn.code_wrong';
}

/** What to do now, beside the field; a passkey has none. */
function besideOf(refused: Exclude<Refused, 'too-many'>, way: ReturnType<typeof waysOf>[number]) {
  if (way === 'passkey') return undefined;
  if (refused === 'used') return way === 'recovery' ? 'signIn.recovery_used_field' : 'signIn.code_used_field';
  return way === 'recovery' ? 'signIn.recovery_wrong_field' : 'signIn.code_wrong_field';
}
