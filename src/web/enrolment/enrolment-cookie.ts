/** Where the account page keeps an enrolment under way: in the person's own browser, for one session. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account, PendingEnrolment } from '../../domain/account/account.ts';
import { isEnrolmentAlive } from '../../domain/factors/enrolment.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';

const shape = z.object({
  pending: z.custom<PendingEnrolment>((value) => typeof value === 'object' && value !== null),
  /** the session it belongs to */
  sessionUid: z.string(),
});

export type EnrolmentCookie = ReturnType<typeof createEnrolmentCookie>;

export function createEnrolmentCookie(options: { issuer: string; sealer: Sealer; now: () => number }) {
  const { read, write, clear } = createSealedCookie(options, 'enrolment', shape);
  return {
    /** What is under way for this account in this session, if it can still be finished. */
    read(ctx: Koa.Context, account: Account, sessionUid: string): PendingEnrolment | undefined {
      const kept = read(ctx);
      const ours = kept?.sessionUid === sessionUid && isEnrolmentAlive(account, kept.pending, options.now());
      return ours ? kept.pending : undefined;
    },
    write,
    clear,
  };
}
