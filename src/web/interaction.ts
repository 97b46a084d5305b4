/** The one sign-in path: `/interaction/:uid`, a page that is a function of what was asked and what has been proven. */
import type Koa from 'koa';
import { z } from 'zod';
import { type Account, type JsonValue, updateAccount } from '../domain/account.ts';
import { dayAt } from '../domain/affiliation.ts';
import type { PendingEnrolment } from '../domain/enrolment.ts';
import { homeOrganisation, type Organisation } from '../domain/organisation.ts';
import { acceptSignIn, amrWith, type Demand, type Evidence, nextStep, type Step } from '../domain/sign-in.ts';
import type { Interaction } from '../oidc/interaction.ts';
import { createConsent } from './consent.ts';
import { codesAreDue, createEnrol } from './enrol.ts';
import { HttpError } from './errors.ts';
import { createFactor } from './factor.ts';
import { readForm, text, trimmed } from './form.ts';
import { followApplication, languageOf, preferLanguage } from './language.ts';
import { createPassword } from './password.ts';
import type { Web } from './web.ts';

/** How long a proven password waits for the second factor; setting one up on the way takes its time. */
const PROOF_SECONDS = 30 * 60;

const provenShape = z.object({
  accountId: z.string(),
  epoch: z.number(),
  amr: z.array(z.string()),
  /** epoch ms */
  at: z.number(),
  /** seconds; of the session that is being stepped up */
  authTime: z.number().optional(),
});
export type Proven = z.output<typeof provenShape>;

/** What is kept in the interaction between two pages; never in `result.login`, which the library would act upon. */
const pendingShape = z.object({
  /** of the passkey question on the page now shown */
  challenge: z.string().optional(),
  proven: provenShape.optional(),
  /** a factor being set up on the way */
  enrolment: z.custom<PendingEnrolment>((value) => typeof value === 'object').optional(),
  /** the person is not who the session says: start from nothing */
  startOver: z.boolean().optional(),
});
export type Pending = z.output<typeof pendingShape>;

/** A sign-in under way, as loaded for one request. */
export type SignIn = {
  interaction: Interaction;
  pending: Pending;
  step: Step;
  /** whose password (or session) was proven; unknown before that */
  account?: Account;
  /** proven so far */
  amr: string[];
  /** seconds; of the session that is being stepped up */
  authTime?: number;
  demand: Demand;
  /** the account's own, once it is known */
  organisation?: Organisation;
};

const formShape = z.object({
  action: text(40),
  login: text(320),
  password: text(4096),
  code: trimmed(100),
  passkey: text(20_000),
  way: text(20),
});
export type SignInForm = z.output<typeof formShape>;

/** What the pages of a sign-in need of each other. */
export type Flow = {
  keep(signIn: SignIn, pending: Pending): Promise<void>;
  goOn(ctx: Koa.Context): void;
  /** accepts the evidence in one write, and either finishes or says why not */
  accept(
    ctx: Koa.Context,
    signIn: SignIn,
    account: Account,
    amr: string[],
    evidence: Evidence,
  ): Promise<Refusal | undefined>;
  /** what was proven is kept, and the page that comes next is shown */
  proceed(ctx: Koa.Context, signIn: SignIn, account: Account, amr: string[]): Promise<Refusal | undefined>;
};
export type Refusal = 'used' | 'changed' | 'other-account';

export function createInteraction(web: Web) {
  const flow: Flow = { keep: ({ interaction }, pending) => store(interaction, pending), goOn, accept, proceed };
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

  async function stateOf(interaction: Interaction, pending: Pending): Promise<SignIn> {
    const { organisations } = web;
    const now = web.now();
    const demand = { demanded: interaction.secondFactorDemanded, organisations, now };
    const nobody: SignIn = { interaction, pending, step: 'password', amr: [], demand };
    const { proven } = pending;
    const { session } = interaction;
    if (proven !== undefined && now < proven.at + PROOF_SECONDS * 1000) {
      const account = await web.accounts.findById(proven.accountId);
      if (account === undefined || account.credentialsEpoch !== proven.epoch) return nobody;
      const state = known(account, proven.amr, demand);
      const step = codesAreDue(pending.enrolment) && state.step === 'complete' ? 'enrol' : state.step;
      return { ...nobody, ...state, step, ...(proven.authTime === undefined ? {} : { authTime: proven.authTime }) };
    }
    // stepping up: the session's password counts, and only what is missing is asked
    if (session !== undefined && !interaction.reauthenticate && pending.startOver !== true) {
      const account = await web.accounts.findById(session.accountId);
      const state = account === undefined ? undefined : known(account, session.amr, demand);
      // where nothing is missing, the policy had another reason to ask, and only the password answers it
      if (state !== undefined && state.step !== 'complete') return { ...nobody, ...state, authTime: session.authTime };
    }
    return nobody;
  }

  function known(account: Account, amr: string[], demand: Demand) {
    const organisation = homeOrganisation(account, web.organisations, dayAt(demand.now));
    return { account, amr, organisation, step: nextStep(account, amr, demand) };
  }

  /** Plain JSON: members that are not there are not stored as such. */
  function store(interaction: Interaction, pending: Pending): Promise<void> {
    return web.interactions.keep(interaction, JSON.parse(JSON.stringify(pending)) as JsonValue);
  }

  function goOn(ctx: Koa.Context): void {
    ctx.status = 303;
    ctx.redirect(ctx.path);
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
    await store(signIn.interaction, { ...pending, ...own, proven });
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
    const about = {
      ...demand,
      expectedEpoch: found.credentialsEpoch,
      amr,
      evidence,
      client: interaction.client.id,
      network: web.network(ctx).group,
    };
    const { outcome, account, changed } = await updateAccount(web.accounts, found.id, (each) =>
      acceptSignIn(each, about),
    );
    if (changed) web.handOn(account);
    switch (outcome) {
      case 'used':
      case 'changed':
        return outcome;
      case 'ended':
      case 'owed': // it changed just now; the page that fits shows what is left to do
        return proceed(ctx, signIn, account, amr);
      case 'accepted': {
        web.devices.remember(ctx, account);
        const login = { accountId: account.id, amr, epoch: account.credentialsEpoch };
        const url = await web.interactions.finishLogin(ctx, interaction, {
          ...login,
          ...(authTime === undefined ? {} : { authTime }),
        });
        ctx.status = 303;
        ctx.redirect(url);
        return undefined;
      }
    }
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

  async function begin(ctx: Koa.Context): Promise<{ interaction: Interaction; signIn?: SignIn }> {
    const interaction = await load(ctx);
    const parsed = pendingShape.safeParse(interaction.pending ?? {});
    const pending = parsed.data ?? {};
    followApplication(ctx, interaction.uiLocales);
    if (interaction.prompt === 'consent') return { interaction };
    const signIn = await stateOf(interaction, pending);
    if (signIn.account !== undefined && signIn.authTime !== undefined) {
      preferLanguage(ctx, signIn.account.language); // stepping up: known from the first page to the last, so it does not change on the way
    }
    return { interaction, signIn };
  }

  return {
    /** GET: the page that the stored state asks for; changes nothing but the challenge it shows */
    async show(ctx: Koa.Context) {
      const { interaction, signIn } = await begin(ctx);
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
      const form = await readForm(ctx, formShape);
      const { interaction, signIn } = await begin(ctx);
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
          await store(interaction, { startOver: true });
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
    ctx.status = 303;
    ctx.redirect(url);
  }
}

/** Where the application named an account (id_token_hint), the library would ask again and again for that one. */
function isWanted({ id }: Account, { idTokenHintAccountId: wanted }: Interaction): boolean {
  return wanted === undefined || wanted === id;
}
