/** The report of a run, for people and as JSON. */
import { quantile } from '../support/statistics.ts';
import type { EventKind, Recovery } from './events.ts';
import type { Reckoning } from './final.ts';
import type { Ledger, Outcome, Violation } from './ledger.ts';

export type Report = {
  seed: number;
  storage: 'sqlite' | 'mongodb';
  nodes: number;
  seconds: number;
  acts: Record<string, Record<Outcome, number>>;
  events: Record<
    string,
    {
      times: number;
      /** ms until the balancer served a request */
      recovery: { median: number; worst: number };
      /** ms until the node that was hit could serve */
      node?: { median: number; worst: number };
    }
  >;
  longestWithoutSuccess: { ms: number; from: string };
  leftForTheDrain: number;
  /** people who took part no more, because the database itself spoilt an answer (see world.ts) */
  retired: string[];
  reckoning: Reckoning;
  violations: Violation[];
};

/** as text; all of it is in the JSON */
const HISTORY_SHOWN = 25;

export function reportOf(
  ledger: Ledger,
  about: Pick<Report, 'storage' | 'nodes' | 'leftForTheDrain' | 'retired' | 'reckoning'> & { recoveries: Recovery[] },
): Report {
  const { recoveries, ...rest } = about;
  const kinds = [...new Set(recoveries.map(({ kind }) => kind))];
  return {
    seed: ledger.seed,
    ...rest,
    seconds: Math.round((Date.now() - ledger.startedAt()) / 1000),
    acts: Object.fromEntries([...ledger.acts].sort(([a], [b]) => a.localeCompare(b))),
    events: Object.fromEntries(kinds.map((kind) => [kind, eventsOf(kind, recoveries)])),
    longestWithoutSuccess: ledger.longestWithoutSuccess(),
    violations: ledger.violations,
  };
}

function eventsOf(kind: EventKind, recoveries: Recovery[]) {
  const ofKind = recoveries.filter((each) => each.kind === kind);
  const node = ofKind.flatMap(({ throughNode }) => (throughNode === undefined ? [] : [throughNode]));
  return {
    times: ofKind.length,
    recovery: spread(ofKind.map(({ throughBalancer }) => throughBalancer)),
    ...(node.length === 0 ? {} : { node: spread(node) }),
  };
}

const spread = (values: number[]) => ({ median: Math.round(quantile(values, 0.5)), worst: Math.max(...values) });

/** The report as a page of text. */
export function inWords(report: Report): string {
  const { seed, storage, nodes, seconds, reckoning, longestWithoutSuccess } = report;
  const seen = ({ median, worst }: { median: number; worst: number }) => `median ${median} ms, worst ${worst} ms`;
  const rows = [
    `seed ${seed}: ${nodes} nodes on ${storage}, ${seconds} s`,
    '',
    `${'act'.padEnd(30)}acknowledged  in doubt  refused`,
    ...Object.entries(report.acts).map(
      ([act, row]) =>
        `${act.padEnd(30)}${String(row.acknowledged).padStart(12)}${String(row['in doubt']).padStart(10)}${String(row.refused).padStart(9)}`,
    ),
    '',
    'event, and when somebody was served again',
    ...Object.entries(report.events).map(
      ([kind, { times, recovery, node }]) =>
        `${kind.padEnd(30)}${times} times: ${seen(recovery)}${node === undefined ? '' : `; the node itself ${seen(node)}`}`,
    ),
    '',
    `longest without any success: ${longestWithoutSuccess.ms} ms, from ${longestWithoutSuccess.from} s`,
    `${reckoning.letters} letters and ${reckoning.logouts} logouts arrived, ${reckoning.excusedRepeats} again for a reason; ${report.leftForTheDrain} were left at the end`,
    ...report.retired.map((each) => `spoilt by the database: ${each.slice(0, 200)}`),
    report.violations.length === 0 ? 'no violation' : `${report.violations.length} VIOLATIONS`,
    ...report.violations.flatMap(({ at, kind, person, message, history }) => [
      `  ${at} ${kind}: ${person}: ${message}`,
      ...history.slice(-HISTORY_SHOWN).map((each) => `      ${each.slice(0, 200)}`),
    ]),
  ];
  return `${rows.join('\n')}\n`;
}
