/** Records what the server acknowledged, what is in doubt, and which promises were broken. */
import type { Browser } from './browser.ts';

export type Violation = {
  at: string;
  kind: string;
  person: string;
  message: string;
  /** what this person did before, oldest first */
  history: string[];
};
export type Outcome = 'acknowledged' | 'in doubt' | 'refused';

/** How often something happened for certain, and how often it may have happened besides. */
export type Times = { certain: number; perhaps: number };

export type Token = {
  client: string;
  access: string;
  accessUntil: number;
  refresh: string | undefined;
  /** `offline_access`: outlives the session */
  offline: boolean;
  state: 'lives' | 'ended' | 'perhaps';
};

export type Session = {
  browser: Browser;
  /** `lost`: it may still be valid, but its cookie is lost */
  state: 'open' | 'ended' | 'perhaps' | 'lost';
  /** applications that were told of this session: by client_id, as in the ID token */
  joined: Map<string, { sid: string; idToken: string }>;
  tokens: Token[];
  openedAt: number;
};

/** Something that was used up and must never be taken again. */
export type Spent =
  | { kind: 'activation link' | 'reset link'; link: string; at: number }
  | { kind: 'authorization code'; client: string; code: string; verifier: string; at: number }
  | { kind: 'recovery code'; code: string; at: number };

export type Person = {
  number: string;
  email: string;
  personalEmail: string;
  organisation: 'kuleuven' | 'vives' | 'alum';
  /** `perhaps`: the last step of the activation had no answer */
  state: 'invited' | 'active' | 'perhaps';
  /** the one that works; while `doubts` is not empty, perhaps one of those instead */
  password: string;
  doubts: string[];
  /** the session in which the one in doubt was asked for: it is spared, but its cookie is lost */
  askedIn?: Session;
  /** replaced for certain */
  former: string[];
  /** the seed of the authenticator application; `perhaps` as long as the write that enrolled it had no answer */
  seed: string | undefined;
  lastStep: number;
  recoveryCodes: string[];
  sessions: Session[];
  consent: 'given' | 'none' | 'perhaps';
  spent: Spent[];
  /** what must be found at the end, by name: `letter reset`, `audit password.changed` … */
  owed: Map<string, Times>;
  /** a letter that was asked for: the person goes on when it is there */
  waiting: { for: 'activation-code' | 'reset'; since: number; letters: number } | undefined;
  mailsAsked: number;
  /** failed attempts that the rate limits count; a person near the limit makes no more */
  wrongPasswords: number;
  wrongFactors: number;
  /** nothing of this person's is under way any more from then on (epoch ms) */
  settlesAt: number;
  /** takes part no more: the answer that the database itself spoilt */
  retired: string | undefined;
  busy: boolean;
};

export type Ledger = ReturnType<typeof openLedger>;

export function openLedger(seed: number, log: (line: string) => void) {
  let startedAt = Date.now();
  const histories = new Map<string, string[]>();
  const violations: Violation[] = [];
  const acts = new Map<string, Record<Outcome, number>>();
  const taken = new Map<string, string>();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(1);
  const logoutsOwed: { person: string; client: string; sid: string; since: string }[] = [];
  let answered = Promise.withResolvers<void>();
  let lastSuccessAt = startedAt;
  let longestWithout = { ms: 0, from: '0.0' };

  function violation(kind: string, person: string, message: string): void {
    const history = [...(histories.get(person) ?? [])];
    violations.push({ at: `${new Date().toISOString()} (${seconds()} s)`, kind, person, message, history });
    log(`VIOLATION ${kind}: ${person}: ${message} (${seconds()} s, seed ${seed})`);
  }

  return {
    seed,
    startedAt: () => startedAt,
    /** From now on: what came before was preparation. */
    begin(): void {
      startedAt = Date.now();
      lastSuccessAt = startedAt;
    },
    violations,
    /** for who has to find out what led to a violation */
    note(person: string, what: string): void {
      histories.set(person, [...(histories.get(person) ?? []), `${seconds()} s ${what}`]);
    },
    acts,
    logoutsOwed,
    seconds,
    violation,
    count(act: string, outcome: Outcome): void {
      const row = acts.get(act) ?? { acknowledged: 0, 'in doubt': 0, refused: 0 };
      row[outcome] += 1;
      acts.set(act, row);
      if (outcome !== 'acknowledged') return;
      answered.resolve();
      answered = Promise.withResolvers();
    },
    /** Resolves at the moment in which an action is acknowledged: the worst moment to lose it. */
    nextAnswer: () => answered.promise,
    /** Something that may be accepted once was accepted, here. */
    accepted(kind: Spent['kind'] | 'TOTP step', what: string, person: string, where: string): void {
      const before = taken.get(`${kind} ${what}`);
      if (before === undefined) taken.set(`${kind} ${what}`, `${where} at ${seconds()} s`);
      else violation(`${kind} accepted twice`, person, `${where}, after ${before}`);
    },
    wasAccepted: (kind: Spent['kind'] | 'TOTP step', what: string) => taken.has(`${kind} ${what}`),
    /** A request or a probe was served. */
    success(at = Date.now()): void {
      const ms = at - lastSuccessAt;
      if (ms > longestWithout.ms) longestWithout = { ms, from: ((lastSuccessAt - startedAt) / 1000).toFixed(1) };
      lastSuccessAt = Math.max(at, lastSuccessAt);
    },
    longestWithoutSuccess: () => longestWithout,
  };
}

export function owe(person: Person, what: string, outcome: keyof Times, times = 1): void {
  const row = person.owed.get(what) ?? { certain: 0, perhaps: 0 };
  row[outcome] += times;
  person.owed.set(what, row);
}

/** Everything that a rise of the epoch ends; `kept` is the session in which it was asked for. */
export function endAll(person: Person, state: 'ended' | 'perhaps', kept?: Session): void {
  for (const session of person.sessions) {
    if (session !== kept && session.state !== 'ended') session.state = state;
    for (const token of session.tokens) if (token.state !== 'ended') token.state = state;
  }
}

/** What must be told once a session has ended for certain. */
export function oweLogouts(ledger: Ledger, person: Person, session: Session, listening: readonly string[]): void {
  for (const [client, { sid }] of session.joined)
    if (listening.includes(client))
      ledger.logoutsOwed.push({ person: person.number, client, sid, since: ledger.seconds() });
}

/** It works; whatever else it might have been was replaced by it or never was. */
export function setPassword(person: Person, password: string): void {
  const replaced = [person.password, ...person.doubts].filter((each) => each !== password && each !== '');
  person.former.push(...replaced);
  person.password = password;
  person.doubts = [];
}
