/** Adds a factor from the account page: enrolment under URLs of the account. */
import type Koa from 'koa';
import { z } from 'zod';
import { hasSecondFactor } from '../../domain/account/account.ts';
import { beginEnrolment, enrolmentStep, proofOfSession } from '../../domain/factors/enrolment.ts';
import { factorsOf, MAX_FACTORS, type NewFactor } from '../../domain/factors/factor.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import { isMultiFactor } from '../../domain/sign-in/acr.ts';
import { readForm } from '../../http/form.ts';
import { createEnrolment, enrolmentFields } from '../enrolment/enrolment.ts';
import { createEnrolmentCookie } from '../enrolment/enrolment-cookie.ts';
import type { EnrolmentHost, EnrolmentRefusal } from '../enrolment/enrolment-page.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';
import { ADD, CODES, hostIn, LIST } from './enrolment-host.ts';
import { createRecoveryCodes } from './recovery-codes.ts';

/** Handlers of `/account/factors/add` and `/account/recovery-codes`. */
export function createAccountEnrolment(web: Web, frame: AccountFrame) {
  const { sessions, knownBrowsers, now } = web;
  const enrolment = createEnrolment(web);
  const cookie = createEnrolmentCookie(web);

  /** The enrolment in this browser, or a new one. Undefined: a redirect is the answer. */
  function underWay(ctx: Koa.Context, visitor: Visitor): PendingEnrolment | undefined {
    const { account, session } = visitor;
    const pending = cookie.read(ctx, account, session.uid);
    if (pending !== undefined) {
      const step = enrolmentStep(pending);
      const finished = factorsOf(account).some(({ id }) => id === pending.factorId);
      // If another tab added a first factor meanwhile, that factor must be proven before this one is added.
      const stands = pending.proof === 'existing-factor' || !hasSecondFactor(account);
      if (step === 'codes') {
        frame.goTo(ctx, CODES);
        return undefined;
      }
      if (finished) {
        // The form was sent twice. The other answer may have put codes into the cookie, so only a GET clears it.
        if (ctx.method !== 'GET') frame.goTo(ctx, ADD);
        else {
          cookie.clear(ctx);
          frame.goTo(ctx, `${LIST}?done=added`);
        }
        return undefined;
      }
      if (stands) return pending;
    }
    if (factorsOf(account).length >= MAX_FACTORS) {
      frame.goTo(ctx, LIST);
      return undefined;
    }
    if (!frame.mayChangeFactors(ctx, visitor, ADD)) return undefined;
    const multiFactor = isMultiFactor(session.amr);
    return beginEnrolment(account, proofOfSession(account, { ...session, multiFactor }, now()), now());
  }

  async function showAdd(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const pending = underWay(ctx, visitor);
    if (pending !== undefined) await enrolment.show(ctx, hostIn(frame, ctx, visitor, pending, ADD));
  }

  async function add(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const fields = await readForm(ctx, z.object(enrolmentFields));
    const pending = underWay(ctx, visitor);
    if (pending === undefined) return;
    const host = hostIn(frame, ctx, visitor, pending, ADD);
    const answer = await enrolment.take(ctx, host, fields);
    switch (answer.kind) {
      case 'keep':
        cookie.write(ctx, { pending: answer.pending, sessionUid: visitor.session.uid });
        return frame.goTo(ctx, ADD);
      case 'refused':
        return enrolment.show(ctx, host, answer.refusal, fields.code);
      case 'proven':
        return store(ctx, visitor, host, answer.factor);
      default: // `later` and `kept` have no button here
        return frame.goTo(ctx, LIST);
    }
  }

  async function store(ctx: Koa.Context, visitor: Visitor, host: EnrolmentHost, factor: NewFactor): Promise<void> {
    const added = await enrolment.add(ctx, host, factor);
    if (added.kind === 'refused') return startOver(ctx, visitor, host, added.refusal);
    // The form was sent twice: keep the cookie of the other answer, and show its codes.
    if (added.repeated) return frame.goTo(ctx, ADD);
    const { session } = visitor;
    // The new factor was proven just now, in addition to the factors that opened the session.
    await sessions.renew(ctx, added.account.credentialsEpoch, [...new Set([...session.amr, ...added.amr])]);
    knownBrowsers.remember(ctx, added.account);
    if (added.pending === undefined) {
      cookie.clear(ctx);
      return frame.goTo(ctx, `${LIST}?done=added`);
    }
    cookie.write(ctx, { pending: added.pending, sessionUid: session.uid });
    frame.goTo(ctx, CODES);
  }

  /** The proof no longer allows a new factor. The next visit to the page asks for the proof that is missing. */
  function startOver(ctx: Koa.Context, visitor: Visitor, host: EnrolmentHost, refusal: EnrolmentRefusal) {
    if (refusal === 'proof-needed') cookie.clear(ctx);
    return enrolment.show(ctx, hostIn(frame, ctx, visitor, host.pending, ADD), refusal);
  }

  return {
    enrolment: { show: showAdd, submit: add },
    recoveryCodes: createRecoveryCodes(web, frame, enrolment, cookie),
  };
}
