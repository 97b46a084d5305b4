/** The state of a sign-in: what was asked, what has been proven, and the next step that follows from both. */
import type Koa from 'koa';
import { z } from 'zod';
import { type Account, hasSecondFactor } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { homeOrganisation, type Organisation } from '../../domain/account/organisation.ts';
import { type AccessRefusal, whyNotAllowed } from '../../domain/clients/access-rule.ts';
import { enrolmentStep } from '../../domain/factors/enrolment.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import {
  type FactorReason,
  factorReasons,
  type NextStep,
  type PasswordReason,
  passwordReasons,
} from '../../domain/sign-in/reason.ts';
import { type Demand, type Evidence, nextStep } from '../../domain/sign-in/sign-in.ts';
import { text, trimmed } from '../../http/form.ts';
import type { Interaction } from '../../oidc/sign-in/interaction.ts';
import type { Web } from '../web.ts';

/** How long a proven password waits for the second factor. Setting one up takes time. */
const PROOF_SECONDS = 30 * 60;

const provenShape = z.object({
  accountId: z.string(),
  epoch: z.number(),
  amr: z.array(z.string()),
  /** Epoch ms. */
  at: z.number(),
  /** Seconds; copied from the session that is being stepped up. */
  authTime: z.number().optional(),
  /** Why what is proven was asked. */
  asked: z.array(z.enum([...passwordReasons, ...factorReasons])).default([]),
});
export type Proven = z.output<typeof provenShape>;

/** Kept in the interaction between two pages. Never in `result.login`, because the library acts on that. */
const pendingShape = z.object({
  /** The challenge of the passkey question on the page. */
  challenge: z.string().optional(),
  proven: provenShape.optional(),
  /** A factor that is being set up. */
  enrolment: z.custom<PendingEnrolment>((value) => typeof value === 'object').optional(),
  /** A second factor is offered, which the person may decline. */
  offered: z.boolean().optional(),
  /** The person is not the one in the session: ignore the session. */
  startOver: z.boolean().optional(),
});
export type Pending = z.output<typeof pendingShape>;

/** A sign-in, as loaded for one request. */
export type SignIn = {
  interaction: Interaction;
  pending: Pending;
  /** Never `complete`: what is proven enough was accepted. */
  next: Exclude<NextStep, { step: 'complete' }>;
  /** Why the steps before were asked. */
  asked: (PasswordReason | FactorReason)[];
  /** The account whose password or session was proven; absent before that. */
  account?: Account;
  /** What has been proven so far (RFC 8176). */
  amr: string[];
  /** Seconds; copied from the session that is being stepped up. */
  authTime?: number;
  demand: Demand;
  /** The person asks to have this browser trusted. */
  trust?: boolean;
  /** Why the application stays closed, where `next` is `refused` to somebody who is signed in: others learn no reason. */
  refusal?: AccessRefusal;
  /** The account's own organisation, once the account is known. */
  organisation?: Organisation;
};

export const signInFormShape = z.object({
  action: text(40),
  login: text(320),
  password: text(4096),
  code: trimmed(100),
  recovery_code: trimmed(100),
  passkey: text(20_000),
  way: text(20),
  shown: text(4096),
  trust: text(10),
});
export type SignInForm = z.output<typeof signInFormShape>;

/** The functions that the pages of a sign-in share. */
export type Flow = {
  keep(signIn: SignIn, pending: Pending): Promise<void>;
  goOn(ctx: Koa.Context): void;
  /**
   * Accepts the evidence in one write and finishes the sign-in. `declined`: the person said "not now" to a second factor.
   * @returns the reason if it is refused
   */
  accept(
    ctx: Koa.Context,
    signIn: SignIn,
    account: Account,
    amr: string[],
    evidence: Evidence,
    declined?: boolean,
  ): Promise<Refusal | undefined>;
  /** Keeps what was proven and redirects to the next page. @returns the reason if it is refused */
  proceed(ctx: Koa.Context, signIn: SignIn, account: Account, amr: string[]): Promise<Refusal | undefined>;
};
export type Refusal = 'used' | 'changed' | 'other-account';

export type SignInState = ReturnType<typeof createSignInState>;

/** Reads and writes the state of a sign-in. It throws what the storage throws. */
export function createSignInState(web: Pick<Web, 'accounts' | 'organisations' | 'interactions' | 'now'>) {
  /** What the stored state asks for now, and why. */
  async function read(interaction: Interaction): Promise<SignIn> {
    const pending = pendingShape.safeParse(interaction.pending ?? {}).data ?? {};
    const now = web.now();
    const { secondFactor, client } = interaction;
    const { openTo = 'everybody' } = client;
    const demand: Demand = {
      ...(secondFactor === undefined ? {} : { factor: secondFactor }),
      openTo,
      organisations: web.organisations,
      now,
    };
    const wholly = (because: PasswordReason): SignIn => ({
      interaction,
      pending,
      next: { step: 'password', because },
      asked: [],
      amr: [],
      demand,
    });
    const { proven } = pending;
    const { session } = interaction;
    if (proven !== undefined && now < proven.at + PROOF_SECONDS * 1000) {
      const account = await web.accounts.findById(proven.accountId);
      if (account === undefined || account.credentialsEpoch !== proven.epoch) return wholly('credentials-changed');
      const next = nextStep(account, proven.amr, demand, askedFirst(interaction, pending));
      const { amr, asked, authTime } = proven;
      const known = {
        ...wholly('requirements-changed'),
        account,
        organisation: organisationOf(account, now),
        amr,
        asked,
      };
      const stepping = authTime === undefined ? known : { ...known, authTime };
      if (next.step !== 'complete') return { ...stepping, next };
      if (codesAreDue(pending.enrolment)) return { ...stepping, next: { step: 'enrol', because: 'codes-due' } };
      const isOffered = pending.offered === true && !hasSecondFactor(account);
      return isOffered ? { ...stepping, next: { step: 'enrol', because: 'offered' } } : stepping;
    }
    // Stepping up: the session's password counts, so only the missing factor is asked.
    if (session !== undefined && !interaction.reauthenticate && pending.startOver !== true) {
      const account = await web.accounts.findById(session.accountId);
      const refusal = account && whyNotAllowed(openTo, account, now);
      const closed = interaction.asked.step === 'refused' && refusal !== undefined;
      const next: NextStep = closed
        ? { step: 'refused', because: 'not-open-to-person' }
        : nextStep(account, session.amr, demand, askedFirst(interaction, pending));
      // If nothing is missing, the policy asked for another reason, and only the password answers it.
      if (account !== undefined && next.step !== 'complete') {
        const { amr, authTime } = session;
        const told = refusal === undefined ? {} : { refusal };
        const organisation = organisationOf(account, now);
        return { ...wholly('no-session'), ...told, next, account, organisation, amr, authTime };
      }
    }
    return wholly(proven === undefined ? askedFirst(interaction, pending) : 'proof-expired');
  }

  function organisationOf(account: Account, now: number): Organisation {
    return homeOrganisation(account, web.organisations, dayAt(now));
  }

  /** Stored as plain JSON, so that absent members are not stored as such. */
  function keep(interaction: Interaction, pending: Pending): Promise<void> {
    return web.interactions.keep(interaction, JSON.parse(JSON.stringify(pending)) as JsonValue);
  }

  return { read, keep };
}

/** Whether the ten codes of a new factor are still to be shown. */
export function codesAreDue(pending: PendingEnrolment | undefined): boolean {
  return pending !== undefined && enrolmentStep(pending) === 'codes';
}

/** Why the whole sign-in is asked. */
function askedFirst({ asked }: Interaction, { startOver }: Pending): PasswordReason {
  if (startOver === true) return 'started-over';
  if (asked.step === 'refused') return 'no-session'; // whoever was refused is signed out meanwhile
  return asked.step === 'password' ? asked.because : 'requirements-changed';
}
