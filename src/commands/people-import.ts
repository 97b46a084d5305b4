/** `pedel people import`: imports people from a file, with progress, a report, a summary and an exit status. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/load.ts';
import type { Source } from '../domain/feed/source.ts';
import { announceForeignHash } from '../domain/passwords/foreign-hash.ts';
import type { ImportRecord, ImportRun, Imports } from '../domain/ports/imports.ts';
import { randomId } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { auditActorOf, systemActor } from '../use-cases/actor.ts';
import { applyImport } from '../use-cases/import/apply-import.ts';
import { UnreadableFeed } from '../use-cases/import/feed-text.ts';
import type { ImportEvent } from '../use-cases/import/import-event.ts';
import { createImports } from '../use-cases/import/imports.ts';
import { planImport } from '../use-cases/import/plan-import.ts';
import { refusedText } from '../use-cases/import/quarantine.ts';
import { type ReportFormat, reportEvents, reportFormats } from '../use-cases/import/report.ts';
import { runOf } from '../use-cases/import/run-import.ts';
import { withSignsOfLife } from '../use-cases/import/signs-of-life.ts';
import { inTurn } from '../use-cases/import/turn.ts';
import { configOption } from './configuration.ts';
import { IMPORT_HELP } from './import-help.ts';
import { openReport, showEvents, summaryOf } from './import-screen.ts';
import { type Installation, withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { CommandFault, count, printable, type Setting, type Terminal, userOf } from './terminal.ts';

type Options = {
  source: string;
  dryRun?: true;
  resume?: string;
  allowLosses?: number;
  partial?: true;
  withCredentials?: true;
  refused?: string;
  report?: string;
  reportFormat?: ReportFormat;
  json?: true;
  config?: string;
};

export function importCommand({ terminal, exit }: Setting): Command {
  return new Command('import')
    .description('import people from a CSV with one row per affiliation; the rows of one person make one account')
    .argument('[file]', 'CSV with a header line, or - for standard input')
    .option(
      '-s, --source <name>',
      'the system that the file comes from, one of the configured sources; source and person key identify a person',
      'csv',
    )
    .option('-n, --dry-run', 'say what would change, and change nothing; --resume applies it')
    .option('--resume <id>', 'in place of a file: apply a dry run, or go on with an import that was broken off')
    .option('--allow-losses <number>', 'go on although exactly this many open accounts lose access', wholeNumber)
    .option('--with-credentials', 'take password hashes, of a source with credentials: true, for never-active accounts')
    .option('--partial', 'the file names only some, although the source is configured as full')
    .option('--refused <file>', 'write what was refused to this file, with line and reason, to be mended and imported')
    .option('-r, --report <file>', 'write the outcome for each person to this file')
    .addOption(
      new Option('--report-format <format>', 'how; by default as the file is called: .csv, .txt, else jsonl').choices(
        reportFormats,
      ),
    )
    .option('--json', 'the summary as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string | undefined, options: Options) => {
      if ((file === undefined) === (options.resume === undefined))
        throw new CommandFault('name a file, or an import with --resume');
      exit(await runImport(terminal, file, options));
    });
}

/** @returns the exit status */
async function runImport(terminal: Terminal, file: string | undefined, options: Options): Promise<number> {
  return withInstallation(terminal, options.config, async (installation) => {
    const { storage } = installation;
    const sealer = await installation.openSealer();
    const imports = createImports(storage.protocolRecords, storage.values, sealer, terminal.now);
    const kept = options.resume === undefined ? undefined : await keptImport(options.resume, imports);
    const configured = sourceNamed(kept?.source ?? options.source, installation.config);
    const source = options.partial ? { ...configured, full: false } : configured;
    const turn = {
      leases: storage.leases,
      holder: randomId(terminal.randomBytes),
      now: terminal.now,
      waiting: () => terminal.writeError(`another import from ${source.id} is under way; waiting for it\n`),
    };
    const run = createRun(terminal, installation, { sealer, imports, source, options });
    return (await inTurn(source.id, turn, () => (kept === undefined ? run.read(file ?? '-') : run.resume(kept)))) ?? 1;
  });
}

async function keptImport(id: string, imports: Imports): Promise<ImportRecord> {
  const record = await imports.find(id);
  if (record !== undefined) return record;
  throw new CommandFault(`there is no import ${printable(id)}; one is kept for 30 days`);
}

type Run = { sealer: Sealer; imports: Imports; source: Source; options: Options };

function createRun(terminal: Terminal, { config, storage }: Installation, { sealer, imports, source, options }: Run) {
  const started = performance.now();
  const format = options.reportFormat ?? formatOf(options.report);
  const report = openReport(options.report, format);
  const screen = showEvents(terminal, options);
  const progress = showProgress(terminal);
  const tell = async (event: ImportEvent) => {
    screen.show(event);
    await report.write(event);
  };
  const shared = {
    source,
    imports,
    sealer,
    organisations: config.organisations,
    defaultLanguage: config.defaultLanguage,
    invitationSeconds: config.lifetimes.invitationSeconds,
    accounts: storage.accounts,
    auditLog: storage.auditLog,
    actor: auditActorOf(systemActor(userOf(terminal.environment).by)),
    now: terminal.now,
    randomBytes: terminal.randomBytes,
    tell,
  };

  const by = userOf(terminal.environment).by ?? 'command';
  /** The console and the other nodes see that a command is at it. */
  function living<Outcome>(id: string, act: ImportRun['act'], work: (run: ImportRun) => Promise<Outcome>) {
    const run: ImportRun = { ...runOf({ id, source, act, by }, terminal.now()) };
    return withSignsOfLife(run, { imports, now: terminal.now }, async () => {
      try {
        return await work(run);
      } catch (error) {
        run.fault = error instanceof UnreadableFeed ? error.message : 'the command failed';
        throw error;
      } finally {
        run.ended = true;
      }
    });
  }

  /** The summary of what was planned or done, and the exit status. */
  function end(record: ImportRecord, dryRun: boolean): number {
    progress.clear();
    const { counts, id, alarms, refusedLater = 0 } = record;
    const seconds = (performance.now() - started) / 1000;
    if (options.json) {
      const summary = {
        id,
        source: source.id,
        dryRun,
        ...counts,
        alarms,
        refusedLater,
        seconds: Number(seconds.toFixed(2)),
        refusals: screen.refusals,
      };
      terminal.write(`${JSON.stringify(summary, null, 2)}\n`);
    } else terminal.write(summaryOf(record, { dryRun, report: options.report }, seconds, screen.hidden()));
    if (counts.suspended !== undefined || (dryRun && alarms.length > 0)) return 3;
    return counts.refused + refusedLater > 0 ? 2 : 0;
  }

  async function apply(record: ImportRecord): Promise<number> {
    const { allowLosses } = options;
    const outcome = await living(record.id, 'apply', (run) =>
      applyImport(record, {
        ...shared,
        foreignHash: (kind) => announceForeignHash(storage.values, kind, randomId(terminal.randomBytes)),
        progress: (done, total) => {
          Object.assign(run, { stage: 'applying', done, total });
          progress.reach('applying people', done, total);
        },
        ...(allowLosses === undefined ? {} : { allowLosses }),
      }),
    );
    progress.clear();
    if (outcome.kind === 'superseded') throw new CommandFault(supersededText(record));
    if (outcome.kind === 'losses') {
      end(record, true);
      throw new CommandFault(lossesText(record, allowLosses), 3);
    }
    if ((outcome.record.refusedLater ?? 0) > 0) await writeRefused(outcome.record);
    return end(outcome.record, false);
  }

  async function writeRefused(record: ImportRecord) {
    if (options.refused === undefined) return;
    await writeFile(options.refused, refusedText(record, imports), { mode: 0o600 }).catch((error: Error) => {
      throw new CommandFault(`the refused rows cannot be written: ${error.message}`);
    });
  }

  const closing = async (act: () => Promise<number>) => {
    try {
      return await act();
    } finally {
      progress.clear();
      await report.close();
    }
  };

  return {
    read: (file: string) =>
      closing(async () => {
        try {
          const id = randomId(terminal.randomBytes);
          const record = await living(id, 'plan', (run) =>
            planImport({
              ...shared,
              id,
              input: inputOf(file),
              withCredentials: options.withCredentials === true,
              by,
              progress: (stage, done, total) => {
                Object.assign(run, { stage, done, ...(total === undefined ? {} : { total }) });
                progress.reach(`${stage} rows`, done, total);
              },
            }),
          );
          await writeRefused(record);
          return options.dryRun ? end(record, true) : await apply(record);
        } catch (error) {
          if (error instanceof UnreadableFeed)
            throw new CommandFault(`${printable(file)}: ${printableLines(error.message)}`);
          throw error;
        }
      }),
    resume: (record: ImportRecord) =>
      closing(async () => {
        for await (const event of reportEvents(record, imports)) await tell(event);
        await writeRefused(record);
        return options.dryRun ? end(record, true) : apply(record);
      }),
  };
}

function supersededText({ source }: ImportRecord): string {
  return `another import from ${source} was applied after this one was planned, so nothing was changed: import the file again`;
}

function lossesText({ counts, alarms, id }: ImportRecord, allowed: number | undefined): string {
  const wrong = allowed === undefined ? '' : `--allow-losses ${allowed} is not that number; `;
  return [
    `${count(counts.losses, 'open account')} would lose access, so nothing was changed`,
    ...alarms.map(({ organisation, losses, shrank }) =>
      [
        ...(losses === undefined
          ? []
          : [`${losses.lose} at ${organisation}, where ${losses.allowed} may without a question`]),
        ...(shrank === undefined
          ? []
          : [`the file speaks of ${shrank.people} people of ${organisation}, the last one of ${shrank.before}`]),
      ].join('; '),
    ),
    `${wrong}look at the report, then go on with --resume ${id} --allow-losses ${counts.losses}`,
  ].join('\n  ');
}

function formatOf(file: string | undefined): ReportFormat {
  const formats: Record<string, ReportFormat> = { '.csv': 'csv', '.txt': 'text' };
  return formats[extname(file ?? '').toLowerCase()] ?? 'jsonl';
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number.');
  return Number(text);
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

const printableLines = (text: string) => text.split('\n').map(printable).join('\n');
