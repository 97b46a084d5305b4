/** How far a long walk over a storage is: one line that is written over, or one for every kind. */
import type { ArchiveKind } from '../domain/ports.ts';
import type { Terminal } from './terminal.ts';

export type Progress = {
  /** `total`: about how many there are */
  begin(what: string, kind: ArchiveKind, total: number | undefined): void;
  more(records: number): void;
  /** the kind is through */
  end(): void;
};

const LINE_EVERY_MS = 100;
const TELL_EVERY_MS = 10_000;

/** @param quiet for `--json` in scripts: nothing is told */
export function showProgress(terminal: Terminal, quiet = false): Progress {
  let about = '';
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
    return `${about} ${done.toLocaleString('en')}${of}${rate}`;
  };
  return {
    begin(what, kind, wanted) {
      about = `${what} ${kind}:`;
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
