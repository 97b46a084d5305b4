/**
 * What a password costs: counted per typed login, per account and per network, so that strangers are slowed, the owner
 * is not, and nothing tells which logins exist or belong together (rules 1, 2).
 */
import type { Lane } from '../passwords/password-hash.ts';
import type { Attempts } from '../ports/attempts.ts';
import { type LimitedNetwork, limits } from './limits.ts';
import {
  type Counter,
  count,
  counterOf,
  countersOf,
  giveBackAll,
  isFirstHit,
  type Limiter,
  type Refused,
  refuse,
} from './rate-limits.ts';

export type PasswordGuess = {
  /** the login as typed, normalized: unknown ones meet the same limits */
  login: string;
  /** the id of its account, if there is one */
  account?: string;
  network: LimitedNetwork;
  /** any key of the visitor's browser, whatever it is worth: the limit of browsers only slows those who keep it */
  browser: string;
  /**
   * the id of a device cookie bound to this account and epoch: it has a counter of its own, and strangers do not slow
   * it
   */
  knownBrowser?: string;
};

/**
 * `waiting`: as many tries as are left are being judged at this moment; ask again when they are. `judge`: verify in
 * `lane`, and then call one of the three; `opens`: false where even the right password must be answered as a wrong one;
 * `slowed`: a wrong password is answered as refused, with these seconds.
 */
export type PasswordTaken =
  | (Refused & { kind: 'refused' })
  | { kind: 'waiting' }
  | {
      kind: 'judge';
      lane: Lane;
      opens: boolean;
      slowed?: { retryAfterSeconds: number };
      /** Gives back what this person lost: this try, and the wrong ones before it. */
      right(): Promise<void>;
      wrong(): Promise<void>;
      /** The password was not looked at (503): it costs nothing. */
      notJudged(): Promise<void>;
    };

/** Takes one password guess. `now`: epoch ms. */
export function takePasswordGuess(limiter: Limiter, guess: PasswordGuess, now: number): Promise<PasswordTaken> {
  const { account, knownBrowser } = guess;
  if (account === undefined || knownBrowser === undefined) return takeAsStranger(limiter, guess, now);
  return takeInKnownBrowser(limiter, `${account} ${knownBrowser}`, guess.network, now);
}

async function takeInKnownBrowser(
  limiter: Limiter,
  key: string,
  network: LimitedNetwork,
  now: number,
): Promise<PasswordTaken> {
  const { attempts } = limiter;
  const tries = counterOf('passwordInKnownBrowser', key);
  const failed: Counter = { ...tries, name: `failed ${tries.name}` };
  const seen = await readAll(attempts, [tries, failed], now);
  const held = await hold(limiter, [tries], { seen, tries, failed }, network, now);
  if (held !== undefined) return held;
  return {
    kind: 'judge',
    lane: 'known',
    opens: true,
    async right() {
      await giveBackAll(attempts, [tries], now, 1 + (await takeBack(attempts, failed, now)));
    },
    wrong: async () => void (await count(attempts, failed, now)),
    notJudged: () => giveBackAll(attempts, [tries], now),
  };
}

async function takeAsStranger(limiter: Limiter, guess: PasswordGuess, now: number): Promise<PasswordTaken> {
  const { attempts } = limiter;
  const { login, account, network, browser } = guess;
  const [group = ''] = network.groups;
  const [pair, ...widerPairs] = countersOf('passwordPerLoginAndNetwork', network, login);
  if (pair === undefined) throw new TypeError('a network has a group');
  const strangers = counterOf('passwordPerLoginFromStrangers', login);
  // an unknown login is counted like an account, so that the work is the same
  const whose = account ?? `login ${login}`;
  const ofAccount: Counter[] = [
    { ...counterOf('passwordPerAccountAndNetwork', `${whose} ${group}`), tries: 2 * pair.tries },
    counterOf('passwordPerAccountFromStrangers', whose),
  ];
  const logins = [counterOf('loginsFailedPerBrowser', browser), ...countersOf('loginsFailedPerNetwork', network)];
  const accounts = countersOf('accountsFailedPerNetwork', network);
  // the wrong tries of this login from this network, remembered for as long as the network's counters
  const failed: Counter = { ...counterOf('loginsFailedPerNetwork', ''), name: `failed ${login} ${group}` };

  const guarded = [...widerPairs, pair, strangers];
  const seen = await readAll(attempts, [...guarded, ...ofAccount, ...logins, ...accounts, failed], now);
  const held = await hold(limiter, [pair, strangers], { seen, tries: pair, failed, wider: widerPairs }, network, now);
  if (held !== undefined) return held;

  const spraying = seen.full(accounts);
  const silent = seen.full(ofAccount);
  const crowded = seen.full(logins);
  for (const each of [spraying, silent, crowded]) {
    if (each !== undefined) await isFirstHit(limiter, each, network, now);
  }
  const slowing = spraying ?? crowded;
  return {
    kind: 'judge',
    lane: slowing === undefined ? 'others' : 'slowed',
    opens: spraying === undefined && silent === undefined,
    ...(slowing === undefined ? {} : { slowed: { retryAfterSeconds: limits[slowing.limit].windowSeconds } }),
    async right() {
      const lost = await takeBack(attempts, failed, now);
      await Promise.all([
        giveBackAll(attempts, [pair, strangers], now, 1 + lost),
        ...(lost === 0
          ? []
          : [
              giveBackAll(attempts, [...widerPairs, ...ofAccount], now, lost),
              giveBackAll(attempts, [...logins, ...accounts], now),
            ]),
      ]);
    },
    async wrong() {
      const times = await count(attempts, failed, now);
      // a login counts once per network, with its first wrong password
      const distinct = [...logins, ...(account === undefined ? accounts.map(withoutEffect) : accounts)];
      const counters = [...widerPairs, ...ofAccount, ...(times === 1 ? distinct : [])];
      await Promise.all(counters.map((counter) => count(attempts, counter, now)));
    },
    notJudged: () => giveBackAll(attempts, [pair, strangers], now),
  };
}

type Seen = Awaited<ReturnType<typeof readAll>>;

/** The counts of all at once, before anything is taken. */
async function readAll(attempts: Attempts, counters: Counter[], now: number) {
  const names = counters.map(({ name }) => name);
  const counts = await attempts.peek(names, now);
  const byName = new Map(names.map((name, index) => [name, counts[index] ?? 0]));
  const of = ({ name }: Counter) => byName.get(name) ?? 0;
  return { of, full: (some: Counter[]) => some.find((counter) => of(counter) >= counter.tries) };
}

/**
 * Takes one try of each counter, unless one of these or of `wider` is used up.
 * @returns why not: `waiting` where tries that are being judged at this moment have taken the last of `tries`
 */
async function hold(
  limiter: Limiter,
  counters: Counter[],
  before: { seen: Seen; tries: Counter; failed: Counter; wider?: Counter[] },
  network: LimitedNetwork,
  now: number,
): Promise<Extract<PasswordTaken, { kind: 'refused' | 'waiting' }> | undefined> {
  const { attempts } = limiter;
  const { seen, tries, failed, wider = [] } = before;
  const full = seen.full([...wider, ...counters]);
  if (full !== undefined) {
    if (full === tries && seen.of(failed) < tries.tries) return { kind: 'waiting' };
    return { kind: 'refused', ...(await refuse(limiter, full, network, now)) };
  }
  const counts = await Promise.all(counters.map((counter) => count(attempts, counter, now)));
  if (counters.every((counter, index) => (counts[index] ?? 0) <= counter.tries)) return undefined;
  await giveBackAll(attempts, counters, now); // others were faster
  return { kind: 'waiting' };
}

/** Forgets the wrong tries that a right one makes good. @returns how many there were */
async function takeBack(attempts: Attempts, failed: Counter, now: number): Promise<number> {
  const [lost = 0] = await attempts.peek([failed.name], now);
  return lost === 0 ? 0 : attempts.clear(failed.name, now); // mostly nothing is to be written
}

/** A counter that nobody reads: counting there is the same work. */
const withoutEffect = (counter: Counter): Counter => ({ ...counter, name: `unknown ${counter.name}` });
