/** The first page of a sign-in: login and password, or a passkey instead. A wrong guess learns nothing (rule 1). */
import type Koa from 'koa';
import { normalizeLogin } from '../../domain/account/login.ts';
import { rehashed } from '../../domain/sign-in/sign-in.ts';
import { durationIn } from '../../http/duration.ts';
import { languageOf } from '../../http/language.ts';
import { guessPassword } from '../password-guess.ts';
import type { Web } from '../web.ts';
import { askingOf } from './asking.ts';
import { askPasskey, firstChallenge } from './passkey-question.ts';
import { proveInSignIn } from './passkey-step.ts';
import type { Flow, Refusal, SignIn, SignInForm } from './sign-in-state.ts';
import { whyPassword } from './why.ts';

type Refused = Refusal | 'wrong' | 'too-many' | 'passkey' | 'unverified' | 'newly-verified';
type Shown = { login?: string; refused?: Refused; retryAfterSeconds?: number };

/** `loginBefore`: what was typed in this sign-in before it was turned away (door.ts). */
export function createPassword(web: Web, flow: Flow, loginBefore: (ctx: Koa.Context) => string | undefined) {
  async function show(ctx: Koa.Context, signIn: SignIn, { login, refused, retryAfterSeconds = 0 }: Shown = {}) {
    const { interaction } = signIn;
    const t = web.pages.t(ctx);
    const application = interaction.client.name[languageOf(ctx)];
    const question = askPasskey(web, undefined, signIn.pending.challenge ?? firstChallenge(web, interaction));
    const because = signIn.next.step === 'password' ? signIn.next.because : 'requirements-changed';
    const why = refused === undefined ? whyPassword[because] : undefined;
    const again = because === 'prompt-login' || because === 'max-age';
    const field = refused === 'wrong' ? { errors: { password: t('signIn.wrong_field') } } : {};
    await web.pages.render(
      ctx,
      'sign-in/password',
      {
        ...field,
        error:
          refused === undefined
            ? undefined
            : t(`signIn.${messages[refused]}`, { time: durationIn(languageOf(ctx), retryAfterSeconds) }),
        path: ctx.path,
        login: login ?? loginBefore(ctx) ?? interaction.loginHint ?? '',
        options: question.options,
        // A browser that offered the wrong passkey would offer it again and again.
        refusedPasskey: refused === 'passkey' || refused === 'unverified' || refused === 'newly-verified',
      },
      {
        because: why === undefined ? undefined : t(why, { application }),
        title: t(again ? 'signIn.again_title' : 'signIn.title', { application }),
        ...(refused === 'too-many' ? { status: 429 } : {}),
        asking: askingOf(interaction, languageOf(ctx)),
        postMayLeave: true,
        webauthn: true,
      },
    );
  }

  return {
    show: (ctx: Koa.Context, signIn: SignIn) => show(ctx, signIn),

    async submit(ctx: Koa.Context, signIn: SignIn, form: SignInForm) {
      const login = normalizeLogin(form.login);
      const account = await web.accounts.findByLogin(login);
      const knownBrowser = account === undefined ? undefined : web.knownBrowsers.knownTo(ctx, account);
      // An account that was never activated counts as absent, and costs as much work as a wrong password.
      const stored = account?.activatedAt === undefined ? undefined : account.password?.hash;
      const guess = {
        login,
        ...(account === undefined ? {} : { account: account.id, epoch: account.credentialsEpoch }),
        network: web.network(ctx),
        browser: signIn.interaction.browser ?? signIn.interaction.uid,
        ...(knownBrowser === undefined ? {} : { knownBrowser }),
      };
      const asked = { place: 'sign-in', client: signIn.interaction.client.id } as const;
      const active = account === undefined || account.activatedAt !== undefined;
      const guessed = await guessPassword(
        web,
        ctx,
        { ...guess, ...asked, wrong: account === undefined ? 'unknown' : active ? 'wrong' : 'not-active' },
        stored,
        form.password,
      );
      if (guessed.kind === 'too-many') {
        ctx.set('Retry-After', String(guessed.retryAfterSeconds));
        return show(ctx, signIn, {
          login: form.login,
          refused: 'too-many',
          retryAfterSeconds: guessed.retryAfterSeconds,
        });
      }
      if (guessed.kind === 'wrong' || account === undefined || stored === undefined) {
        return show(ctx, signIn, { login: form.login, refused: 'wrong' });
      }
      if (guessed.outdated) await renewHash(account.id, stored, form.password);
      const [refused] = await Promise.all([flow.proceed(ctx, signIn, account, ['pwd']), guessed.givenBack]);
      if (refused === undefined) return;
      await web.trace(ctx, { ...asked, factor: 'password', outcome: refused, login, account: account.id });
      await show(ctx, signIn, { login: form.login, refused });
    },

    /** Signs in with a passkey alone, offered in the login field or by the button. It has no rate limit (rule 2). */
    async submitPasskey(ctx: Koa.Context, signIn: SignIn, form: SignInForm) {
      const { refused, answered } = await proveInSignIn(web, flow, ctx, signIn, form);
      if (refused === undefined) return;
      const pending = { ...answered.pending, challenge: askPasskey(web, undefined, undefined).challenge };
      await flow.keep(answered, pending);
      await show(ctx, { ...answered, pending }, { refused });
    },
  };

  /**
   * Replaces a hash with outdated parameters, or of another system, while the password is known. A failure only waits
   * for the next sign-in.
   */
  async function renewHash(accountId: string, verifiedHash: string, password: string): Promise<void> {
    try {
      const newHash = await web.hashing.hash(password, 'others'); // refused where it is busy
      await web.update(accountId, (each) => rehashed(each, verifiedHash, newHash));
    } catch (error) {
      web.log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'a password hash was not renewed');
    }
  }
}

const messages = {
  wrong: 'wrong',
  'too-many': 'too_many',
  passkey: 'passkey_refused',
  unverified: 'passkey_unverified',
  'newly-verified': 'passkey_newly_verified',
  used: 'changed',
  changed: 'changed',
  'other-account': 'other_account',
} as const;
