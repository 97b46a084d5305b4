/**
 * What a password costs: counted per typed login, per account and per network, so that strangers are slowed, the owner
 * is not, and nothing tells which logins exist or belong together (rules 1, 2).
 */
import type { Lane } from '../passwords/stored-hash.ts';
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
  toCount,
} from './rate-limits.ts';
import type { UnderWay, Waiting } from './under-way.ts';

export type PasswordGuess = {
  /** the login as typed, normalized: unknown ones meet the same limits */
  login: string;
  /** the id of its account, if there is one */
  account?: string;
  /** the epoch of its credentials: a reset lifts what strangers used up */
  epoch?: number;
  network: LimitedNetwork;
  /** any key of the visitor's browser, whatever it is worth: the limit of browsers only slows those who keep it */
  browser: string;
  /**
   * the id of a device cookie bound to this account and epoch: it has a counter of its own, and strangers do not slow
   * it
   */
  knownBrowser?: string;
};

/** `memory`: where tries are counted that come from far beyond the limits of their network. */
export type PasswordLimiter = Limiter & { memory: Attempts; underWay: UnderWay };

/**
 * `waiting`: as many tries as are left are being judged at this moment; ask again when one of them has ended. `judge`:
 * verify in `lane`, and then call one of the three; `opens`: false where even the right password must be answered as a
 * wrong one; `slowed`: a wrong password is answered as refused, with these seconds.
 */
export type PasswordTaken =
  | (Refused & { kind: 'refused' })
  | ({ kind: 'waiting' } & Waiting)
  | {
      kind: 'judge';
      lane: Lane;
      opens: boolean;
      slowed?: { retryAfterSeconds: number };
      /** strangers were wrong so often that no password of this account opens in an unknown browser, from now on */
      closedNow: boolean;
      /** where this try is counted, and what follows from it is to be */
      counters: Attempts;
      /**
       * Gives back what this person lost: this try, and the wrong ones before it. `opens` false: a limit was reached while
       * it was judged; it is to be answered as a wrong one, and `wrong` to be called.
       */
      right(): Promise<Right>;
      wrong(): Promise<void>;
      /** The password was not looked at (503): it costs nothing. */
      notJudged(): Promise<void>;
    };

/** `givenBack`: nothing that follows rests on it, so it may share a commit with that; it is to be waited for all the same. */
export type Right = { opens: boolean; givenBack: Promise<void> };

/** A network with so many times the logins that failed as slow it has its tries counted in memory. */
const FAR_BEYOND = 10;

/** Takes one password guess. `now`: epoch ms. */
export function takePasswordGuess(limiter: PasswordLimiter, guess: PasswordGuess, now: number): Promise<PasswordTaken> {
  const { account, knownBrowser } = guess;
  if (account === undefined || knownBrowser === undefined) return takeAsStranger(limiter, guess, now);
  return takeInKnownBrowser(limiter, `${account} ${knownBrowser}`, guess.network, now);
}

async function takeInKnownBrowser(
  limiter: PasswordLimiter,
  key: string,
  network: LimitedNetwork,
  now: number,
): Promise<PasswordTaken> {
  const { attempts } = limiter;
  const tries = counterOf('passwordInKnownBrowser', key);
  const failed: Counter = { ...tries, name: `failed ${tries.name}` };
  const held = await hold(limiter, attempts, [tries], await readAll([attempts], [tries], now), network, now);
  if (held.kind !== 'held') return held;
  return {
    kind: 'judge',
    lane: 'known',
    opens: true,
    closedNow: false,
    counters: attempts,
    right: async () =>
      opened(
        held.settle(async () => {
          const before = await readAll([attempts], [failed], now);
          await giveBackAll(attempts, [tries], now, 1 + (await takeBack(attempts, before, failed, now)));
        }),
      ),
    wrong: () => held.settle(async () => void (await count(attempts, failed, now))),
    notJudged: () => held.settle(() => giveBackAll(attempts, [tries], now)),
  };
}

async function takeAsStranger(limiter: PasswordLimiter, guess: PasswordGuess, now: number): Promise<PasswordTaken> {
  const { attempts, memory } = limiter;
  const { login, account, epoch, network, browser } = guess;
  const [group = ''] = network.groups;
  const [pair, ...widerPairs] = countersOf('passwordPerLoginAndNetwork', network, login);
  if (pair === undefined) throw new TypeError('a network has a group');
  // an unknown login is counted like an account, so that the work is the same
  const whose = account === undefined ? `login ${login}` : `${account} ${epoch ?? 0}`;
  const fromStrangers = counterOf('passwordPerAccountFromStrangers', whose);
  const ofAccount: Counter[] = [
    { ...counterOf('passwordPerAccountAndNetwork', `${whose} ${group}`), tries: 2 * pair.tries },
    fromStrangers,
  ];
  const guarded = [pair, counterOf('passwordPerLoginFromStrangers', login), ...widerPairs];
  const ofNetwork = countersOf('loginsFailedPerNetwork', network);
  const logins = [counterOf('loginsFailedPerBrowser', browser), ...ofNetwork];
  const accounts = countersOf('accountsFailedPerNetwork', network);
  // the wrong tries of this login from this network, remembered for as long as the network's counters
  const failed: Counter = { ...counterOf('loginsFailedPerNetwork', ''), name: `failed ${login} ${group}` };
  // what a login, its account and its networks have to do with each other is not to be seen in the work
  const distinct = [...logins, ...(account === undefined ? accounts.map(withoutEffect) : accounts)];

  const both = [attempts, memory];
  const seen = await readAll(both, [...guarded, ...ofAccount, ...logins, ...accounts], now);
  const isFar = ofNetwork.some((counter) => seen.of(counter) >= FAR_BEYOND * counter.tries);
  const counters = isFar ? memory : attempts;
  const held = await hold(limiter, counters, [...guarded, ...ofAccount.map(withoutEnd)], seen, network, now);
  if (held.kind !== 'held') return held;

  const spraying = seen.full(accounts);
  const silent = ofAccount.filter(({ tries }, place) => (held.counts[guarded.length + place] ?? 0) > tries);
  const crowded = seen.full(logins);
  const reached = [spraying, crowded].filter((each) => each !== undefined);
  const notJudged = () => held.settle(() => giveBackAll(counters, [...guarded, ...ofAccount], now));
  async function tellHits(): Promise<Counter[]> {
    for (const each of reached) await isFirstHit(limiter, each, network, now);
    const closing: Counter[] = [];
    for (const each of silent) {
      if (await isFirstHit({ ...limiter, attempts: counters }, each, network, now)) closing.push(each);
    }
    return closing;
  }
  const closing = await tellHits().catch(async (error: unknown) => {
    await notJudged();
    throw error;
  });
  async function giveBackAsStranger(after: Seen): Promise<void> {
    for (const place of both) {
      const lost = await takeBack(place, after, failed, now);
      const tries = lost + (place === counters ? 1 : 0);
      const others = lost === 0 ? [] : [...logins, ...accounts].map(({ name }) => ({ key: name, by: 1 }));
      const back = [...guarded, ...ofAccount].map(({ name }) => ({ key: name, by: tries }));
      if (tries > 0) await place.giveBack([...back, ...others], now);
    }
  }
  const slowing = spraying ?? crowded;
  return {
    kind: 'judge',
    lane: slowing === undefined ? 'others' : 'slowed',
    opens: spraying === undefined && silent.length === 0,
    closedNow: account !== undefined && closing.includes(fromStrangers),
    counters,
    ...(slowing === undefined ? {} : { slowed: { retryAfterSeconds: limits[slowing.limit].windowSeconds } }),
    async right() {
      const reading = readAll(both, [failed, ...accounts], now);
      // by those judged meanwhile
      const closed = (after: Seen) => spraying === undefined && after.full(accounts) !== undefined;
      const givenBack = held.settle(async () => {
        const after = await reading;
        if (!closed(after)) await giveBackAsStranger(after);
      });
      return opened(givenBack, !closed(await reading));
    },
    wrong: () =>
      held.settle(async () => {
        const times = await count(counters, failed, now);
        // a login counts once per network, with its first wrong password
        if (times === 1)
          await counters.takeAll(
            distinct.map((each) => toCount(each, now)),
            now,
          );
      }),
    notJudged,
  };
}

function opened(givenBack: Promise<void>, opens = true): Right {
  givenBack.catch(() => {}); // whoever waits for it gets the fault
  return { opens, givenBack };
}

type Seen = Awaited<ReturnType<typeof readAll>>;

/** The counts of all at once, before anything is taken: in each of the places, and together. */
async function readAll(places: Attempts[], counters: Counter[], now: number) {
  const names = counters.map(({ name }) => name);
  const counts = new Map<Attempts, Map<string, number>>();
  for (const place of places) {
    const found = await place.peek(names, now);
    counts.set(place, new Map(names.map((name, index) => [name, found[index] ?? 0])));
  }
  const inPlace = (place: Attempts, { name }: Counter) => counts.get(place)?.get(name) ?? 0;
  const of = (counter: Counter) => places.reduce((sum, place) => sum + inPlace(place, counter), 0);
  return { of, inPlace, full: (some: Counter[]) => some.find((counter) => of(counter) >= counter.tries) };
}

/** `settle`: with this it is no longer under way, whatever comes of it. */
type Held = { kind: 'held'; counts: number[]; settle<Result>(act: () => Promise<Result>): Promise<Result> };

/**
 * Takes one try of each counter, in one write, unless one of them is used up. `seen`: what all hold in all places.
 * @returns why not: `waiting` where tries that are being judged at this moment have taken the last of the first one
 */
async function hold(
  limiter: PasswordLimiter,
  counters: Attempts,
  wanted: Counter[],
  seen: Seen,
  network: LimitedNetwork,
  now: number,
): Promise<Held | Extract<PasswordTaken, { kind: 'refused' | 'waiting' }>> {
  const { underWay } = limiter;
  const [tries] = wanted;
  if (tries === undefined) throw new TypeError('there is a first counter');
  async function refused(full: Counter) {
    const waiting = full === tries ? underWay.wait(tries.name) : undefined;
    if (waiting !== undefined) return { kind: 'waiting', ...waiting } as const;
    return { kind: 'refused', ...(await refuse({ ...limiter, attempts: counters }, full, network, now)) } as const;
  }
  const elsewhere = (counter: Counter) => seen.of(counter) - seen.inPlace(counters, counter);

  const full = seen.full(wanted);
  if (full !== undefined) return refused(full);
  const end = underWay.begin(tries.name); // before it is taken: who finds it taken is to find it under way
  const asked = wanted.map((each) => ({ ...toCount(each, now), most: each.tries - elsewhere(each) }));
  const taken = await counters.takeAll(asked, now).catch((error: unknown) => {
    end();
    throw error;
  });
  if (taken !== undefined) {
    const counts = taken.map((each, place) => each + elsewhere(wanted[place] as Counter));
    return { kind: 'held', counts, settle: (act) => act().finally(end) };
  }
  end();
  const { of } = await readAll([counters], wanted, now); // others were faster
  return refused(wanted.find((each) => of(each) + elsewhere(each) >= each.tries) ?? tries);
}

/** Forgets the wrong tries that a right one makes good. @returns how many there were */
async function takeBack(attempts: Attempts, seen: Seen, failed: Counter, now: number): Promise<number> {
  return seen.inPlace(attempts, failed) === 0 ? 0 : attempts.clear(failed.name, now); // mostly nothing is to be written
}

/** A counter that nobody reads: counting there is the same work. */
const withoutEffect = (counter: Counter): Counter => ({ ...counter, name: `unknown ${counter.name}` });

/** A counter that refuses nothing: what it holds is read. */
const withoutEnd = (counter: Counter): Counter => ({ ...counter, tries: Number.POSITIVE_INFINITY });
