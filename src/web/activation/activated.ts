/** What follows the activating write: a session, recovery codes or an offered second factor, links to applications. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { beginEnrolment, enrolmentStep } from '../../domain/factors/enrolment.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import { goTo } from '../../http/go-to.ts';
import type { SealedCookie } from '../../http/sealed-cookie.ts';
import type { Enrolment, EnrolmentFields } from '../enrolment/enrolment.ts';
import type { EnrolmentHost } from '../enrolment/enrolment-page.ts';
import { brandingOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';

export const PATH = '/activate';

/** What the browser keeps during an activation: first the ticket, then what is left to show. */
export const proofShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ticket'), accountId: z.string(), ticketId: z.string() }),
  z.object({
    kind: z.literal('done'),
    accountId: z.string(),
    /** An offered second factor, or recovery codes until the person confirms that they are kept. */
    enrolment: z.custom<PendingEnrolment>((value) => typeof value === 'object').optional(),
    /** URL of an application's authorization request that waits for this activation. */
    resume: z.string().optional(),
  }),
]);
export type Done = Extract<z.output<typeof proofShape>, { kind: 'done' }>;

export function createActivated(web: Web, proofs: SealedCookie<typeof proofShape>, enrolment: Enrolment) {
  const { pages, sessions } = web;

  /** Signs in with the proven factors right after the activating write. `sealedCodes`: recovery codes to show once. */
  async function begin(ctx: Koa.Context, account: Account, amr: string[], sealedCodes?: string): Promise<void> {
    const pending =
      sealedCodes === undefined
        ? beginEnrolment(account, 'activation-session', web.now())
        : enrolment.codesOf(account, sealedCodes);
    const { id: accountId, credentialsEpoch: epoch, activatedAt } = account;
    // Only this session carries `activatedAt`. With it, a first factor needs no mailed code (rule 7).
    const opened = { accountId, amr, epoch, ...(activatedAt === undefined ? {} : { activatedAt }) };
    // where no application waits, somebody with a role goes on to the console
    const resume = (await sessions.start(ctx, opened)) ?? (account.roles.length > 0 ? '/admin' : undefined);
    web.knownBrowsers.remember(ctx, account);
    proofs.write(ctx, doneWith({ kind: 'done', accountId, resume }, pending));
    goOn(ctx);
  }

  /** Undefined if this browser is not, or no longer, signed in as that person. Then it must see nothing. */
  async function visit(ctx: Koa.Context, done: Done) {
    const { accountId, enrolment: pending } = done;
    const session = await sessions.current(ctx);
    if (session?.accountId !== accountId) return undefined;
    const account = await web.accounts.findById(accountId);
    if (account === undefined) return undefined;
    const branding = brandingOf(web, ctx, account);
    // In this browser, a later session sets up its first factor only after a mailed code (rule 7).
    const entitled =
      pending !== undefined &&
      (enrolmentStep(pending) === 'codes' ||
        (session.activatedAt === account.activatedAt && pending.epoch === account.credentialsEpoch));
    // The last of these forms redirects to the waiting application.
    const postMayLeave = done.resume !== undefined;
    const host = entitled ? hostOf(web, ctx, account, pending, { uid: session.uid, postMayLeave }) : undefined;
    return { account, ...branding, host };
  }

  return {
    begin,

    /** @returns whether there was something to show */
    async show(ctx: Koa.Context, done: Done): Promise<boolean> {
      const visitor = await visit(ctx, done);
      if (visitor === undefined) return false;
      if (visitor.host !== undefined) {
        await enrolment.show(ctx, visitor.host);
        return true;
      }
      if (done.resume !== undefined) {
        // Resume only once. A later visit to this URL shows that the account is active.
        proofs.write(ctx, { kind: 'done', accountId: done.accountId });
        goTo(ctx, done.resume);
        return true;
      }
      const { number, organisation, account } = visitor;
      const applications = (await web.applications?.(account)) ?? [];
      const data = { number, hasAddress: account.emails.length > 0, applications };
      await pages.render(ctx, 'activation/done', data, { title: pages.t(ctx)('activation.done_title'), organisation });
      return true;
    },

    async submit(ctx: Koa.Context, done: Done, fields: EnrolmentFields): Promise<void> {
      const visitor = await visit(ctx, done);
      if (visitor?.host === undefined) return goOn(ctx);
      const { host } = visitor;
      const answer = await enrolment.take(ctx, host, fields);
      switch (answer.kind) {
        case 'refused':
          return enrolment.show(ctx, host, answer.refusal, fields.code);
        case 'keep':
          proofs.write(ctx, doneWith(done, answer.pending));
          return goOn(ctx);
        case 'later':
        case 'kept':
          proofs.write(ctx, doneWith(done, undefined));
          return goOn(ctx);
        case 'proven': {
          const added = await enrolment.add(ctx, host, answer.factor);
          if (added.kind === 'refused') return enrolment.show(ctx, host, added.refusal);
          // The form was sent twice: the other answer keeps the codes to show.
          if (added.repeated) return goOn(ctx);
          // Both factors were proven here one after the other. The request that waits is told of both.
          await sessions.renew(ctx, added.account.credentialsEpoch, ['pwd', ...added.amr]);
          web.knownBrowsers.remember(ctx, added.account);
          const resume = (await sessions.resume(ctx)) ?? done.resume;
          proofs.write(ctx, doneWith({ ...done, resume }, added.pending));
          return goOn(ctx);
        }
      }
    },
  };
}

/** The host for an enrolment on the pages of an activation. */
function hostOf(
  web: Web,
  ctx: Koa.Context,
  account: Account,
  pending: PendingEnrolment,
  session: { uid: string; postMayLeave: boolean },
): EnrolmentHost {
  const { organisation } = brandingOf(web, ctx, account);
  const now = enrolmentStep(pending) === 'codes' ? 3 : 2;
  const page = { steps: { now, names: stepNames(web, ctx) }, postMayLeave: session.postMayLeave };
  return { account, pending, path: PATH, organisation, later: true, page, sessionUid: session.uid };
}

/** The state to keep, without absent members. */
function doneWith({ enrolment: _, resume, ...rest }: Done, pending: PendingEnrolment | undefined): Done {
  return {
    ...rest,
    ...(pending === undefined ? {} : { enrolment: pending }),
    ...(resume === undefined ? {} : { resume }),
  };
}

/** The steps that an activation shows at the top of its pages. */
export function stepNames(web: Web, ctx: Koa.Context): string[] {
  const t = web.pages.t(ctx);
  return [t('activation.step_password'), t('activation.step_factor'), t('activation.step_codes')];
}

/** Redirects to `/activate`, which shows the next step. */
export function goOn(ctx: Koa.Context): void {
  goTo(ctx, PATH);
}
