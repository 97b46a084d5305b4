/** What `pedel people import` shows and writes: lines on the screen, the report, the summary. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { ImportRecord } from '../domain/ports/imports.ts';
import type { ImportEvent } from '../use-cases/import/import-event.ts';
import { type ReportFormat, reportHead, reportLine, suspendedText, textOf } from '../use-cases/import/report.ts';
import { CommandFault, count, printable, type Terminal } from './terminal.ts';

/** More lines than these are hidden on the screen; the report has all of them. */
const LINES_SHOWN = 50;

/** Opens the report; only its owner may read it, because it holds personal data. @throws CommandFault where it cannot be written */
export function openReport(file: string | undefined, format: ReportFormat) {
  if (file === undefined) return { write: async () => {}, close: async () => {} };
  const stream = createWriteStream(file, { mode: 0o600 });
  let fault: Error | undefined;
  stream.on('error', (error) => {
    fault = error;
  });
  const write = async (text: string) => {
    if (fault !== undefined) throw new CommandFault(`the report cannot be written: ${fault.message}`);
    if (stream.write(text)) return;
    await Promise.race(
      ['drain', 'error'].map((event) => new Promise<void>((resolve) => stream.once(event, () => resolve()))),
    );
  };
  let headWritten = false;
  return {
    async write(event: ImportEvent) {
      if (!headWritten) await write(reportHead(format));
      headWritten = true;
      await write(reportLine(event, format));
    },
    async close() {
      if (fault === undefined) await finished(stream.end()).catch(() => {});
    },
  };
}

/** Prints the first LINES_SHOWN refusals and notable changes; people who are new or unchanged are only counted. */
export function showEvents(terminal: Terminal, { json, dryRun }: { json?: true; dryRun?: true }) {
  let shown = 0;
  let hidden = 0;
  const refusals: ImportEvent[] = [];
  return {
    refusals,
    hidden: () => hidden,
    show(event: ImportEvent) {
      if (event.outcome === 'refused' && refusals.length < 1000) refusals.push(event);
      if (event.outcome === 'suspended') return; // the summary says it
      const noteworthy =
        event.outcome === 'refused' ||
        event.outcome === 'ends' ||
        event.outcome === 'reopens' ||
        (event.outcome !== 'unchanged' && event.notes.some((note) => note !== 'invited')) ||
        (dryRun && event.outcome === 'changed');
      if (json || !noteworthy) return;
      if (shown >= LINES_SHOWN) {
        hidden += 1;
        return;
      }
      shown += 1;
      terminal.writeError(`${terminal.interactive ? '\r\x1b[K' : ''}${printable(textOf(event))}\n`);
    },
  };
}

/** @param report the file that has all lines, where there is one */
export function summaryOf(
  { id, counts }: ImportRecord,
  { dryRun, report }: { dryRun: boolean; report: string | undefined },
  seconds: number,
  hidden: number,
): string {
  const people = (['new', 'changed', 'ends', 'reopens', 'unchanged'] as const)
    .map((kind) => `${counts[kind].toLocaleString('en')} ${kind}`)
    .join(', ');
  const rate = seconds > 1 ? ` (${Math.round(counts.rows / seconds).toLocaleString('en')} rows/s)` : '';
  return [
    hidden > 0
      ? `… and ${count(hidden, 'more line')}${report === undefined ? '; --report FILE keeps all of them' : ` in ${report}`}\n`
      : '',
    `${dryRun ? 'Dry run, nothing was changed. ' : ''}${count(counts.rows, 'row')} in ${seconds.toFixed(1)} s${rate}\n`,
    `people: ${people}\n`,
    `refused: ${counts.refused === 0 ? 'none' : counts.refused.toLocaleString('en')}\n`,
    counts.losses === 0
      ? ''
      : `${count(counts.losses, 'open account')} ${counts.losses === 1 ? 'loses' : 'lose'} access within 30 days\n`,
    counts.hashesLeft === undefined
      ? ''
      : `${count(counts.hashesLeft, 'password hash', 'password hashes')} not taken: --with-credentials takes them\n`,
    counts.suspended === undefined ? '' : `${suspendedText(counts.suspended, 5)}, so nothing was taken away\n`,
    dryRun ? `kept for 30 days as import ${id}: apply it with --resume ${id}\n` : `import ${id}\n`,
  ].join('');
}
