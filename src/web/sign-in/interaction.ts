/** The one sign-in path: `/interaction/:uid`. The request and what has been proven decide the page. */
import type Koa from 'koa';
import { endInWords, wordsIn } from '../../../locales/end-in-words.ts';
import { explain } from '../../domain/lifecycle/explain.ts';
import { isMultiFactor } from '../../domain/sign-in/acr.ts';
import { readForm } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { followApplication, languageOf, preferLanguage } from '../../http/language.ts';
import { noteVisitor } from '../../http/visitor.ts';
import type { Interaction } from '../../oidc/sign-in/interaction.ts';
import type { Web } from '../web.ts';
import { createConsent } from './consent.ts';
import type { Door } from './door.ts';
import { createEnrol } from './enrol.ts';
import { createFactor } from './factor.ts';
import { createFlow, goOn } from './flow.ts';
import { createLost } from './lost.ts';
import { createLostFactor, enrolsByPass, LOST } from './lost-factor.ts';
import { createNewPasswordStep } from './new-password.ts';
import { createPassword } from './password.ts';
import { createRefused } from './refused.ts';
import { createSignInState, type SignIn, type SignInForm, signInFormShape } from './sign-in-state.ts';

/** Handlers of `/interaction/:uid/:client`. */
export function createInteraction(web: Web, door: Door) {
  const state = createSignInState(web);
  const flow = createFlow(web, state);
  const password = createPassword(web, flow, door.login);
  const factor = createFactor(web, flow);
  const enrol = createEnrol(web, flow);
  const lostFactor = createLostFactor(web, flow);
  const newPassword = createNewPasswordStep(web);
  const consent = createConsent(web);
  const showRefused = createRefused(web);
  const showLost = createLost(web);

  async function showEnded(ctx: Koa.Context, { account, organisation, interaction }: SignIn) {
    const t = web.pages.t(ctx);
    const words = wordsIn(languageOf(ctx), t, web.organisations);
    const explanation = account && explain(account, web.organisations, web.now());
    const suspended = explanation?.kind === 'suspended';
    const opens = explanation?.kind === 'opens' || (explanation?.kind === 'ended' && explanation.opens !== undefined);
    const data = {
      sentences: explanation === undefined ? [] : endInWords(explanation, words),
      suspended,
      application: interaction.client.name[languageOf(ctx)],
      path: ctx.path,
      incident: web.incident(ctx, { kind: 'account-closed', client: interaction.client.id, account: account?.id }),
    };
    web.log.info({ incident: data.incident, because: explanation?.kind }, 'a sign-in was refused');
    await web.pages.render(ctx, 'sign-in/ended', data, {
      title: t(suspended || opens ? 'signIn.closed_title' : 'signIn.ended_title'),
      organisation,
      postMayLeave: true,
    });
  }

  /** Undefined if the answer is given: the interaction is over, or has nothing to ask any more. */
  async function begin(ctx: Koa.Context): Promise<{ interaction: Interaction; signIn?: SignIn } | undefined> {
    const interaction = await web.interactions.load(ctx);
    if (interaction === undefined || ctx.query.over !== undefined) {
      await showLost(ctx);
      return undefined;
    }
    if (interaction.finished !== undefined) {
      goTo(ctx, interaction.finished);
      return undefined;
    }
    followApplication(ctx, interaction.uiLocales);
    const isConsent = interaction.prompt === 'consent';
    const signIn = isConsent ? undefined : await state.read(interaction);
    if (ctx.method === 'GET' && isAnsweredElsewhere(interaction, signIn)) {
      goTo(ctx, await web.interactions.reconsider(ctx, interaction));
      return undefined;
    }
    if (signIn === undefined) return { interaction };
    if (signIn.account !== undefined) noteVisitor(ctx, signIn.account.id);
    if (signIn.account !== undefined && signIn.authTime !== undefined) {
      preferLanguage(ctx, signIn.account.language); // once known, so that the language does not change later
    }
    return { interaction, signIn };
  }

  return {
    /** GET. Shows the page that the stored state asks for; changes only the challenge of a passkey as second factor. */
    async show(ctx: Koa.Context) {
      const begun = await begin(ctx);
      if (begun === undefined) return;
      const { interaction, signIn } = begun;
      if (signIn === undefined) return consent.show(ctx, interaction);
      if (enrolsByPass(signIn, web.now())) return enrol.show(ctx, signIn);
      if (ctx.query.way === LOST && asksFactor(signIn)) return lostFactor.show(ctx, signIn);
      switch (signIn.next.step) {
        case 'password':
          return password.show(ctx, signIn);
        case 'second-factor':
          return factor.show(ctx, signIn, ctx.query.way);
        case 'enrol':
          return enrol.show(ctx, signIn);
        case 'new-password':
          return newPassword.show(ctx, signIn);
        case 'ended':
          return showEnded(ctx, signIn);
        case 'refused':
          return showRefused(ctx, signIn);
      }
    },

    /** POST. One action; then a redirect (303), or the same page with its fault. */
    async submit(ctx: Koa.Context) {
      const form = await readForm(ctx, signInFormShape);
      if (form.action !== 'sign-in') return act(ctx, form);
      await door.enter(ctx, form.login, () => act(ctx, form));
    },
  };

  async function act(ctx: Koa.Context, form: SignInForm): Promise<void> {
    const begun = await begin(ctx);
    if (begun === undefined) return;
    const { interaction, signIn } = begun;
    if (signIn === undefined) return consent.submit(ctx, interaction, form);
    if (form.action === 'sign-in') return password.submit(ctx, signIn, form);
    if (form.action === 'cancel') return cancel(ctx, signIn);
    if (form.action.startsWith('recover-'))
      return asksFactor(signIn) ? lostFactor.submitRecovery(ctx, signIn, form) : goOn(ctx);
    if (form.action === 'pass') return asksFactor(signIn) ? lostFactor.submit(ctx, signIn, form) : goOn(ctx);
    if (signIn.next.step === 'enrol' || enrolsByPass(signIn, web.now())) return enrol.submit(ctx, signIn, form);
    switch (form.action) {
      case 'passkey':
        return signIn.next.step === 'second-factor'
          ? factor.submit(ctx, signIn, form)
          : password.submitPasskey(ctx, signIn, form);
      case 'verify':
        if (signIn.next.step === 'second-factor') return factor.submit(ctx, signIn, form);
        return goOn(ctx);
      case 'send-link':
        return signIn.next.step === 'new-password' ? newPassword.submit(ctx, signIn) : goOn(ctx);
      case 'start-over':
        await state.keep(interaction, { startOver: true });
        return goOn(ctx);
      default:
        return goOn(ctx);
    }
  }

  /** Returns to the application without a sign-in. A declined essential acr has its own error code. */
  async function cancel(ctx: Koa.Context, { interaction, next }: SignIn) {
    if (next.step === 'refused')
      return goTo(ctx, await web.interactions.finishDeclined(ctx, interaction, next.because));
    const { secondFactor } = interaction;
    const required = secondFactor !== undefined && secondFactor !== 'application-prefers';
    const unmet = required && (next.step === 'enrol' || next.step === 'second-factor');
    goTo(ctx, await web.interactions.finishDeclined(ctx, interaction, unmet ? 'second-factor-declined' : 'broken-off'));
  }
}

/** Whether a second factor is what is missing, one that is there or one to set up. */
const asksFactor = ({ next }: SignIn) => next.step === 'second-factor' || next.step === 'enrol';

/** Whether another tab has changed the session such that the policy may ask for something else now, or for nothing. */
function isAnsweredElsewhere(interaction: Interaction, signIn: SignIn | undefined): boolean {
  const { session, sessionChanged, asked } = interaction;
  if (signIn === undefined) return sessionChanged !== undefined;
  const { proven, startOver } = signIn.pending;
  if (startOver === true) return false;
  // The rule of the application, or the person, has changed since.
  if (asked.step === 'refused' && proven === undefined && sessionChanged === undefined)
    return signIn.next.step !== 'refused';
  if (sessionChanged === undefined) {
    // What was proven here finishes here, with the recovery codes of a new factor to show.
    return proven === undefined && asked.step === 'second-factor' && isMultiFactor(session?.amr ?? []);
  }
  // Who has proven a password here goes on as the person that it belongs to.
  const { accountId } = sessionChanged;
  return accountId !== undefined && (proven === undefined || proven.accountId === accountId);
}
