/** Decides how a sign-in continues: it keeps what was proven, or accepts it in one write and finishes. */
import { setTimeout } from 'node:timers/promises';
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { isNewBrowser } from '../../domain/account/browsers.ts';
import { isFactorOffered } from '../../domain/factors/offer-factor.ts';
import { isMultiFactor } from '../../domain/sign-in/acr.ts';
import { isToNote, noteHalfway } from '../../domain/sign-in/halfway.ts';
import { acceptSignIn, amrWith, type Evidence, nextStep } from '../../domain/sign-in/sign-in.ts';
import { mayTrust, wantsProofAnew } from '../../domain/sign-in/trusted-browser.ts';
import { goTo } from '../../http/go-to.ts';
import type { Interaction } from '../../oidc/sign-in/interaction.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import type { Web } from '../web.ts';
import type { Flow, Refusal, SignIn, SignInState } from './sign-in-state.ts';
import { signingBrowserOf } from './signing-browser.ts';

/** When to check whether the same form, sent twice, finished the sign-in: the two writes are milliseconds apart. */
const LOOK_AGAIN_MS = [0, 30, 100, 300];

/** What a person with the right password may be asked next, `complete` where a second step is offered first. */
const stopsHere: ReadonlySet<string> = new Set(['second-factor', 'enrol', 'new-password', 'complete']);

/** Redirects to the page that the stored state asks for. */
export function goOn(ctx: Koa.Context): void {
  goTo(ctx, ctx.path);
}

/** Its functions throw what `web.update` throws. */
export function createFlow(web: Web, state: SignInState): Flow {
  async function proceed(
    ctx: Koa.Context,
    signIn: SignIn,
    account: Account,
    amr: string[],
  ): Promise<Refusal | undefined> {
    if (!fitsHint(account, signIn.interaction)) return 'other-account';
    const demand = demandHere(ctx, signIn, account);
    const next = nextStep(account, amr, demand);
    const offered = next.step === 'complete' && isFactorOffered(account, demand.organisations, web.now());
    if (next.step === 'complete' && !offered) return accept(ctx, { ...signIn, demand }, account, amr, { kind: 'none' });
    if (next.step === 'ended' || next.step === 'refused') {
      const factor = amr.includes('pwd') ? 'password' : 'passkey';
      const client = signIn.interaction.client.id;
      const outcome = next.step === 'ended' ? 'ended' : next.because;
      await web.trace(ctx, { place: 'sign-in', factor, outcome, account: account.id, client });
    }
    const { challenge: _, enrolment, ...pending } = signIn.pending;
    // Drops an enrolment that another person began in this sign-in.
    const own = enrolment?.accountId === account.id ? { enrolment } : {};
    const asked = reasonsOf(signIn);
    const proven = { accountId: account.id, epoch: account.credentialsEpoch, amr, at: web.now(), asked };
    if (stopsHere.has(next.step) && amr.includes('pwd')) await note(ctx, account);
    await state.keep(signIn.interaction, { ...pending, ...own, proven, offered });
    goOn(ctx);
    return undefined;
  }

  /** Before the page that asks for more is there, so that who stops at it has left a trace. */
  async function note(ctx: Koa.Context, account: Account): Promise<void> {
    const signing = await signingBrowserOf(web, ctx, account);
    if (!isToNote(account, signing)) return;
    const context = { address: web.network(ctx).address, now: web.now() };
    await web.update(account.id, (each) => noteHalfway(each, signing, context), account);
  }

  async function accept(
    ctx: Koa.Context,
    signIn: SignIn,
    found: Account,
    proven: string[],
    evidence: Evidence,
    declined = false,
  ): Promise<Refusal | undefined> {
    const { interaction, demand, authTime } = signIn;
    if (!fitsHint(found, interaction)) return 'other-account';
    const amr = amrWith(proven, evidence);
    const shared = web.network(ctx).sharedComputers === true;
    const offered =
      signIn.trust === true && !shared && authTime === undefined && mayTrust(found, web.trustedBrowserDays);
    const trusting = offered ? web.trustedBrowsers.prepare(ctx, found) : undefined;
    const act = {
      ...demand,
      expectedEpoch: found.credentialsEpoch,
      amr,
      evidence,
      client: interaction.client.id,
      network: web.network(ctx).address,
      browser: await browserOf(ctx, found),
      declined,
      asked: reasonsOf(signIn),
      ...(trusting === undefined ? {} : { trust: { browser: trusting.browser, days: web.trustedBrowserDays } }),
    };
    const accepting = (each: Account) => acceptSignIn(each, act);
    const { outcome, account } = await web.update(found.id, accepting, found);
    switch (outcome) {
      case 'used':
        return (await finishedMeanwhile(ctx)) ? undefined : outcome;
      case 'changed':
        return outcome;
      case 'ended':
      case 'owed': // requirements changed just now; the next page asks for what is missing
        return proceed(ctx, signIn, account, amr);
      case 'accepted': {
        web.knownBrowsers.remember(ctx, account);
        if (account.trustedBrowsers?.some(({ id }) => id === trusting?.browser.id) === true) trusting?.write();
        const stoodIn = isMultiFactor(amr) ? undefined : demand.trustedBrowser;
        const login = {
          accountId: account.id,
          amr,
          epoch: account.credentialsEpoch,
          ...(stoodIn === undefined ? {} : { trustedBrowser: stoodIn.id }),
        };
        const url = await web.interactions.finishLogin(ctx, interaction, {
          ...login,
          ...(authTime === undefined ? {} : { authTime }),
        });
        goTo(ctx, url);
        return undefined;
      }
    }
  }

  /** What the request needs, and whether this browser is trusted; not where the person is to prove anew who it is. */
  function demandHere(ctx: Koa.Context, { demand, interaction }: SignIn, account: Account): SignIn['demand'] {
    const { asked, reauthenticate } = interaction;
    if (reauthenticate && asked.step === 'password' && wantsProofAnew(asked.because)) return demand;
    const claim = web.trustedBrowsers.claimOf(ctx, account);
    return claim === undefined ? demand : { ...demand, trustedBrowser: claim };
  }

  /** Of a new one at a shared computer nobody is written to. */
  async function browserOf(ctx: Koa.Context, account: Account) {
    const signing = await signingBrowserOf(web, ctx, account);
    const { sharedComputers = false } = web.network(ctx);
    return isNewBrowser(account, signing) && !sharedComputers
      ? { signing, prepared: prepareTicket(web, account.id, 'not-me') }
      : { signing };
  }

  /** The same form, sent twice, used this code a moment ago. This answer redirects where the other one does. */
  async function finishedMeanwhile(ctx: Koa.Context): Promise<boolean> {
    for (const waitMs of LOOK_AGAIN_MS) {
      await setTimeout(waitMs);
      const { finished } = (await web.interactions.load(ctx)) ?? {};
      if (finished === undefined) continue;
      goTo(ctx, finished);
      return true;
    }
    return false;
  }

  return { keep: ({ interaction }, pending) => state.keep(interaction, pending), goOn, accept, proceed };
}

/** If the application named an account (id_token_hint), the library would keep asking for that one. */
function fitsHint({ id }: Account, { idTokenHintAccountId: wanted }: Interaction): boolean {
  return wanted === undefined || wanted === id;
}

/** Why its steps were asked, the present one last; what is asked again counts once. */
export function reasonsOf({ asked, next }: Pick<SignIn, 'asked' | 'next'>): SignIn['asked'] {
  const asksProof = next.step === 'password' || next.step === 'second-factor' || next.step === 'enrol';
  if (!asksProof || next.because === 'codes-due' || next.because === 'offered') return asked;
  return [...new Set([...asked, next.because])];
}
