/** `pedel presets`: lists the products of the catalogue, shows how to connect one, and prints docs/applications.md. */
import { Command } from 'commander';
import type { Listed } from '../config/catalogue.ts';
import type { Config } from '../config/load.ts';
import type { Language } from '../domain/account/languages.ts';
import type { Ask } from '../domain/clients/presets/placeholders.ts';
import { searchPresets, textIn } from '../domain/clients/presets/preset.ts';
import { type Rendered, render } from '../domain/clients/presets/preset-rendering.ts';
import { configOption, requireConfig } from './configuration.ts';
import { LIBRARY_LANGUAGE, languageOption, sentencesIn } from './language-option.ts';
import {
  type AnswerOptions,
  answersOf,
  refuseAnswers,
  requireCatalogue,
  requirePreset,
  withAnswerOptions,
} from './preset-answers.ts';
import { evidenceText, notesText, presetText, type Words } from './preset-text.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

type Options = { config?: string; json?: true; registration?: true; language: Language };

export function presetsCommand(setting: Setting): Command {
  const { terminal } = setting;
  const command = new Command('presets');

  command
    .command('list')
    .description('list the products of the catalogue, and the kinds for everything else')
    .argument('[word]', 'only those in whose name or other words it is found')
    .option('--json', 'as JSON, for scripts')
    .addOption(configOption())
    .action((word: string | undefined, { config, json }: Options) => {
      const presets = requireCatalogue(terminal, requireConfig(terminal, config, 'optional'));
      const found = word === undefined ? presets : searchPresets(presets, word);
      if (json) terminal.write(`${JSON.stringify(found.map(listedJson), null, 2)}\n`);
      else if (found.length === 0)
        throw new CommandFault(
          `nothing is found for "${printable(word ?? '')}"; the last six of the list fit everything`,
        );
      else for (const preset of found) terminal.write(lineOf(preset));
    });

  withAnswerOptions(command.command('show'))
    .description('show what registers an application, and what to type on its side; changes nothing')
    .argument('<preset>', 'its id, as pedel presets list prints it')
    .option('--registration', 'only the registration, as pedel clients apply takes it')
    .option('--json', 'all of it as JSON, for scripts')
    .addOption(languageOption())
    .addOption(configOption())
    .addHelpText('after', SHOW_HELP)
    .action(async (id: string, { config: file, json, registration, language, ...answers }: Options & AnswerOptions) => {
      const config = requireConfig(terminal, file, 'optional');
      const preset = requirePreset(requireCatalogue(terminal, config), id);
      const rendered = rendering(preset, config, language, answers);
      const words = await wordsOf(language);
      if (registration && rendered === undefined)
        throw new CommandFault(`${preset.id} registers nothing itself; see pedel presets show ${preset.through}`);
      if (registration) terminal.write(`${JSON.stringify([rendered?.registration], null, 2)}\n`);
      else if (json) terminal.write(`${JSON.stringify(shownJson(preset, rendered, words), null, 2)}\n`);
      else terminal.write(presetText(preset, rendered, examplesIn(preset, answers), words));
    });

  command
    .command('document')
    .description('print docs/applications.md')
    .addHelpText('after', '\nExample:\n  pedel presets document > docs/applications.md\n')
    .action(async () => {
      const { applicationsDocument } = await import('./applications-document.ts');
      terminal.write(applicationsDocument(requireCatalogue(terminal, {}), await wordsOf(LIBRARY_LANGUAGE)));
    });
  return command;
}

export const wordsOf = async (language: Language): Promise<Words> => ({ say: await sentencesIn(language), language });

/** How people know the association, as the snippets name it. */
export const providerOf = ({ issuer, installation }: Config, language: Language) => ({
  issuer,
  provider: installation.name[language],
});

/** Undefined: the preset goes through another one. */
function rendering(preset: Listed, config: Config, language: Language, answers: AnswerOptions): Rendered | undefined {
  const rendered = render(preset, answersOf(answers), providerOf(config, language), { examples: true });
  if ('faults' in rendered) return refuseAnswers(preset.id, rendered.faults);
  return preset.metadata === undefined ? undefined : rendered;
}

/** The options whose examples are shown, because nobody answered them. */
const examplesIn = ({ asks }: Listed, answers: AnswerOptions) =>
  (Object.keys(asks) as Ask[])
    .filter((ask) => answers[ask] === undefined && 'example' in (asks[ask] ?? {}))
    .map((ask) => `--${ask}`);

function lineOf({ id, name, through, verified, own }: Listed): string {
  const marks = [verified.by, ...(through === undefined ? [] : [`through ${through}`]), ...(own ? ['your own'] : [])];
  return `${printable(`${id.padEnd(20)} ${name.padEnd(50)} ${marks.join(', ')}`)}\n`;
}

const listedJson = ({
  id,
  name,
  also,
  own,
  verified: { 'version#nl': _, ...verified },
  asks,
  through,
  faults,
  generic,
}: Listed) => ({
  id,
  name,
  also,
  kind: generic === undefined ? 'product' : 'application type',
  own,
  verified,
  asks,
  ...(through === undefined ? {} : { through }),
  faults,
});

const shownJson = (preset: Listed, rendered: Rendered | undefined, words: Words) => ({
  ...listedJson(preset),
  evidence: evidenceText(preset, words),
  ...(preset.unverified === undefined ? {} : { unverified: textIn(preset.unverified, words.language) }),
  notes: notesText(preset, words),
  ...(preset.form === undefined ? {} : { form: preset.form }),
  ...rendered,
});

const SHOW_HELP = `
Without an answer, the example of the preset is shown. The secret is made when
the application is registered: pedel clients add does both at once.

Examples:
  pedel presets list moodle
  pedel presets show nextcloud --address https://cloud.example.edu
  pedel presets show gitlab --address https://gitlab.example.edu --registration > clients.json
`;
