/** The browsers in which a person signed in to an account: which are kept, and which one the account has not seen. */
import type { Account } from './account.ts';
import type { SeenBrowser } from './browser-records.ts';

/** The one that was used longest ago goes first. */
export const MOST_BROWSERS = 20;

/** A browser that signs in. Names as in `SeenBrowser`. */
export type SigningBrowser = Pick<SeenBrowser, 'id' | 'name' | 'system' | 'handheld' | 'network'> & {
  /** `credentialsEpoch` of the last complete sign-in that its cookie proves; absent: it proves none */
  cookieEpoch?: number;
};

/**
 * Whether the person never signed in with this browser, as far as is known, or disowned it since. One that is no longer
 * kept among the 20 proves by its cookie that it signed in, unless that was before the last "this was not me".
 */
export function isNewBrowser(account: Account, { id, cookieEpoch }: SigningBrowser): boolean {
  const kept = account.browsers?.find((each) => each.id === id);
  if (kept !== undefined) return kept.disownedAt !== undefined;
  return cookieEpoch === undefined || cookieEpoch < (account.browsersDisownedBefore ?? 0);
}

/** The account with this browser kept as one that signed in at `now` (epoch ms), and that its owner knows of. */
export function withBrowser(account: Account, browser: SigningBrowser, now: number): Account {
  const { cookieEpoch: _, ...named } = browser;
  const kept = account.browsers?.find(({ id }) => id === browser.id);
  const { disownedAt: __, ...before } = kept ?? { firstAt: now };
  const others = (account.browsers ?? []).filter(({ id }) => id !== browser.id);
  const { firstAt } = before;
  return {
    ...account,
    browsers: [...others, { ...named, firstAt, lastAt: now }].slice(-MOST_BROWSERS),
  };
}

/** The tickets with room for one more link that disowns a sign-in, of which the latest ones stay. */
export function liveTickets({ tickets }: Account, now: number): Account['tickets'] {
  const live = tickets.filter(({ expiresAt }) => expiresAt > now);
  const older = live
    .filter(({ purpose, tells }) => purpose === 'not-me' && tells === undefined)
    .slice(0, 1 - MOST_BROWSERS);
  return live.filter((ticket) => !older.includes(ticket));
}

/**
 * The account with this browser disowned: its next sign-in is one of a new browser. `id` absent: it is not known which, so
 * all are. `epoch`: that of the account from now on.
 */
export function withBrowserDisowned(account: Account, id: string | undefined, epoch: number, now: number): Account {
  const browsers = (account.browsers ?? []).map((each) =>
    id === undefined || each.id === id ? { ...each, disownedAt: now } : each,
  );
  return { ...account, ...(browsers.length === 0 ? {} : { browsers }), browsersDisownedBefore: epoch };
}
