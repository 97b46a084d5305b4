/** Where the account page keeps an enrolment under way: sealed, in the person's own browser, so that every node can go on. */
import type Koa from 'koa';
import type { Account, PendingEnrolment } from '../../domain/account/account.ts';
import { isEnrolmentAlive } from '../../domain/factors/enrolment.ts';
import { Problem } from '../../domain/problem.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';

/** `sessionUid`: the session it belongs to. */
type KeptEnrolment = { pending: PendingEnrolment; sessionUid: string };

const FIELD = 'enrolment-cookie';
const SECONDS = 60 * 60;

export function createEnrolmentCookie(options: { issuer: string; sealer: Sealer; now: () => number }) {
  const { sealer, now } = options;
  const secure = options.issuer.startsWith('https:');
  const name = secure ? '__Secure-pedel_enrolment' : 'pedel_enrolment';
  const set = (ctx: Koa.Context, value: string, maxAgeSeconds: number) =>
    ctx.append(
      'Set-Cookie',
      `${name}=${value}; Path=/account; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    );

  return {
    /** What is under way for this account in this session, if it can still be finished. */
    read(ctx: Koa.Context, account: Account, sessionUid: string): PendingEnrolment | undefined {
      const sealed = ctx.cookies.get(name);
      if (sealed === undefined || sealed === '') return undefined;
      try {
        const kept = JSON.parse(sealer.open(sealed, account.id, FIELD)) as KeptEnrolment;
        const ours = kept.sessionUid === sessionUid;
        return ours && isEnrolmentAlive(account, kept.pending, now()) ? kept.pending : undefined;
      } catch (error) {
        if (error instanceof Problem) return undefined; // another account's, or tampered with
        throw error;
      }
    },
    write(ctx: Koa.Context, account: Account, kept: KeptEnrolment): void {
      set(ctx, sealer.seal(JSON.stringify(kept), account.id, FIELD), SECONDS);
    },
    clear(ctx: Koa.Context): void {
      set(ctx, '', 0);
    },
  };
}
