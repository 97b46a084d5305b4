/** The metrics whose values are read at each scrape: clock, jobs, imports, hashing, and the database with its outbox. */
import { setTimeout } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Outbox } from '../domain/ports/outbox.ts';

/** The state of hashing: tasks that wait, and tasks accepted since the start, by kind. */
type Hashing = { waiting(): number; turnedAway(): number; taken(): Readonly<Record<string, number>> };
/** The same for judging new passwords. */
type Judging = { waiting(): number; taken(): number };

/** What is asked. `now`: epoch ms. */
export type Readings = {
  outbox: Pick<Outbox, 'backlog'>;
  now(): number;
  hashing: Hashing;
  judging: Judging;
  /** undefined: not known yet */
  clockAheadMs(): number | undefined;
  /** the repeated jobs of this node; `succeededAt`: epoch ms, absent: not since the start */
  jobs(): { name: string; succeededAt?: number }[];
  /** by source: from how many people its last import took nothing, because of rows that do not say of whom they are */
  suspendedRemovals(): Promise<Record<string, number>>;
};

const BACKLOG_MS = 1000; // a scrape must not wait for an unreachable database

export function registerReadings(registry: Registry, readings: Readings): void {
  const { outbox, now, hashing, judging, clockAheadMs, jobs, suspendedRemovals } = readings;
  new Gauge({
    name: 'pedel_clock_ahead_seconds',
    help: 'Seconds by which the clock of this node is ahead of the database (MongoDB) or of the newest write (SQLite), negative: behind',
    registers: [registry],
    collect() {
      this.set((clockAheadMs() ?? Number.NaN) / 1000);
    },
  });
  new Gauge({
    name: 'pedel_job_last_success_timestamp_seconds',
    help: 'When each repeated job of this node last ran to its end (Unix time); absent: not since the start',
    labelNames: ['job'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, succeededAt } of jobs())
        if (succeededAt !== undefined) this.set({ job: name }, succeededAt / 1000);
    },
  });
  const withheld = new Gauge({
    name: 'pedel_import_removals_suspended',
    help: 'People from whom the last import of a source took nothing away, because of rows that do not say of whom they are',
    labelNames: ['source'],
    registers: [registry],
    async collect() {
      const asked = suspendedRemovals().catch(() => undefined);
      const known = await Promise.race([asked, setTimeout(BACKLOG_MS, undefined, { ref: false })]);
      withheld.reset();
      for (const [source, people] of Object.entries(known ?? {})) withheld.set({ source }, people);
    },
  });
  new Gauge({
    name: 'pedel_hashing_waiting',
    help: 'Passwords waiting to be hashed or checked',
    registers: [registry],
    collect() {
      this.set(hashing.waiting());
    },
  });
  new Counter({
    name: 'pedel_hashing_total',
    help: 'Passwords hashed, passwords verified (known login or not), foreign hashes wrapped',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [kind, count] of Object.entries(hashing.taken())) this.inc({ kind }, count);
    },
  });
  new Counter({
    name: 'pedel_sign_ins_turned_away_total',
    help: 'Sign-ins that were asked to come back later, before anything was read or counted, because too many passwords wait',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(hashing.turnedAway());
    },
  });
  new Gauge({
    name: 'pedel_judging_waiting',
    help: 'New passwords waiting to be judged',
    registers: [registry],
    collect() {
      this.set(judging.waiting());
    },
  });
  new Counter({
    name: 'pedel_judging_total',
    help: 'New passwords judged, sent or while typing',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(judging.taken());
    },
  });
  const answers = new Gauge({
    name: 'pedel_storage_answers',
    help: '1 = the database gave the state of the outbox within a second; 0 = it did not, and the other values are NaN',
    registers: [registry],
    collect: () => collectBacklog(),
  });
  const answerSeconds = new Gauge({
    name: 'pedel_storage_answer_seconds',
    help: 'Seconds in which the database gave the state of the outbox for this scrape; NaN: not within a second',
    registers: [registry],
    collect: () => collectBacklog(),
  });
  const items = new Gauge({
    name: 'pedel_outbox_items',
    help: 'Emails and back-channel logouts that wait, were given up, or are set aside because processes died under them',
    labelNames: ['state'],
    registers: [registry],
    collect: () => collectBacklog(),
  });
  const oldest = new Gauge({
    name: 'pedel_outbox_oldest_due_seconds',
    help: 'Seconds for which the oldest due email or logout has waited; 0 = none',
    registers: [registry],
    collect: () => collectBacklog(),
  });
  let collecting: Promise<void> | undefined;
  /** The backlog, read once per scrape for its three gauges. */
  function collectBacklog(): Promise<void> {
    collecting ??= backlog().finally(() => {
      collecting = undefined;
    });
    return collecting;
  }
  async function backlog(): Promise<void> {
    const started = performance.now();
    const asked = outbox.backlog(now()).catch(() => undefined);
    const known = await Promise.race([asked, setTimeout(BACKLOG_MS, undefined, { ref: false })]);
    answers.set(known === undefined ? 0 : 1);
    answerSeconds.set(known === undefined ? Number.NaN : (performance.now() - started) / 1000);
    items.set({ state: 'waiting' }, known?.waiting ?? Number.NaN);
    items.set({ state: 'failed' }, known?.failed ?? Number.NaN);
    items.set({ state: 'set-aside' }, known?.setAside ?? Number.NaN);
    oldest.set(known === undefined ? Number.NaN : Math.max(0, (now() - (known.oldestDueAt ?? now())) / 1000));
  }
}
