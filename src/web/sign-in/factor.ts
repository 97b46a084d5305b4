/** The second page of a sign-in: a TOTP code, a passkey or security key, or a recovery code. */
import type Koa from 'koa';
import type { MessageKey, Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { tellPasswordKnown } from '../../domain/sign-in/sign-in.ts';
import { mayTrust } from '../../domain/sign-in/trusted-browser.ts';
import { languageOf } from '../../http/language.ts';
import type { PageFault } from '../../http/page.ts';
import { guessCode } from '../code-guess.ts';
import type { Web } from '../web.ts';
import { askingOf } from './asking.ts';
import { askFactor, factorFault, type Way } from './factor-question.ts';
import { proveInSignIn } from './passkey-step.ts';
import type { Flow, Refusal, SignIn, SignInForm } from './sign-in-state.ts';
import { namesIn, whyStepUp } from './why.ts';

type Refused = Refusal | 'wrong' | 'too-many' | 'passkey';

export function createFactor(web: Web, flow: Flow) {
  async function show(ctx: Koa.Context, signIn: SignIn, wished: unknown, refused?: Refused, typed = '') {
    const { account, organisation } = signIn;
    if (account === undefined) throw new TypeError('a second factor belongs to an account');
    const t = web.pages.t(ctx);
    const { data, challenge } = await askFactor(web, account, wished, signIn.pending.challenge);
    if (challenge !== signIn.pending.challenge) await flow.keep(signIn, { ...signIn.pending, challenge });
    const person = account.userNumbers[0] ?? account.emails[0] ?? '';
    await web.pages.render(
      ctx,
      'sign-in/factor',
      {
        ...data,
        ...(refused === undefined ? {} : faultOf(t, refused, data.way)),
        path: ctx.path,
        typed,
        person,
        trustDays: trustDaysOf(ctx, signIn, account, data.way),
        lead: t(leadOf(signIn), { person, ...namesIn(signIn, languageOf(ctx)) }),
      },
      {
        title: t(`signIn.${data.way}_title`),
        at: `${ctx.path}?way=${data.way}`,
        organisation,
        asking: askingOf(signIn.interaction, languageOf(ctx)),
        ...(refused === 'too-many' ? { status: 429 } : {}),
        postMayLeave: true,
        webauthn: data.way === 'passkey',
      },
    );
  }

  return {
    show: (ctx: Koa.Context, signIn: SignIn, way: unknown) => show(ctx, signIn, way),

    async submit(ctx: Koa.Context, read: SignIn, form: SignInForm) {
      const signIn = { ...read, trust: form.trust === 'yes' };
      const { account } = signIn;
      if (account === undefined) return flow.goOn(ctx);
      if (form.action === 'passkey') return submitPasskey(ctx, signIn, account, form);
      const guessed = await guessCode(
        web,
        ctx,
        {
          place: 'sign-in',
          client: signIn.interaction.client.id,
          account,
          attempt: signIn.interaction.uid,
          typed: form.code,
          onTooManyWrong: () => tellOwner(ctx, account),
        },
        (evidence) => flow.accept(ctx, signIn, account, signIn.amr, evidence),
      );
      switch (guessed.kind) {
        case 'accepted':
          return;
        case 'too-many':
          ctx.set('Retry-After', String(guessed.retryAfterSeconds));
          return show(ctx, signIn, form.way, 'too-many', form.code);
        case 'refused': {
          const { refusal } = guessed;
          return show(ctx, signIn, form.way, refusal, refusal === 'wrong' ? form.code : '');
        }
      }
    },
  };

  /**
   * For how many days the browser may be trusted; not by a recovery code, which stands for a factor that is lost, nor at a
   * computer that others use next.
   */
  function trustDaysOf(ctx: Koa.Context, { authTime }: SignIn, account: Account, way: Way): number | undefined {
    if (web.network(ctx).sharedComputers === true) return undefined;
    const days = web.trustedBrowserDays;
    return authTime === undefined && way !== 'recovery' && mayTrust(account, days) ? days : undefined;
  }

  async function submitPasskey(ctx: Koa.Context, signIn: SignIn, account: Account, form: SignInForm) {
    const { refused, answered } = await proveInSignIn(web, flow, ctx, signIn, form, account);
    if (refused === undefined) return;
    // whether it verified its user does not matter beside the password
    const other = refused === 'changed' || refused === 'other-account';
    await show(ctx, answered, 'passkey', other ? refused : 'passkey');
  }

  async function tellOwner(ctx: Koa.Context, { id }: Account): Promise<void> {
    const acting = web.acting(ctx);
    await web.update(id, (each) => tellPasswordKnown(each, acting));
  }
}

function leadOf({ next, authTime }: SignIn): MessageKey {
  return next.step === 'second-factor' && authTime !== undefined ? whyStepUp[next.because] : 'signIn.to_go_on';
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
