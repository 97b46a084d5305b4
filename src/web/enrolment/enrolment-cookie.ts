/** Keeps an enrolment on the account page in the person's own browser, for one session. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { isEnrolmentAlive } from '../../domain/factors/enrolment.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { type Browsers, createSealedCookie } from '../../http/sealed-cookie.ts';

const shape = z.object({
  pending: z.custom<PendingEnrolment>((value) => typeof value === 'object' && value !== null),
  /** The uid of its session. */
  sessionUid: z.string(),
});

export type EnrolmentCookie = ReturnType<typeof createEnrolmentCookie>;

export function createEnrolmentCookie(options: {
  issuer: string;
  sealer: Sealer;
  browsers: Browsers;
  now: () => number;
}) {
  const { read, write, clear } = createSealedCookie(options, 'enrolment', shape);
  return {
    /** The enrolment of this account in this session, if it has not expired. */
    read(ctx: Koa.Context, account: Account, sessionUid: string): PendingEnrolment | undefined {
      const kept = read(ctx);
      const ours = kept?.sessionUid === sessionUid && isEnrolmentAlive(account, kept.pending, options.now());
      return ours ? kept.pending : undefined;
    },
    write,
    clear,
  };
}
