/** Enrols a first second factor during a sign-in that requires one (rule 7). */
import type Koa from 'koa';
import type { Organisation } from '../../domain/account/organisation.ts';
import { beginEnrolment, isEnrolmentAlive, proofOfSession } from '../../domain/factors/enrolment.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import { isMultiFactor } from '../../domain/sign-in/acr.ts';
import { languageOf } from '../../http/language.ts';
import { createEnrolment } from '../enrolment/enrolment.ts';
import type { EnrolmentHost } from '../enrolment/enrolment-page.ts';
import type { Web } from '../web.ts';
import { reasonsOf } from './flow.ts';
import { enrolsByPass } from './lost-factor.ts';
import { codesAreDue, type Flow, type Proven, type SignIn, type SignInForm } from './sign-in-state.ts';
import { namesIn, whyEnrol } from './why.ts';

export function createEnrol(web: Web, flow: Flow) {
  const enrolment = createEnrolment(web);

  function hostOf(ctx: Koa.Context, signIn: SignIn, sessionUid?: string): EnrolmentHost {
    const { account, next } = signIn;
    if (account === undefined) throw new TypeError('a factor is set up for an account');
    const names = namesIn(signIn, languageOf(ctx));
    const why = next.step === 'enrol' ? whyEnrol[next.because] : undefined;
    const t = web.pages.t(ctx);
    const label = t('signIn.back_to', { application: names.application });
    const isOffered = next.step === 'enrol' && next.because === 'offered';
    return {
      account,
      pending: pendingOf(signIn),
      path: ctx.path,
      organisation: signIn.organisation as Organisation,
      later: isOffered,
      ...(sessionUid === undefined ? {} : { sessionUid }),
      // While codes are shown, the factor exists already. The page offers no way around keeping them.
      page: {
        postMayLeave: true,
        because: why === undefined ? undefined : t(why, names),
        ...(isOffered || codesAreDue(signIn.pending.enrolment) ? {} : { cancel: { path: ctx.path, label } }),
      },
    };
  }

  /**
   * The enrolment kept in the interaction, or a new one, which starts with a mailed code unless the session proves
   * enough.
   */
  function pendingOf({ account, pending, interaction }: SignIn): PendingEnrolment {
    const kept = pending.enrolment;
    const now = web.now();
    if (account === undefined) throw new TypeError('a factor is set up for an account');
    if (kept !== undefined && isEnrolmentAlive(account, kept, now)) return kept;
    const { session } = interaction;
    const steppingUp = session?.accountId === account.id && pending.proven === undefined;
    const proof = steppingUp
      ? proofOfSession(account, { ...session, multiFactor: isMultiFactor(session.amr) }, now)
      : undefined;
    return beginEnrolment(account, proof, now);
  }

  return {
    show: (ctx: Koa.Context, signIn: SignIn) => enrolment.show(ctx, hostOf(ctx, signIn)),

    async submit(ctx: Koa.Context, signIn: SignIn, form: SignInForm) {
      const session = await web.sessions.current(ctx);
      // This person's session in this browser stays when a first factor raises the epoch.
      const byPass = enrolsByPass(signIn, web.now());
      // a pass gives nothing but the factor: also this session ends with the epoch, and the factor is asked next (rule 9)
      const own = session?.accountId === signIn.account?.id && !byPass ? session : undefined;
      const host = hostOf(ctx, signIn, own?.uid);
      const answer = await enrolment.take(ctx, host, form);
      switch (answer.kind) {
        case 'keep':
          await flow.keep(signIn, { ...signIn.pending, enrolment: answer.pending });
          return flow.goOn(ctx);
        case 'refused':
          return enrolment.show(ctx, host, answer.refusal, form.code);
        case 'later':
          return finish(ctx, signIn, true);
        case 'proven': {
          const added = await enrolment.add(ctx, host, answer.factor);
          if (added.kind === 'refused') return enrolment.show(ctx, host, added.refusal);
          // The form was sent twice: the other answer keeps what was proven, and the codes to show.
          if (added.repeated) return flow.goOn(ctx);
          if (own !== undefined) {
            await web.sessions.renew(ctx, added.account.credentialsEpoch, [...new Set([...own.amr, ...added.amr])]);
          }
          const { enrolment: _, ...pending } = signIn.pending;
          const { amr, authTime } = signIn;
          const proven: Proven = {
            accountId: added.account.id,
            epoch: added.account.credentialsEpoch,
            amr: byPass ? amr : [...new Set([...amr, ...added.amr])],
            at: web.now(),
            asked: reasonsOf(signIn),
            ...(authTime === undefined ? {} : { authTime }),
          };
          const codes = added.pending === undefined ? {} : { enrolment: added.pending };
          await flow.keep(signIn, { ...pending, proven, ...codes });
          if (added.pending !== undefined || byPass) return flow.goOn(ctx);
          return finish(ctx, { ...signIn, amr: proven.amr, account: added.account });
        }
        case 'kept': {
          if (!byPass) return finish(ctx, signIn);
          const { enrolment: _, ...pending } = signIn.pending;
          await flow.keep(signIn, pending);
          return flow.goOn(ctx);
        }
      }
    },
  };

  async function finish(ctx: Koa.Context, signIn: SignIn, declined = false): Promise<void> {
    const { account, amr } = signIn;
    if (account === undefined) throw new TypeError('a factor is set up for an account');
    const refused = await flow.accept(ctx, signIn, account, amr, { kind: 'none' }, declined);
    if (refused !== undefined) flow.goOn(ctx);
  }
}
