/** Sends and checks the code that is mailed before a first factor is enrolled (rule 7). */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { mailFactorCode, typeFactorCode } from '../../domain/factors/first-factor.ts';
import { givenBackUnlessJudged, takeNetworkTry } from '../../domain/rate-limits/rate-limits.ts';
import { newTicket } from '../../domain/tickets/ticket.ts';
import { guessMailedCode } from '../code-guess.ts';
import type { Web } from '../web.ts';
import type { EnrolmentAnswer } from './enrolment-answer.ts';
import type { EnrolmentHost } from './enrolment-page.ts';

export function createMailedCode(web: Web) {
  const { sealer, lifetimes, now, randomBytes } = web;

  async function send(ctx: Koa.Context, { account, pending, sessionUid }: EnrolmentHost): Promise<EnrolmentAnswer> {
    const taken = await takeNetworkTry(web, 'mailsPerNetwork', web.network(ctx), now());
    if (!taken.allowed) return { kind: 'refused', refusal: 'too-many' };
    const made = newTicket(
      { purpose: 'first-factor', accountId: account.id, lifetimeSeconds: lifetimes.resetSeconds, withCode: true },
      sealer,
      now(),
      randomBytes,
    );
    const acting = web.acting(ctx, sessionUid);
    const { outcome } = await givenBackUnlessJudged(taken, () =>
      web.update(account.id, (read) => mailFactorCode(read, made, sealer, acting)),
    );
    if (outcome.kind !== 'sent') return { kind: 'refused', refusal: outcome.kind };
    return { kind: 'keep', pending: { ...pending, codeSentTo: outcome.to } };
  }

  async function check(ctx: Koa.Context, host: EnrolmentHost, typed: string): Promise<EnrolmentAnswer> {
    const guessed = await guessMailedCode(web, ctx, { place: 'enrolment', account: host.account.id }, async () => {
      const type = (read: Account) => typeFactorCode(read, host.pending, typed, sealer, now());
      const { outcome: found } = await web.update(host.account.id, type);
      return { outcome: outcomes[found.kind], found };
    });
    if (guessed === undefined) return { kind: 'refused', refusal: 'too-many' };
    const { found } = guessed;
    switch (found.kind) {
      case 'matched':
        return { kind: 'keep', pending: found.pending };
      case 'wrong':
        return { kind: 'refused', refusal: 'code-wrong' };
      case 'exhausted':
        return { kind: 'refused', refusal: 'code-exhausted' };
      case 'none':
        return { kind: 'refused', refusal: 'code-gone' };
    }
  }

  return { send, check };
}

const outcomes = { matched: 'right', wrong: 'wrong', exhausted: 'exhausted', none: 'expired' } as const;
