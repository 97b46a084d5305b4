/** The second page of a sign-in: a TOTP code, a passkey or security key, or a recovery code. */
import type Koa from 'koa';
import type { Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { takeFactorGuess } from '../../domain/rate-limits/factor-guess.ts';
import { tellPasswordKnown } from '../../domain/sign-in/sign-in.ts';
import { languageOf } from '../../http/language.ts';
import type { PageFault } from '../../http/page.ts';
import type { Web } from '../web.ts';
import { askFactor, evidenceOf, factorFault, type Way } from './factor-question.ts';
import { checkPasskey } from './passkey-question.ts';
import type { Flow, Refusal, SignIn, SignInForm } from './sign-in-state.ts';

type Refused = Refusal | 'wrong' | 'too-many' | 'passkey';

export function createFactor(web: Web, flow: Flow) {
  async function show(ctx: Koa.Context, signIn: SignIn, wished: unknown, refused?: Refused, typed = '') {
    const { account, interaction, organisation } = signIn;
    if (account === undefined) throw new TypeError('a second factor belongs to an account');
    const t = web.pages.t(ctx);
    const { data, challenge } = await askFactor(web, account, wished, signIn.pending.challenge);
    if (challenge !== signIn.pending.challenge) await flow.keep(signIn, { ...signIn.pending, challenge });
    const person = account.userNumbers[0] ?? account.emails[0] ?? '';
    const application = interaction.client.name[languageOf(ctx)];
    await web.pages.render(
      ctx,
      'sign-in/factor',
      {
        ...data,
        ...(refused === undefined ? {} : faultOf(t, refused, data.way)),
        path: ctx.path,
        typed,
        person,
        lead: t(signIn.authTime === undefined ? 'signIn.to_go_on' : 'signIn.step_up', { person, application }),
      },
      {
        title: t(`signIn.${data.way}_title`),
        at: `${ctx.path}?way=${data.way}`,
        organisation,
        ...(refused === 'too-many' ? { status: 429 } : {}),
        postMayLeave: true,
        webauthn: data.way === 'passkey',
      },
    );
  }

  return {
    show: (ctx: Koa.Context, signIn: SignIn, way: unknown) => show(ctx, signIn, way),

    async submit(ctx: Koa.Context, signIn: SignIn, form: SignInForm) {
      const { account } = signIn;
      if (account === undefined) return flow.goOn(ctx);
      if (form.action === 'passkey') return submitPasskey(ctx, signIn, account, form);
      const knownBrowser = web.knownBrowsers.knownTo(ctx, account);
      const guess = {
        accountId: account.id,
        network: web.network(ctx),
        attempt: signIn.interaction.uid,
        ...(knownBrowser === undefined ? {} : { knownBrowser }),
      };
      const taken = await takeFactorGuess(web, guess, web.now());
      if (!taken.allowed) {
        if (taken.tellOwner) await tellOwner(ctx, account);
        ctx.set('Retry-After', String(taken.retryAfterSeconds));
        return show(ctx, signIn, form.way, 'too-many', form.code);
      }
      const evidence = evidenceOf(web, account, form.code);
      if (evidence === undefined) {
        if ((await taken.wrong()).tellOwner) await tellOwner(ctx, account);
        return show(ctx, signIn, form.way, 'wrong', form.code);
      }
      let refused: Refusal | undefined;
      try {
        refused = await flow.accept(ctx, signIn, account, signIn.amr, evidence);
      } catch (error) {
        await taken.notJudged();
        throw error;
      }
      if (refused === undefined) return taken.right();
      await (refused === 'used' ? taken.wrong() : taken.notJudged());
      return show(ctx, signIn, form.way, refused);
    },
  };

  async function submitPasskey(ctx: Koa.Context, signIn: SignIn, account: Account, form: SignInForm) {
    const { challenge, ...pending } = signIn.pending;
    const fresh = { ...signIn, pending };
    const answer = await checkPasskey(web, form.passkey, challenge, async () => account);
    if (answer === undefined) return show(ctx, fresh, 'passkey', 'passkey');
    const refused = await flow.accept(ctx, fresh, account, signIn.amr, answer.evidence);
    if (refused !== undefined) await show(ctx, fresh, 'passkey', refused === 'used' ? 'passkey' : refused);
  }

  async function tellOwner(ctx: Koa.Context, { id }: Account): Promise<void> {
    const acting = web.acting(ctx);
    await web.update(id, (each) => tellPasswordKnown(each, acting));
  }
}

function faultOf(t: Translate, refused: Refused, way: Way): PageFault {
  switch (refused) {
    case 'too-many':
      return { error: t('signIn.factor_too_many'), errors: {} };
    case 'other-account':
      return { error: t('signIn.other_account'), errors: {} };
    case 'changed':
      return { error: t('signIn.changed'), errors: {} };
    default:
      return factorFault(t, refused, way);
  }
}
