/** `pedel people import`: imports people from a CSV, with progress, a report, a summary and an exit status. */
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import type { Config } from '../config/load.ts';
import { languageIds } from '../domain/account/languages.ts';
import { HASH_NOT_TAKEN } from '../domain/feed/feed.ts';
import type { Source } from '../domain/feed/source.ts';
import { announceForeignHash } from '../domain/passwords/foreign-hash.ts';
import { randomId } from '../domain/random.ts';
import { createDryRunAccounts } from '../use-cases/import/dry-run.ts';
import { UnreadableFeed } from '../use-cases/import/feed-text.ts';
import {
  type ImportCounts,
  type ImportEvent,
  importPeople,
  type Suspended,
} from '../use-cases/import/import-people.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { CommandFault, count, printable, type Setting, type Terminal } from './terminal.ts';

/** More lines than these are hidden on the screen; the report has all of them. */
const LINES_SHOWN = 50;

type Options = { source: string; dryRun?: true; report?: string; json?: true; config?: string };

export function importCommand({ terminal, exit }: Setting): Command {
  return new Command('import')
    .description('import people from a CSV with one row per affiliation; the rows of one person make one account')
    .argument('<file>', 'CSV with a header line, or - for standard input')
    .option(
      '-s, --source <name>',
      'the system that the file comes from, one of the configured sources; source and person key identify a person',
      'csv',
    )
    .option('-n, --dry-run', 'say what would change, and change nothing')
    .option('-r, --report <file>', 'write the outcome for each person to this file, as JSON lines')
    .option('--json', 'the summary as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => {
      const counts = await runImport(terminal, file, options);
      exit(counts.suspended !== undefined ? 3 : counts.refused > 0 ? 2 : 0);
    });
}

async function runImport(terminal: Terminal, file: string, options: Options): Promise<ImportCounts> {
  return withInstallation(terminal, options.config, async ({ config, storage, openSealer }) => {
    const source = sourceNamed(options.source, config);
    const started = performance.now();
    const rehearsal = options.dryRun ? createDryRunAccounts(storage.accounts) : undefined;
    const report = openReport(options.report);
    const screen = showEvents(terminal, options);
    const progress = showProgress(terminal);
    let hashesRefused = 0;
    try {
      const counts = await importPeople({
        input: inputOf(file),
        source,
        organisations: config.organisations,
        defaultLanguage: config.defaultLanguage,
        invitationSeconds: config.lifetimes.invitationSeconds,
        accounts: rehearsal ?? storage.accounts,
        sealer: await openSealer(),
        now: terminal.now,
        randomBytes: terminal.randomBytes,
        tell: async (event) => {
          if (isHashRefused(event)) hashesRefused += 1;
          screen.show(event);
          await report.write(event);
        },
        foreignHash: async (kind) => {
          if (rehearsal !== undefined) return;
          await announceForeignHash(storage.values, kind, randomId(terminal.randomBytes));
        },
        progress: (stage, done, total) => progress.reach(`${stage} rows`, done, total),
      });
      progress.clear();
      if (hashesRefused > 0 && rehearsal === undefined) {
        await storage.auditLog.append({
          id: randomId(terminal.randomBytes),
          at: terminal.now(),
          action: 'password-hash.refused',
          actor: { kind: 'command', id: 'people import' },
          details: { source: source.id, rows: String(hashesRefused) },
        });
      }
      const seconds = (performance.now() - started) / 1000;
      if (options.json) {
        const summary = {
          source: options.source,
          dryRun: options.dryRun === true,
          ...counts,
          seconds: Number(seconds.toFixed(2)),
          refusals: screen.refusals,
        };
        terminal.write(`${JSON.stringify(summary, null, 2)}\n`);
      } else terminal.write(summaryOf(counts, options, seconds, screen.hidden()));
      return counts;
    } catch (error) {
      progress.clear();
      if (error instanceof UnreadableFeed)
        throw new CommandFault(`${printable(file)}: ${printableLines(error.message)}`);
      throw error;
    } finally {
      await report.close();
      rehearsal?.close();
    }
  });
}

function isHashRefused(event: ImportEvent): boolean {
  if (event.outcome === 'refused') return event.column === 'password_hash';
  return event.outcome !== 'suspended' && event.notes.includes(HASH_NOT_TAKEN);
}

/** @throws CommandFault where the configuration does not declare it: a typing error would make everybody twice */
function sourceNamed(name: string, { sources }: Pick<Config, 'sources'>): Source {
  const source = sources.find(({ id }) => id === name);
  if (source !== undefined) return source;
  const example = `sources: [{ id: ${/^[\w.-]+$/.test(name) ? name : 'csv'}, organisations: [ID], numbers: ['r#######'] }]`;
  throw new CommandFault(
    sources.length === 0
      ? `the configuration declares no sources, so nobody can be imported; say what each may say, for example\n  ${example}\n(config/README.md, "Each of sources")`
      : `the configuration declares no source "${printable(name)}": use --source with one of ${sources.map(({ id }) => id).join(', ')}, or declare it under sources`,
  );
}

function inputOf(file: string): Readable {
  return file === '-' ? process.stdin : createReadStream(file);
}

/** Opens the report; only its owner may read it, because it holds personal data. */
function openReport(file: string | undefined) {
  if (file === undefined) return { write: async () => {}, close: async () => {} };
  const stream = createWriteStream(file, { mode: 0o600 });
  let fault: Error | undefined;
  stream.on('error', (error) => {
    fault = error;
  });
  const check = () => {
    if (fault !== undefined) throw new CommandFault(`the report cannot be written: ${fault.message}`);
  };
  return {
    async write(event: ImportEvent) {
      check();
      if (!stream.write(`${JSON.stringify(event)}\n`)) {
        await Promise.race(
          ['drain', 'error'].map((event) => new Promise<void>((resolve) => stream.once(event, () => resolve()))),
        );
      }
    },
    async close() {
      if (fault === undefined) await finished(stream.end()).catch(() => {});
    },
  };
}

/** Prints the first LINES_SHOWN refusals and notable changes; people who are new or unchanged are only counted. */
function showEvents(terminal: Terminal, { json, dryRun }: Options) {
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
        event.outcome === 'ended' ||
        (event.outcome !== 'unchanged' && event.notes.some((note) => note !== 'invited')) ||
        (dryRun && event.outcome === 'changed');
      if (json || !noteworthy) return;
      if (shown >= LINES_SHOWN) {
        hidden += 1;
        return;
      }
      shown += 1;
      terminal.writeError(`${terminal.interactive ? '\r\x1b[K' : ''}${printable(lineOf(event))}\n`);
    },
  };
}

function lineOf(event: Exclude<ImportEvent, { outcome: 'suspended' }>): string {
  if (event.outcome === 'refused') {
    const { line, column, value, reason, person } = event;
    const what = column === undefined ? '' : `${column}${value ? ` "${value}"` : ''} `;
    return `line ${line}: refused: ${what}${reason}${person === undefined ? '' : ` (person ${person})`}`;
  }
  const { lines, outcome, fields, notes, person } = event;
  const details = [...(outcome === 'changed' ? [fields.join(', ')] : []), ...notes].filter((each) => each !== '');
  return `line ${lines.join(', ')}: ${outcome}: ${details.join('; ')} (person ${person})`;
}

function summaryOf(counts: ImportCounts, { dryRun, report }: Options, seconds: number, hidden: number): string {
  const people = (['new', 'changed', 'ended', 'unchanged'] as const)
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
    counts.suspended === undefined ? '' : suspendedText(counts.suspended),
  ].join('');
}

function suspendedText({ lines, people }: Suspended): string {
  const named = `${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ' …' : ''}`;
  const which = lines.length === 1 ? `line ${named} does` : `lines ${named} do`;
  return `removals suspended for ${count(people, 'person', 'people')}: ${which} not say of whom, so nothing was taken away\n`;
}

const printableLines = (text: string) => text.split('\n').map(printable).join('\n');

const HELP = `
Required columns:
  person, number, given_name, family_name, organisation, role
Optional columns:
  other_numbers                  separated by ;
  email, personal_email, phone
  language                       ${languageIds.join(', ')}, with or without a region (nl-BE); another
                                 language becomes the configured one
  from, until, ended_on          dates: YYYY-MM-DD
  end_reason
  groups                         names, separated by ; as in "ict-staff;chess club"
  entitlements                   URIs, separated by ; (eduperson_entitlement)
  orcid                          ORCID iD, as digits or as https://orcid.org/…
  password_hash                  argon2id, bcrypt or {SSHA}; only from a source
                                 with credentials: true, and for accounts that
                                 were never active
  birthdate, gender, …           other standard claims, also with a member:
                                 address.locality

Separators (comma, semicolon, tab, sep=) and encoding (UTF-8, UTF-16) are found.
A faulty row is refused with its line, column and reason; the other rows go in.
From the person of a refused row nothing is taken away; where the row does not
say of whom it is, from nobody in the file.
What a source says about a person at an organisation replaces what it said
before. Other organisations, other sources and people who are not in the file
stay as they are. What a source may say stands in the configuration (sources):
its organisations, user numbers, address domains, groups, entitlements, and
whether it may give password hashes. A row that says more is refused.
Groups and entitlements hold as long as the affiliation of their row. An empty
cell takes them away; without the column they stay as they are. At most 100 of
each are kept of one person.

Exit status:
  0  all rows went in
  1  the file could not be read
  2  some rows were refused
  3  some rows were refused, and because of one that does not say of whom it is,
     nothing was taken away from people who would have lost something

Examples:
  pedel people import people.csv --dry-run
  pedel people import people.csv --source sap --report report.jsonl
`;
