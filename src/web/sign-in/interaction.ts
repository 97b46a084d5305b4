/** The one sign-in path: `/interaction/:uid`, a page that is a function of what was asked and what has been proven. */
import { setTimeout } from 'node:timers/promises';
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { acceptSignIn, amrWith, type Evidence, nextStep } from '../../domain/sign-in/sign-in.ts';
import { readForm } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { followApplication, languageOf, preferLanguage } from '../../http/language.ts';
import type { Interaction } from '../../oidc/interaction.ts';
import type { Web } from '../web.ts';
import { createConsent } from './consent.ts';
import { createEnrol } from './enrol.ts';
import { createFactor } from './factor.ts';
import { createPassword } from './password.ts';
import { createSignInState, type Flow, type Refusal, type SignIn, signInFormShape } from './sign-in-state.ts';

/** When to look whether the same form, sent twice, has finished the sign-in: its two writes lie milliseconds apart. */
const LOOK_AGAIN_MS = [0, 30, 100, 300];

export function createInteraction(web: Web) {
  const state = createSignInState(web);
  const flow: Flow = { keep: ({ interaction }, pending) => state.keep(interaction, pending), goOn, accept, proceed };
  const password = createPassword(web, flow);
  const factor = createFactor(web, flow);
  const enrol = createEnrol(web, flow);
  const consent = createConsent(web);

  async function load(ctx: Koa.Context): Promise<Interaction> {
    const interaction = await web.interactions.load(ctx);
    // a browser that keeps cookies has at least the one of this very sign-in
    if (interaction === undefined) throw new HttpError(400, ctx.get('Cookie') === '' ? 'no-cookies' : 'expired');
    return interaction;
  }

  function goOn(ctx: Koa.Context): void {
    goTo(ctx, ctx.path);
  }

  async function proceed(
    ctx: Koa.Context,
    signIn: SignIn,
    account: Account,
    amr: string[],
  ): Promise<Refusal | undefined> {
    if (!isWanted(account, signIn.interaction)) return 'other-account';
    if (nextStep(account, amr, signIn.demand) === 'complete') {
      return accept(ctx, signIn, account, amr, { kind: 'none' });
    }
    const { challenge: _, enrolment, ...pending } = signIn.pending;
    // what somebody else began in this very sign-in stays behind
    const own = enrolment?.accountId === account.id ? { enrolment } : {};
    const proven = { accountId: account.id, epoch: account.credentialsEpoch, amr, at: web.now() };
    await state.keep(signIn.interaction, { ...pending, ...own, proven });
    goOn(ctx);
    return undefined;
  }

  async function accept(
    ctx: Koa.Context,
    signIn: SignIn,
    found: Account,
    proven: string[],
    evidence: Evidence,
  ): Promise<Refusal | undefined> {
    const { interaction, demand, authTime } = signIn;
    if (!isWanted(found, interaction)) return 'other-account';
    const amr = amrWith(proven, evidence);
    const act = {
      ...demand,
      expectedEpoch: found.credentialsEpoch,
      amr,
      evidence,
      client: interaction.client.id,
      network: web.network(ctx).address,
    };
    const accepting = (each: Account) => acceptSignIn(each, act);
    const { outcome, account } = await web.update(found.id, accepting, found);
    switch (outcome) {
      case 'used':
        return (await finishedMeanwhile(ctx)) ? undefined : outcome;
      case 'changed':
        return outcome;
      case 'ended':
      case 'owed': // it changed just now; the page that fits shows what is left to do
        return proceed(ctx, signIn, account, amr);
      case 'accepted': {
        web.knownBrowsers.remember(ctx, account);
        const login = { accountId: account.id, amr, epoch: account.credentialsEpoch };
        const url = await web.interactions.finishLogin(ctx, interaction, {
          ...login,
          ...(authTime === undefined ? {} : { authTime }),
        });
        goTo(ctx, url);
        return undefined;
      }
    }
  }

  /** A code that was spent a moment ago by this very form, sent twice: this answer leads where the other one does. */
  async function finishedMeanwhile(ctx: Koa.Context): Promise<boolean> {
    for (const waitMs of LOOK_AGAIN_MS) {
      await setTimeout(waitMs);
      const { finished } = await load(ctx);
      if (finished === undefined) continue;
      goTo(ctx, finished);
      return true;
    }
    return false;
  }

  async function showEnded(ctx: Koa.Context, { account, organisation, interaction }: SignIn) {
    const t = web.pages.t(ctx);
    const data = { endsAt: account?.endsAt, application: interaction.client.name[languageOf(ctx)], path: ctx.path };
    await web.pages.render(ctx, 'interaction/ended', data, {
      title: t('signIn.ended_title'),
      organisation,
      postMayLeave: true,
    });
  }

  /** undefined: it is finished already (a form sent twice), and the answer leads on. */
  async function begin(ctx: Koa.Context): Promise<{ interaction: Interaction; signIn?: SignIn } | undefined> {
    const interaction = await load(ctx);
    if (interaction.finished !== undefined) {
      goTo(ctx, interaction.finished);
      return undefined;
    }
    followApplication(ctx, interaction.uiLocales);
    if (interaction.prompt === 'consent') return { interaction };
    const signIn = await state.read(interaction);
    if (signIn.account !== undefined && signIn.authTime !== undefined) {
      preferLanguage(ctx, signIn.account.language); // stepping up: known from the first page to the last, so it does not change on the way
    }
    return { interaction, signIn };
  }

  return {
    /** GET: the page that the stored state asks for; changes nothing but the challenge it shows */
    async show(ctx: Koa.Context) {
      const begun = await begin(ctx);
      if (begun === undefined) return;
      const { interaction, signIn } = begun;
      if (signIn === undefined) return consent.show(ctx, interaction);
      switch (signIn.step) {
        case 'password':
        case 'complete': // proven here, then what was owed changed: the password is asked once more
          return password.show(ctx, signIn);
        case 'second-factor':
          return factor.show(ctx, signIn, ctx.query.way);
        case 'enrol':
          return enrol.show(ctx, signIn);
        case 'ended':
          return showEnded(ctx, signIn);
      }
    },

    /** POST: one action; answers with 303 (gone on or done) or the same page with what is wrong */
    async submit(ctx: Koa.Context) {
      const form = await readForm(ctx, signInFormShape);
      const begun = await begin(ctx);
      if (begun === undefined) return;
      const { interaction, signIn } = begun;
      if (signIn === undefined) return consent.submit(ctx, interaction, form.action);
      if (form.action === 'sign-in') return password.submit(ctx, signIn, form);
      if (form.action === 'cancel') return cancel(ctx, signIn);
      if (signIn.step === 'enrol') return enrol.submit(ctx, signIn, form);
      switch (form.action) {
        case 'passkey':
          return signIn.step === 'second-factor'
            ? factor.submit(ctx, signIn, form)
            : password.submitPasskey(ctx, signIn, form);
        case 'verify':
          if (signIn.step === 'second-factor') return factor.submit(ctx, signIn, form);
          return goOn(ctx);
        case 'start-over':
          await state.keep(interaction, { startOver: true });
          return goOn(ctx);
        default:
          return goOn(ctx);
      }
    },
  };

  /** Back to the application without a sign-in. An essential acr that was declined has an error of its own. */
  async function cancel(ctx: Koa.Context, { interaction, step }: SignIn) {
    const unmet = interaction.secondFactorDemanded && (step === 'enrol' || step === 'second-factor');
    const url = await web.interactions.finishError(
      ctx,
      interaction,
      unmet ? 'unmet_authentication_requirements' : 'access_denied',
      unmet ? 'the second factor was declined' : 'the sign-in was broken off',
    );
    goTo(ctx, url);
  }
}

/** Where the application named an account (id_token_hint), the library would ask again and again for that one. */
function isWanted({ id }: Account, { idTokenHintAccountId: wanted }: Interaction): boolean {
  return wanted === undefined || wanted === id;
}
