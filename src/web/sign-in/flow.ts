/** How a sign-in goes on: what was proven is kept, or accepted in one write that finishes it. */
import { setTimeout } from 'node:timers/promises';
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { acceptSignIn, amrWith, type Evidence, nextStep } from '../../domain/sign-in/sign-in.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import type { Interaction } from '../../oidc/interaction.ts';
import type { Web } from '../web.ts';
import type { Flow, Refusal, SignIn, SignInState } from './sign-in-state.ts';

/** When to look whether the same form, sent twice, has finished the sign-in: its two writes lie milliseconds apart. */
const LOOK_AGAIN_MS = [0, 30, 100, 300];

/** @throws HttpError where there is none for this browser, or none any more */
export async function loadInteraction(web: Pick<Web, 'interactions'>, ctx: Koa.Context): Promise<Interaction> {
  const interaction = await web.interactions.load(ctx);
  // a browser that keeps cookies has at least the one of this very sign-in
  if (interaction === undefined) throw new HttpError(400, ctx.get('Cookie') === '' ? 'no-cookies' : 'expired');
  return interaction;
}

/** To the page that the stored state asks for now. */
export function goOn(ctx: Koa.Context): void {
  goTo(ctx, ctx.path);
}

export function createFlow(web: Web, state: SignInState): Flow {
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
      const { finished } = await loadInteraction(web, ctx);
      if (finished === undefined) continue;
      goTo(ctx, finished);
      return true;
    }
    return false;
  }

  return { keep: ({ interaction }, pending) => state.keep(interaction, pending), goOn, accept, proceed };
}

/** Where the application named an account (id_token_hint), the library would ask again and again for that one. */
function isWanted({ id }: Account, { idTokenHintAccountId: wanted }: Interaction): boolean {
  return wanted === undefined || wanted === id;
}
