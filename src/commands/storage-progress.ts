/** How far a long walk over a storage is: one line that is written over, or one for every kind. */
import type { Progress } from '../use-cases/storage/copy-storage.ts';
import type { Terminal } from './terminal.ts';

const LINE_EVERY_MS = 100;
const TELL_EVERY_MS = 10_000;

/** @param quiet for `--json` in scripts: nothing is told */
export function showProgress(terminal: Terminal, quiet = false): Progress {
  let label = '';
  let total: number | undefined;
  let done = 0;
  let startedAt = 0;
  let shownAt = 0;
  const write = (text: string, end: string) =>
    terminal.writeError(terminal.interactive ? `\r\x1b[K${text}${end}` : `${text}\n`);
  const line = () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = seconds >= 0.5 && done > 0 ? ` (${Math.round(done / seconds).toLocaleString('en')}/s)` : '';
    const of = total === undefined || total < done ? '' : ` of ${total.toLocaleString('en')}`;
    return `${label} ${done.toLocaleString('en')}${of}${rate}`;
  };
  return {
    begin(what, kind, wanted) {
      label = `${what} ${kind}:`;
      total = wanted;
      done = 0;
      startedAt = performance.now();
      shownAt = startedAt;
    },
    more(records) {
      done += records;
      const now = performance.now();
      if (quiet || now - shownAt < (terminal.interactive ? LINE_EVERY_MS : TELL_EVERY_MS)) return;
      shownAt = now;
      write(line(), '');
    },
    end() {
      if (!quiet && done > 0) write(line(), '\n');
    },
  };
}
