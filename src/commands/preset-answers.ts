/** What a command line answers to the questions of a preset, and the catalogue that it is found in. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Listed, readCatalogue } from '../config/catalogue.ts';
import type { Config } from '../config/load.ts';
import { type Ask, askNames, askWords } from '../domain/clients/presets/placeholders.ts';
import { searchPresets } from '../domain/clients/presets/preset.ts';
import type { AnswerFault, Answers } from '../domain/clients/presets/preset-rendering.ts';
import { faultText } from './configuration.ts';
import { CommandFault, count, printable, type Terminal } from './terminal.ts';

/** Pedel's own presets. */
const ourCatalogue = ({ installation }: Pick<Terminal, 'installation'>) => join(installation, 'catalogue');

/** Every preset, in the order of the list. @throws CommandFault naming every fault of a file */
export function requireCatalogue(terminal: Terminal, config: Pick<Config, 'catalogue'>): Listed[] {
  const { presets, faults } = readCatalogue(ourCatalogue(terminal), config.catalogue);
  if (faults.length === 0) return presets;
  throw new CommandFault(
    `the catalogue has ${count(faults.length, 'fault')}:\n\n${faults.map(faultText).join('\n\n')}`,
  );
}

/** @throws CommandFault naming what is meant, if there is something like it */
export function requirePreset(presets: readonly Listed[], id: string): Listed {
  const found = presets.find((preset) => preset.id === id.toLowerCase());
  if (found !== undefined) return found;
  const near = searchPresets(presets, id).map((preset) => preset.id);
  const hint = near.length === 0 ? 'pedel presets list prints them all' : `do you mean ${near.join(' or ')}?`;
  throw new CommandFault(`there is no preset "${printable(id)}"; ${hint}`);
}

export type AnswerOptions = Partial<Record<Ask, string>> & { clientId?: string; name?: string };

/** An option for each question, and for what every application has. */
export function withAnswerOptions(command: Command): Command {
  for (const ask of askNames) command.addOption(new Option(`--${ask} <${ask}>`, askWords[ask]));
  return command
    .addOption(new Option('--client-id <id>', 'its client_id (default: the id of the preset)'))
    .addOption(new Option('--name <name>', 'its name on the pages (default: that of the product)'));
}

export function answersOf(options: AnswerOptions): Answers {
  const { clientId, name } = options;
  const asked = Object.fromEntries(
    askNames.flatMap((ask) => (options[ask] === undefined ? [] : [[ask, options[ask]]])),
  );
  return { ...asked, clientId, name };
}

/** @throws CommandFault always, naming every answer that is missing or not taken */
export function refuseAnswers(id: string, faults: AnswerFault[]): never {
  throw new CommandFault(
    `${id} cannot be filled in:\n${faults.map((fault) => `  ${inWords(fault)}\n`).join('')}`.trimEnd(),
  );
}

function inWords(fault: AnswerFault): string {
  if (fault.kind === 'missing') return `--${fault.ask} is missing: give ${fault.expected}`;
  if (fault.kind === 'refused') return `--${fault.ask} is not taken: give ${fault.expected}`;
  if (fault.kind === 'not-asked') return `--${fault.ask} is not asked by this preset: leave it out`;
  return `{${fault.placeholder}} cannot be written in ${fault.language}: use letters, digits and - only`;
}
