/** The figures as tables that people read in a terminal, and that Markdown takes as they are. */
import type { ActName } from './acts.ts';
import { acts } from './acts.ts';
import type { Figures, Middle } from './figures.ts';

export function tablesOf(figures: Figures, subjects: string[]): string {
  const [own = '', ...others] = subjects;
  const all = Object.entries(figures) as [ActName, NonNullable<Figures[ActName]>][];
  const costs = all.map(([act, { costs, ratios }]) => [
    acts[act].title,
    ...subjects.map((name) => micros(costs[name]?.cpuUs.median)),
    ...others.map((name) => ratio(ratios[name]?.cpu)),
  ]);
  const times = all.map(([act, { costs, ratios }]) => [
    acts[act].title,
    ...subjects.map((name) => `${millis(costs[name]?.p50Ms)}; ${millis(costs[name]?.p99Ms)}`),
    ...others.map((name) => `${two(ratios[name]?.p50.median)}; ${two(ratios[name]?.p99)}`),
    rate(costs[own]?.perSecond),
  ]);
  const to = others.map((name) => `÷ ${name}`);
  const sections = [
    table(['processor time of one act, µs', ...subjects, ...to.map((each) => `${each} (middle half)`)], costs),
    table(['ms, p50; p99', ...subjects, ...to, `${own}, per second`], times),
  ];
  const apart = all.filter(([act]) => ['password', 'totp', 'alone', 'no-hash'].includes(act));
  if (apart.length > 0) {
    const rows = apart.map(([act, { costs }]) => [
      acts[act].title,
      ...subjects.map((name) => `${micros(costs[name]?.mainThreadUs)}; ${micros(costs[name]?.mainProcessUs)}`),
    ]);
    sections.push(table(['of it, µs: main thread; main process', ...subjects], rows));
  }
  return sections.join('\n\n');
}

const two = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(2));
const millis = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(value < 10 ? 2 : 1));
const rate = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(0));
const micros = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(0));
const ratio = (middle: Middle | undefined) =>
  middle === undefined ? '–' : `**${two(middle.median)}** (${two(middle.low)}–${two(middle.high)})`;

/** Markdown, its columns under each other. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
