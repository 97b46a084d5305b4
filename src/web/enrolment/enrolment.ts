/**
 * Enrols a second factor in steps that any flow shows under its own URL (journey B.3, rules 6 and 7).
 *
 * To embed it, keep a `PendingEnrolment` where your flow keeps its state (ticket.pending.enrolment, the interaction's
 * pending, a sealed cookie). Never keep it in memory. It alone decides the step that your page shows:
 *
 *   const enrolment = createEnrolment(web);
 *   begin   pending = beginEnrolment(account, proof, now)    // src/domain/factors/enrolment.ts; `proof`:
 *             'activation'       your ticket proves enough (activation with a required factor)
 *             proofOfSession(…)  what the session proves
 *             undefined          sign-in after the password, without a factor: a code is mailed first (rule 7)
 *   GET     await enrolment.show(ctx, host)                  // the current step, with its own heading
 *   POST    const fields = await readForm(ctx, z.object({ ...enrolmentFields, …yours }))
 *           const answer = await enrolment.take(ctx, host, fields)
 *             'keep'     store answer.pending, 303 to your own URL
 *             'refused'  await enrolment.show(ctx, host, answer.refusal, fields.code)   (422, or 429 with its sentence)
 *             'later'    only if host.later: continue without a factor
 *             'proven'   the person holds the factor. For an active account:
 *                          const added = await enrolment.add(ctx, host, answer.factor)
 *                            'added'    keep added.pending and 303 to your URL, which shows the recovery codes. If it is
 *                                       undefined, there is nothing to show: continue. added.amr joins `pwd`.
 *                                       `repeated`: the form was sent twice and the other request won. Do not overwrite
 *                                       the state that its answer kept (303 to your URL; if that state still is this
 *                                       enrolment, continue).
 *                            'refused'  show(ctx, host, added.refusal)
 *                        For an activation: in the write that spends the ticket and sets the password, call
 *                          withFactor(account, answer.factor), withRecoveryCodes(…, codes.stored) and
 *                          factorAddedEffects(…) (src/domain/factors/factor.ts; codes = enrolment.newCodes(account), made before);
 *                          after sessions.start keep enrolment.codesOf(account, codes.sealedCodes): its page shows them.
 *             'kept'     the person has kept the codes: finish (drop the pending enrolment)
 *
 * Buttons (`action`): send-code verify choose-totp choose-passkey choose-again enrol later kept. Fields: code, passkey.
 */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import {
  addFactor,
  amrOfNewFactor,
  chooseAgain,
  choosePasskey,
  chooseTotp,
  enrolmentStep,
  sealedRecoveryCodes,
} from '../../domain/factors/enrolment.ts';
import type { NewFactor } from '../../domain/factors/factor.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import { Problem } from '../../domain/problem.ts';
import { text, trimmed } from '../../http/form.ts';
import type { Web } from '../web.ts';
import type { EnrolmentAnswer } from './enrolment-answer.ts';
import { createEnrolmentPage, type EnrolmentHost, type EnrolmentRefusal } from './enrolment-page.ts';
import { createMailedCode } from './mailed-code.ts';
import { createFactorProof } from './prove-factor.ts';

/** Add these to the schema of the form that embeds the enrolment. */
export const enrolmentFields = { action: trimmed(40), code: trimmed(100), passkey: text(20_000) };
export type EnrolmentFields = { action: string; code: string; passkey: string };

export type AddedFactor =
  | { kind: 'added'; account: Account; amr: string[]; pending: PendingEnrolment | undefined; repeated: boolean }
  | { kind: 'refused'; refusal: EnrolmentRefusal };

export type Enrolment = ReturnType<typeof createEnrolment>;

export function createEnrolment(web: Web) {
  const { sealer, now, randomBytes } = web;
  const mailedCode = createMailedCode(web);
  const proof = createFactorProof(web);
  /** Shows the current step; with a refusal, the same step with its fault and what was typed. */
  const { show } = createEnrolmentPage(web);

  /** Says what a posted form means. It stores only mailed and tried codes: the host stores the rest. */
  async function take(ctx: Koa.Context, host: EnrolmentHost, fields: EnrolmentFields): Promise<EnrolmentAnswer> {
    const { account, pending } = host;
    const step = enrolmentStep(pending);
    const { action } = fields;
    if (action === 'later' && host.later) return { kind: 'later' };
    if (step === 'codes') return action === 'kept' ? { kind: 'kept' } : { kind: 'keep', pending };
    if (step === 'send-code' || step === 'verify') {
      if (action === 'send-code') return mailedCode.send(ctx, host);
      if (action === 'verify') return mailedCode.check(ctx, host, fields.code);
      return { kind: 'keep', pending };
    }
    if (action === 'choose-totp') return { kind: 'keep', pending: chooseTotp(account, pending, sealer, randomBytes) };
    if (action === 'choose-passkey') return { kind: 'keep', pending: choosePasskey(pending, randomBytes) };
    if (action === 'choose-again') return { kind: 'keep', pending: chooseAgain(pending) };
    if (action !== 'enrol' || step === 'choose') return { kind: 'keep', pending };
    return step === 'totp' ? proof.totp(ctx, host, fields.code) : proof.passkey(ctx, host, fields.passkey);
  }

  /**
   * Adds a proven factor to an active account, with its first recovery codes, in one write.
   * @throws what `web.update` throws, except `login_taken`: that is a refusal
   */
  async function add(ctx: Koa.Context, host: EnrolmentHost, factor: NewFactor): Promise<AddedFactor> {
    const codes = newCodes(host.account);
    const acting = web.acting(ctx, host.sessionUid);
    try {
      const { outcome, account } = await web.update(host.account.id, (read) =>
        addFactor(read, factor, host.pending, codes, acting),
      );
      if (outcome.kind === 'refused') return { kind: 'refused', refusal: outcome.reason };
      const amr = amrOfNewFactor(factor);
      const repeated = outcome.kind === 'already-added';
      const codesStored = outcome.kind === 'added' && outcome.codesStored;
      return {
        kind: 'added',
        account,
        amr,
        pending: codesStored ? codesOf(account, codes.sealedCodes) : undefined,
        repeated,
      };
    } catch (error) {
      // Another account of the association has this passkey. Only the database knows that.
      if (error instanceof Problem && error.code === 'login_taken') return { kind: 'refused', refusal: 'taken' };
      throw error;
    }
  }

  /**
   * Ten codes. `stored` goes into the account; `sealedCodes` shows them until the person confirms that they are kept.
   */
  function newCodes(account: Account) {
    return sealedRecoveryCodes(account, sealer, now(), randomBytes);
  }

  function codesOf(account: Account, sealedCodes: string): PendingEnrolment {
    return { sealedCodes, accountId: account.id, epoch: account.credentialsEpoch, since: now() };
  }

  return { show, take, add, newCodes, codesOf };
}
