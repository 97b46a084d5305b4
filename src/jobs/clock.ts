/**
 * Watches the clock of this node: one that is far ahead sees living records as expired, so it must not end or delete
 * any.
 */
import type { AuditLog } from '../domain/ports/audit-log.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Values } from '../domain/ports/values.ts';
import type { JobLog } from './log.ts';

/** More than clocks that NTP keeps differ. */
const APART_MS = 60_000;
/**
 * A backend without a clock cannot tell a clock that jumped from a time in which nothing ran. So after a gap of this
 * length nothing is ended for as long again: an operator has that time to notice.
 */
const GAP_MS = 24 * 3600 * 1000;
const STORED_EVERY_MS = 60_000;
/** Epoch ms: the time of a node whose clock was right. */
const CLOCK = 'clock';

export type ClockState =
  /** not compared yet */
  | 'unknown'
  | 'right'
  /** ahead of the clock of the database */
  | 'ahead'
  /** behind the clock of the database, or set back */
  | 'behind'
  /** far ahead of the newest write: it jumped, or nothing ran for long */
  | 'doubtful';

export type Clock = {
  /** Compares the clocks. @throws what the storage throws; the state then stays */
  check(): Promise<void>;
  state(): ClockState;
  /** Milliseconds ahead at the last comparison, negative: behind; undefined: there was none. */
  aheadMs(): number | undefined;
  /** What an operator should know; undefined: nothing. */
  notice(): string | undefined;
  /** Whether what has expired may be deleted, and what is over ended. */
  mayEnd(): boolean;
  /** Whether this node may take work under a lease: one whose clock is ahead takes it from nodes that are at it. */
  mayLease(): boolean;
};

export type ClockDeps = {
  storage: Pick<Storage, 'clock'> & { values: Pick<Values, 'get' | 'replace'>; auditLog: Pick<AuditLog, 'page'> };
  /** Epoch ms. */
  now: () => number;
  /** Milliseconds on a monotonic clock. */
  elapsed: () => number;
  log: JobLog;
};

/** Not compared yet. Each change of state is logged. */
export function watchClock({ storage, now, elapsed, log }: ClockDeps): Clock {
  let state: ClockState = 'unknown';
  let ahead: number | undefined;
  /** A time that was right, and when that was on the monotonic clock. */
  let known: { time: number; at: number } | undefined;
  let storedAt = Number.NEGATIVE_INFINITY;
  let doubtfulSince: number | undefined;

  async function compare(): Promise<ClockState> {
    const before = now();
    const there = await storage.clock();
    if (there === undefined) return compareWithWrites();
    const uncertain = (now() - before) / 2; // where in this span the database looked at its clock
    ahead = Math.round(before + uncertain - there);
    if (ahead > APART_MS + uncertain) return 'ahead';
    return ahead < -APART_MS - uncertain ? 'behind' : 'right';
  }

  async function compareWithWrites(): Promise<ClockState> {
    if (known === undefined) {
      const time = await newestWrite();
      if (time !== undefined) known = { time, at: elapsed() };
    }
    const time = now();
    ahead = known === undefined ? 0 : Math.round(time - known.time - (elapsed() - known.at));
    if (ahead > GAP_MS) {
      doubtfulSince ??= elapsed();
      if (elapsed() - doubtfulSince < GAP_MS) return 'doubtful';
    }
    const verdict = ahead < -APART_MS ? 'behind' : 'right';
    doubtfulSince = undefined;
    known = { time, at: elapsed() };
    if (elapsed() - storedAt >= STORED_EVERY_MS) {
      await storage.values.replace(CLOCK, String(time), await storage.values.get(CLOCK));
      storedAt = elapsed();
    }
    return verdict;
  }

  async function newestWrite(): Promise<number | undefined> {
    const stored = await storage.values.get(CLOCK);
    if (stored !== undefined) return Number(stored);
    return (await storage.auditLog.page({}, undefined, 1))[0]?.at; // of an earlier version, or none
  }

  const notice = () => {
    const seconds = Math.abs(Math.round((ahead ?? 0) / 1000));
    switch (state) {
      case 'ahead':
        return `the clock of this node is ${seconds} s ahead of the database's: it ends, deletes and delivers nothing`;
      case 'behind':
        return `the clock of this node is ${seconds} s behind, or was set back`;
      case 'doubtful':
        return `the clock of this node is ${seconds} s after the newest write: it ends and deletes nothing for a day, in case the clock is wrong`;
      default:
        return undefined;
    }
  };

  return {
    async check() {
      const before = state;
      state = await compare();
      const said = notice();
      if (state === before) return;
      if (said !== undefined) log.error({ clock: state, aheadMs: ahead }, said);
      else if (before !== 'unknown')
        log.info({ clock: state, aheadMs: ahead }, 'the clock of this node is taken as right again');
    },
    state: () => state,
    aheadMs: () => ahead,
    notice,
    mayEnd: () => state === 'right' || state === 'behind',
    mayLease: () => state !== 'ahead' && state !== 'unknown',
  };
}
