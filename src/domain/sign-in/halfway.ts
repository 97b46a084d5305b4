/**
 * Sign-ins that stop halfway: the right password was typed in a browser that the account has not seen, and what was asked next
 * (a second step, setting one up, a new password) did not follow. The account notes it, because whoever stops there leaves no
 * other trace, and its owner is told (rule 31).
 */
import type { Account, Decision } from '../account/account.ts';
import type { HalfwaySignIn } from '../account/browser-records.ts';
import { isNewBrowser, liveTickets, type SigningBrowser } from '../account/browsers.ts';
import { addressesOf, emailTo } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import { secretEmail } from '../activation/activation.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';

/** Long enough for a person who looks for the telephone. */
export const HALFWAY_MS = 15 * 60 * 1000;

/** Of more browsers at once nothing is noted: the account stays small, and its owner hears of these. */
export const MOST_HALFWAY = 5;

const LETTER_EVERY_MS = 24 * 60 * 60 * 1000;

/**
 * Whether the rule would note it: then it costs a write. Of a browser that is noted the first time stays, so that nobody
 * puts off the letter by trying again.
 */
export function isToNote(account: Account, browser: SigningBrowser): boolean {
  const noted = account.halfway ?? [];
  return (
    isNewBrowser(account, browser) && noted.length < MOST_HALFWAY && noted.every((each) => each.browser !== browser.id)
  );
}

/** Rule: the right password was typed in a new browser, and more is asked next. `address`: of the network */
export function noteHalfway(
  account: Account,
  browser: SigningBrowser,
  { address, now }: { address: string; now: number },
): Decision<'noted' | 'known'> {
  if (!isToNote(account, browser)) return { outcome: 'known' };
  const { id, cookieEpoch: _, handheld: __, ...named } = browser;
  return {
    outcome: 'noted',
    account: { ...account, halfway: [...(account.halfway ?? []), { browser: id, ...named, address, at: now }] },
  };
}

/** The account without what is noted of this browser, or of any: it went on, or its owner is told otherwise. */
export function withoutHalfway(account: Account, browser?: string): Account {
  const { halfway, ...rest } = account;
  if (halfway === undefined) return account;
  const others = browser === undefined ? [] : halfway.filter((each) => each.browser !== browser);
  return others.length === 0 ? rest : { ...rest, halfway: others };
}

/**
 * Rule: tells of those that stopped: each has its entry, and the owner gets one letter a day at most, whose link leads to
 * "this was not me". A password that was replaced since opens nothing any more, which its owner knows.
 * @param prepared a ticket of purpose `not-me`
 */
export function tellHalfway(
  account: Account,
  prepared: PreparedTicket,
  context: { organisations: Organisation[]; now: number },
): Decision<'nothing' | 'told'> {
  const { now } = context;
  const due = (account.halfway ?? []).filter(({ at }) => at <= now - HALFWAY_MS);
  if (due.length === 0) return { outcome: 'nothing' };
  const later = (account.halfway ?? []).filter((each) => !due.includes(each));
  const { halfway: _, ...rest } = account;
  const next: Account = later.length === 0 ? rest : { ...rest, halfway: later };
  const secured = Math.max(account.password?.setAt ?? 0, account.passwordExpiredAt ?? 0);
  const stopped = due.filter(({ at }) => at >= secured);
  const [first] = stopped;
  if (first === undefined) return { outcome: 'nothing', account: next };
  const entries = stopped.map((each) => stoppedAudit(account, each, now));
  const told = account.tickets.some(({ halfway, createdAt }) => halfway && createdAt > now - LETTER_EVERY_MS);
  if (told) return { outcome: 'told', account: next, effects: entries };
  const { name = '', system = '', network = '' } = first;
  const data = { name, system, network, happened: String(first.at) };
  return {
    outcome: 'told',
    account: {
      ...next,
      tickets: [...liveTickets(next, now), { ...prepared.ticket, browser: first.browser, halfway: first }],
    },
    effects: [
      ...entries,
      ...addressesOf(account).map((to) =>
        secretEmail(emailTo(account, to, 'stopped-halfway', data, context), prepared),
      ),
    ],
  };
}

/** Of now, so that whoever follows the log misses none; when it happened is in its details. */
function stoppedAudit({ id }: Account, { at, address, name = '', system = '', browser }: HalfwaySignIn, now: number) {
  const agent = [name, system].filter((each) => each !== '').join('/');
  return {
    kind: 'audit' as const,
    entry: {
      at: now,
      action: 'sign-in.stopped-halfway' as const,
      actor: { kind: 'anonymous' as const },
      subject: id,
      network: address,
      details: { browser, at: new Date(at).toISOString(), ...(agent === '' ? {} : { agent }) },
    },
  };
}
