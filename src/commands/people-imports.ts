/** `pedel people imports`: the imports of the last 30 days, and how far each got. */
import { Command } from 'commander';
import type { ImportRecord, ImportRun } from '../domain/ports/imports.ts';
import { createImports } from '../use-cases/import/imports.ts';
import { stateOf } from '../use-cases/import/state.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { printable, type Setting } from './terminal.ts';

/** Of each, all are read from the storage. */
const MOST_SHOWN = 200;

export function importsCommand({ terminal }: Setting): Command {
  return new Command('imports')
    .description('list the imports of the last 30 days, the newest first')
    .option('--json', 'one JSON object per line, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ json, config }: { json?: true; config?: string }) => {
      await withInstallation(terminal, config, async ({ storage, openSealer }) => {
        const imports = createImports(storage.protocolRecords, storage.values, await openSealer(), terminal.now);
        const records = await imports.list(MOST_SHOWN);
        for (const each of records) {
          const state = await stateOf(each, imports, terminal.now());
          const { record, run } = each;
          const line = record === undefined ? run && runLineOf(run, state) : lineOf(record, state);
          terminal.write(json ? `${JSON.stringify({ ...(record ?? run), state })}\n` : `${line}\n`);
        }
        if (records.length === 0 && !json) terminal.writeError('there was no import in the last 30 days\n');
      });
    });
}

function runLineOf({ id, source, by, startedAt, fault }: ImportRun, state: string): string {
  const when = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
  return printable(`${id}  ${when}Z  ${source} by ${by}  ${state}${fault === undefined ? '' : `: ${fault}`}`);
}

function lineOf({ id, source, by, plannedAt, counts }: ImportRecord, state: string): string {
  const when = new Date(plannedAt).toISOString().slice(0, 16).replace('T', ' ');
  const what = (['new', 'changed', 'ends', 'reopens', 'refused'] as const).map((kind) => `${counts[kind]} ${kind}`);
  return printable(`${id}  ${when}Z  ${source} by ${by}  ${state}: ${what.join(', ')}`);
}

const HELP = `
planned: nothing was changed (a dry run, or an import that was stopped because
of what it would take away). broken-off: some people went in. Both go on with
pedel people import --resume ID. superseded: another import of the same source
was applied since; import the file again. planning, applying: a command, the
console or the API is at it. not-planned: nothing came of the file, for the
reason given.

Examples:
  pedel people imports
  pedel people imports --json
`;
