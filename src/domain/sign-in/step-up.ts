/** The step-up: whether a session has proven lately enough who holds it, for an act that asks for it once more. */
import { type Account, hasSecondFactor } from '../account/account.ts';
import { isMultiFactor } from './acr.ts';

/** How long a sign-in stays recent enough, everywhere, in seconds. */
export const STEP_UP_SECONDS = 300;

/** Whether a sign-in at `authTime` (epoch seconds) is recent enough at `now` (epoch ms). */
export function isRecent(authTime: number, now: number): boolean {
  return now / 1000 - authTime <= STEP_UP_SECONDS;
}

/**
 * Whether the person has just signed in, with the second factor where there is one: what knows only the password, or
 * found an open session, is not enough.
 * @param session `amr` as in RFC 8176, `authTime` in epoch seconds
 * @param now epoch ms
 */
export function isSteppedUp(account: Account, session: { amr: string[]; authTime: number }, now: number): boolean {
  return isRecent(session.authTime, now) && (!hasSecondFactor(account) || isMultiFactor(session.amr));
}
