/** A sign-in under way: what was asked, what has been proven and is kept, and the step that follows from both. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account, JsonValue, PendingEnrolment } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { homeOrganisation, type Organisation } from '../../domain/account/organisation.ts';
import { enrolmentStep } from '../../domain/factors/enrolment.ts';
import { type Demand, type Evidence, nextStep, type Step } from '../../domain/sign-in/sign-in.ts';
import { text, trimmed } from '../../http/form.ts';
import type { Interaction } from '../../oidc/interaction.ts';
import type { Web } from '../web.ts';

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

export const signInFormShape = z.object({
  action: text(40),
  login: text(320),
  password: text(4096),
  code: trimmed(100),
  passkey: text(20_000),
  way: text(20),
});
export type SignInForm = z.output<typeof signInFormShape>;

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

export type SignInState = ReturnType<typeof createSignInState>;

export function createSignInState(web: Pick<Web, 'accounts' | 'organisations' | 'interactions' | 'now'>) {
  /** What the stored state asks for now. */
  async function read(interaction: Interaction): Promise<SignIn> {
    const pending = pendingShape.safeParse(interaction.pending ?? {}).data ?? {};
    const now = web.now();
    const demand = { demanded: interaction.secondFactorDemanded, organisations: web.organisations, now };
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
  function keep(interaction: Interaction, pending: Pending): Promise<void> {
    return web.interactions.keep(interaction, JSON.parse(JSON.stringify(pending)) as JsonValue);
  }

  return { read, keep };
}

/** Whether the ten codes of a factor that was just set up are still to be shown. */
export function codesAreDue(pending: PendingEnrolment | undefined): boolean {
  return pending !== undefined && enrolmentStep(pending) === 'codes';
}
