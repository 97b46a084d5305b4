/** Figures as tables that people read in a terminal, and that Markdown takes as they are. */
import { type ActName, acts } from './acts.ts';
import type { ActFigures, Figures, Middle } from './figures.ts';
import { goals, p50Goals } from './goals.ts';
import { type Memory, middle, type Results, type Storm } from './scenarios.ts';

const HASHING: readonly ActName[] = ['password', 'totp', 'alone'];

export function actTables(figures: Figures, subjects: string[]): string[] {
  const [own = '', ...others] = subjects;
  const all = Object.entries(figures) as [ActName, ActFigures][];
  const costs = all.map(([act, { costs, ratios }]) => [
    acts[act].title,
    ...subjects.map((name) => digits(costs[name]?.cpuUs.median, 0)),
    ...others.map((name) => ratio(ratios[name]?.cpu, goals[act]?.[name])),
  ]);
  const times = all.map(([act, { costs, ratios }]) => [
    acts[act].title,
    ...subjects.map((name) => pair(millis(costs[name]?.p50Ms), millis(costs[name]?.p99Ms))),
    ...others.map((name) =>
      pair(withGoal(digits(ratios[name]?.p50.median, 2), p50Goals[act]?.[name]), digits(ratios[name]?.p99, 2)),
    ),
    digits(costs[own]?.perSecond, 0),
  ]);
  const to = others.map((name) => `÷ ${name}`);
  const threads = all
    .filter(([act]) => HASHING.includes(act))
    .map(([act, { costs }]) => [
      acts[act].title,
      ...subjects.map((name) => pair(digits(costs[name]?.mainThreadUs, 0), digits(costs[name]?.mainProcessUs, 0))),
    ]);
  return [
    table(['processor time of one act, µs', ...subjects, ...to], costs),
    table(['ms, p50; p99', ...subjects, ...to, `${own} per second`], times),
    ...(threads.length === 0 ? [] : [table(['of it main thread; main process, µs', ...subjects], threads)]),
  ];
}

export function stormTable(storms: Results<Storm>): string {
  const rows = Object.entries(storms).map(([name, all]) => {
    const of = (figure: (storm: Storm) => number | undefined) => middle(all, figure);
    const refusals = [...new Set(all.flatMap((each) => Object.keys(each.refusals)))]
      .map(
        (status) =>
          `${digits(
            of((each) => each.refusals[status] ?? 0),
            0,
          )} × ${status}`,
      )
      .concat(
        `${digits(
          of(({ lost }) => lost),
          0,
        )} lost`,
      );
    return [
      name,
      pair(millis(of(({ aloneMs }) => aloneMs)), millis(of(({ besideMs }) => besideMs))),
      digits(
        of(({ aloneMs, besideMs }) => besideMs / aloneMs),
        2,
      ),
      pair(
        digits(
          of(({ best }) => best),
          0,
        ),
        digits(
          of(({ overloaded }) => overloaded),
          0,
        ),
      ),
      digits(
        of(({ best, overloaded }) => overloaded / best),
        2,
      ),
      digits(
        of(({ byProcessor }) => byProcessor),
        2,
      ),
      digits(
        of(({ generatorShare }) => generatorShare),
        2,
      ),
      refusals.join(', '),
      millis(of(({ refusedMs }) => refusedMs)),
    ];
  });
  const head = [
    'silent p99 alone; beside sign-ins, ms',
    'ratio',
    'sign-ins a second: best; 3 × as many come',
    'ratio',
    'by processor time',
    'generator',
  ];
  return table(['storm', ...head, 'the others', 'refused in, p99 ms'], rows);
}

export function startTable(starts: Results<number>): string {
  const rows = Object.entries(starts).map(([name, all]) => [
    name,
    digits(
      middle(all, (ms) => ms),
      0,
    ),
  ]);
  return table(['start', 'ms to the first discovery document'], rows);
}

export function memoryTable(memories: Results<Memory>): string {
  const rows = Object.entries(memories).map(([name, all]) => [
    name,
    ...[({ idleMib }: Memory) => idleMib, ({ loadedMib }: Memory) => loadedMib, ({ afterMib }: Memory) => afterMib].map(
      (figure) => digits(middle(all, figure), 0),
    ),
  ]);
  return table(['memory of all processes (PSS), MiB', 'idle', 'loaded', 'after it'], rows);
}

const digits = (value: number | undefined, after: number) =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(after);
const millis = (value: number | undefined) => digits(value, value !== undefined && value < 10 ? 2 : 1);
const pair = (one: string, other: string) => (one === '–' && other === '–' ? '–' : `${one}; ${other}`);

/** `1.35 (1.30–1.41), goal 1.25` */
function ratio(cpu: Middle | undefined, goal: number | undefined): string {
  if (cpu === undefined) return '–';
  const { median, low, high } = cpu;
  return withGoal(`${digits(median, 2)} (${digits(low, 2)}–${digits(high, 2)})`, goal);
}

function withGoal(text: string, goal: number | undefined): string {
  return goal === undefined ? text : `${text}, goal ${goal}`;
}

/** Markdown, its columns under each other. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0), 3));
  const padded = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  const line = (cells: string[]) => `| ${cells.map(padded).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
