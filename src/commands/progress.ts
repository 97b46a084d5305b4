/** Shows the progress of a long command on standard error: one line that is written over, or one line now and then for a log. */
import type { Progress } from '../use-cases/storage/copy-storage.ts';
import type { Terminal } from './terminal.ts';

const OVERWRITE_EVERY_MS = 100;
const LINE_EVERY_MS = 10_000;

export type ProgressLine = Progress & {
  /** reports `done` of `total`; a new `label` starts a new count */
  reach(label: string, done: number, total?: number): void;
  /** removes the line that was written over */
  clear(): void;
};

/**
 * @param quiet for `--json` in scripts: shows nothing
 * @param elapsed milliseconds of a monotonic clock; only tests replace it
 */
export function showProgress(
  terminal: Pick<Terminal, 'interactive' | 'writeError'>,
  quiet = false,
  elapsed: () => number = () => performance.now(),
): ProgressLine {
  let stretch: { label: string; done: number; total: number | undefined; startedAt: number; shownAt: number } = {
    label: '',
    done: 0,
    total: undefined,
    startedAt: 0,
    shownAt: 0,
  };
  const start = (label: string, total: number | undefined) => {
    const now = elapsed();
    stretch = { label, done: 0, total, startedAt: now, shownAt: now };
  };
  const write = (end: string) => {
    const { label, done, total, startedAt } = stretch;
    const seconds = (elapsed() - startedAt) / 1000;
    const rate = seconds >= 0.5 && done > 0 ? ` (${Math.round(done / seconds).toLocaleString('en')}/s)` : '';
    const of = total === undefined || total < done ? '' : ` of ${total.toLocaleString('en')}`;
    const text = `${label}: ${done.toLocaleString('en')}${of}${rate}`;
    terminal.writeError(terminal.interactive ? `\r\x1b[K${text}${end}` : `${text}\n`);
  };
  const moveTo = (done: number) => {
    stretch.done = done;
    const now = elapsed();
    if (quiet || now - stretch.shownAt < (terminal.interactive ? OVERWRITE_EVERY_MS : LINE_EVERY_MS)) return;
    stretch.shownAt = now;
    write('');
  };
  return {
    begin: (what, kind, total) => start(`${what} ${kind}`, total),
    more: (records) => moveTo(stretch.done + records),
    end() {
      if (!quiet && stretch.done > 0) write('\n');
    },
    reach(label, done, total) {
      if (label !== stretch.label) start(label, total);
      stretch.total = total;
      moveTo(done);
    },
    clear() {
      if (!quiet && terminal.interactive) terminal.writeError('\r\x1b[K');
    },
  };
}
