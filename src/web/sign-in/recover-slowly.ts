/** The last rung of the ladder for who lost the second step: a mailed code begins a wait of some days, and another one ends it. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { maskedAddress } from '../../domain/factors/first-factor.ts';
import { type RecoveryOffer, recoveryOffer } from '../../domain/factors/slow-recovery.ts';
import { mailRecoveryCode, typeRecoveryCode } from '../../domain/factors/slow-recovery-steps.ts';
import { givenBackUnlessJudged, takeNetworkTry } from '../../domain/rate-limits/rate-limits.ts';
import { newTicket } from '../../domain/tickets/ticket.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import { guessMailedCode } from '../code-guess.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import type { Web } from '../web.ts';
import type { Flow, SignIn, SignInForm } from './sign-in-state.ts';

/** `sentTo`: masked; absent: no code is under way. */
export type RecoveryShown = { offer: RecoveryOffer; sentTo: string | undefined };

type Show = (ctx: Koa.Context, signIn: SignIn, fault?: PageFault & { status?: number }) => Promise<void>;

export function createRecoverSlowly(web: Web, flow: Flow, show: Show) {
  const { sealer, now, pages, lifetimes } = web;
  const randomBytes = (size: number) => web.randomBytes(size);

  function shownFor(account: Account): RecoveryShown {
    const at = now();
    const code = account.tickets.find(({ purpose, expiresAt }) => purpose === 'recovery' && expiresAt > at);
    return {
      offer: recoveryOffer(account, { organisations: web.organisations, now: at }),
      sentTo: code?.sentTo === undefined ? undefined : maskedAddress(code.sentTo),
    };
  }

  async function send(ctx: Koa.Context, signIn: SignIn, { id }: Account): Promise<void> {
    const t = pages.t(ctx);
    const tooMany = () => show(ctx, signIn, { error: t('signIn.recover_too_many'), errors: {}, status: 429 });
    const taken = await takeNetworkTry(web, 'mailsPerNetwork', web.network(ctx), now());
    if (!taken.allowed) return tooMany();
    const made = newTicket(
      { purpose: 'recovery', accountId: id, lifetimeSeconds: lifetimes.resetSeconds, withCode: true },
      sealer,
      now(),
      randomBytes,
    );
    const { outcome, account } = await givenBackUnlessJudged(taken, () =>
      web.update(id, (read) => mailRecoveryCode(read, made, sealer, web.acting(ctx))),
    );
    if (outcome.kind === 'too-many') return tooMany();
    if (outcome.kind === 'no-address')
      return show(ctx, { ...signIn, account }, { error: t('signIn.recover_no_address'), errors: {} });
    return show(ctx, { ...signIn, account });
  }

  async function type(ctx: Koa.Context, signIn: SignIn, { id }: Account, typed: string): Promise<void> {
    const { client } = signIn.interaction;
    const stop = prepareTicket(web, id, 'recovery-stop');
    const guess = { place: 'sign-in', factor: 'mailed-code', account: id, client: client.id } as const;
    const guessed = await guessMailedCode(web, ctx, guess, async () => {
      const rule = (read: Account) => typeRecoveryCode(read, typed, stop, sealer, web.acting(ctx));
      const { outcome, account } = await web.update(id, rule);
      return { outcome: outcomes[outcome.kind], found: { outcome, account } };
    });
    const t = pages.t(ctx);
    if (guessed === undefined) return show(ctx, signIn, { error: t('signIn.lost_too_many'), errors: {}, status: 429 });
    const { outcome, account } = guessed.found;
    const known = { ...signIn, account };
    switch (outcome.kind) {
      case 'matched':
        await flow.keep(signIn, { ...signIn.pending, enrolment: outcome.pending });
        return flow.goOn(ctx);
      case 'started':
      case 'not-now':
        return show(ctx, known);
      case 'wrong':
        return show(ctx, known, faultAt('recovery_code', t('signIn.recover_wrong'), t('signIn.lost_wrong_field')));
      default:
        return show(ctx, known, faultAt('recovery_code', t('signIn.recover_gone'), t('signIn.lost_gone_field')));
    }
  }

  return {
    shownFor,

    /** Only after the password, and where a second step is what is missing. */
    async submit(ctx: Koa.Context, signIn: SignIn, form: SignInForm): Promise<void> {
      const { account, next } = signIn;
      if (account === undefined || next.step !== 'second-factor' || !signIn.amr.includes('pwd')) return flow.goOn(ctx);
      return form.action === 'recover-send'
        ? send(ctx, signIn, account)
        : type(ctx, signIn, account, form.recovery_code);
    },
  };
}

const outcomes = {
  started: 'right',
  matched: 'right',
  wrong: 'wrong',
  exhausted: 'exhausted',
  none: 'expired',
  'not-now': 'expired',
} as const;
