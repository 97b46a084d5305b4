/** `pedel clients add`: registers one application by a preset, and prints what its own side types, the secret once. */
import { Command, Option } from 'commander';
import type { Listed } from '../config/catalogue.ts';
import type { Language } from '../domain/account/languages.ts';
import { readSecretName, type SecretLife, secretLives, USUAL_LIFE } from '../domain/clients/client-secrets.ts';
import { byItsKey } from '../domain/clients/presets/preset-keys.ts';
import { type Rendered, render } from '../domain/clients/presets/preset-rendering.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { systemActor } from '../use-cases/actor.ts';
import { type ApplyResult, TAKEN } from '../use-cases/clients/apply-clients.ts';
import { registerOne } from '../use-cases/clients/register.ts';
import { applyDeps, jsonOf, resultText } from './clients-applying.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { KEYS_HELP, membersByKeys } from './keys-file.ts';
import { languageOption } from './language-option.ts';
import {
  type AnswerOptions,
  answersOf,
  refuseAnswers,
  requireCatalogue,
  requirePreset,
  withAnswerOptions,
} from './preset-answers.ts';
import { evidenceText, notesText, otherSideText, type Words } from './preset-text.ts';
import { providerOf, wordsOf } from './presets.ts';
import { CommandFault, printable, type Setting, userOf } from './terminal.ts';

type Options = { config?: string; json?: true; dryRun?: true; firstParty?: true; language: Language } & Beside & ByKey;
/** What the catalogue does not say of an application. */
type Beside = { contact: string[]; secretName: string; secretExpires: SecretLife };
/** By which keys it signs in, instead of a secret. */
type ByKey = { keys?: string | undefined; keysAt?: string | undefined };

export function addCommand({ terminal, exit }: Setting): Command {
  return withAnswerOptions(new Command('add'))
    .description('register one application by a preset of the catalogue, and print what to type on its side')
    .argument('<preset>', 'its id, as pedel presets list prints it')
    .option('--first-party', "the association's own: people are not asked for consent")
    .option(
      '--contact <address>',
      'who is told before its secret expires; may be repeated',
      (each: string, before: string[]) => [...before, each],
      [],
    )
    .option('--secret-name <name>', 'what you call its secret', 'first secret')
    .addOption(new Option('--secret-expires <when>', 'until when it works').choices(secretLives).default(USUAL_LIFE))
    .option('--keys <file>', `instead of a secret, ${KEYS_HELP}`)
    .option('--keys-at <address>', 'instead of a secret, the address where it publishes its public keys (jwks_uri)')
    .option('-n, --dry-run', 'say what would happen, and change nothing')
    .option('--json', 'the result as JSON, for scripts: { client_id, outcome, client_secret, fields, snippets, notes }')
    .addOption(languageOption())
    .addOption(configOption())
    .addHelpText('after', ADD_HELP)
    .action(async (id: string, options: Options & AnswerOptions) => {
      const {
        config: file,
        json,
        dryRun,
        firstParty,
        language,
        contact,
        secretName,
        secretExpires,
        keys,
        keysAt,
        ...answers
      } = options;
      const byKey = keyMembers({ keys, keysAt });
      if (readSecretName(secretName) === undefined) throw new CommandFault('--secret-name: name it in one line');
      const words = await wordsOf(language);
      await withInstallation(terminal, file, async ({ config, storage, requireSecret }) => {
        await requireSecret();
        const listed = requirePreset(requireCatalogue(terminal, config), id);
        if (byKey !== undefined && listed.keys === undefined)
          throw new CommandFault(`${listed.id} is known with a secret only: leave --keys and --keys-at out`);
        const preset = byKey === undefined ? listed : byItsKey(listed);
        if (preset.through !== undefined)
          throw new CommandFault(
            `${preset.id} cannot be connected itself: ${notesText(preset, words)[0]} See pedel presets show ${preset.through}`,
          );
        const fill = (secret?: string): Rendered => {
          const rendered = render(preset, answersOf(answers), providerOf(config, language), { secret });
          return 'faults' in rendered ? refuseAnswers(preset.id, rendered.faults) : rendered;
        };
        const beside = { contact, secretName, secretExpires };
        const how = { byKey, dryRun: dryRun === true, firstParty: firstParty === true, ...beside };
        const result = await register(terminal, { config, storage }, { preset, answers, rendered: fill() }, how);
        if (result.outcome === 'refused') exit(1);
        else if (result.secret !== undefined && contact.length === 0 && secretExpires !== 'none')
          terminal.writeError(NOBODY_IS_TOLD);
        // what was not made needs nothing on the other side
        const rendered = result.outcome === 'refused' ? undefined : fill(result.secret);
        if (json) terminal.write(`${JSON.stringify(addedJson(preset, result, rendered, words), null, 2)}\n`);
        else if (rendered === undefined) terminal.writeError(resultText(result));
        else terminal.write(addedText(preset, result, rendered, words));
        if (dryRun && !json) terminal.write('Dry run, nothing was changed.\n');
      });
    });
}

/** @throws CommandFault where both are given, or the file has no keys that can be used */
function keyMembers({ keys, keysAt }: ByKey): Record<string, JsonValue> | undefined {
  if (keys !== undefined && keysAt !== undefined) throw new CommandFault('give --keys or --keys-at, not both');
  if (keys !== undefined) return membersByKeys(keys);
  return keysAt === undefined ? undefined : { jwks_uri: keysAt };
}

/** As `pedel clients apply` tells it. */
async function register(
  terminal: Setting['terminal'],
  installation: Pick<Installation, 'config' | 'storage'>,
  { preset, answers, rendered }: { preset: Listed; answers: AnswerOptions; rendered: Rendered },
  how: Beside & { byKey: Record<string, JsonValue> | undefined; dryRun: boolean; firstParty: boolean },
): Promise<ApplyResult> {
  const { byKey, dryRun, firstParty, contact, secretName, secretExpires } = how;
  const { clientId: _, name: __, ...asked } = answers;
  const client = String(rendered.registration.client_id);
  const { jwks_uri: _published, ...plain } = rendered.registration;
  const registration = {
    ...(byKey === undefined ? rendered.registration : plain),
    ...byKey,
    ...(firstParty ? { pedel_first_party: true } : {}),
    ...(contact.length > 0 ? { contacts: contact } : {}),
  };
  const registered = await registerOne(
    systemActor(userOf(terminal.environment).by),
    {
      registration: { ...registration, client_id: client },
      organisation: undefined,
      secret: { name: readSecretName(secretName) ?? secretName, life: secretExpires },
      preset: { id: preset.id, answers: asked as Record<string, string> },
    },
    applyDeps(terminal, installation, { dryRun, offline: true }),
  );
  if (registered.kind === 'registered' || registered.kind === 'would-register') {
    const { members, warnings, secret } = { secret: undefined, warnings: undefined, ...registered };
    const told = { ...(secret === undefined ? {} : { secret }), ...(warnings === undefined ? {} : { warnings }) };
    return { client, outcome: 'created', members, ...told };
  }
  const faults = registered.kind === 'refused' ? registered.faults : [TAKEN];
  return { client, id: client, outcome: 'refused', faults };
}

function addedText(preset: Listed, result: ApplyResult, rendered: Rendered, words: Words): string {
  const { say } = words;
  const list = (lines: string[]) => lines.map((line) => `  - ${printable(line)}\n`).join('');
  const there = otherSideText(preset, rendered, words);
  const notes = notesText(preset, words);
  return [
    resultText(result),
    ...(there === '' ? [] : [`${say('catalogue.heading_there')}\n${there}\n`]),
    ...(notes.length === 0 ? [] : [`${say('catalogue.heading_notes')}\n${list(notes)}`]),
    `${evidenceText(preset, words).map(printable).join('\n')}\n`,
  ].join('\n');
}

const addedJson = (preset: Listed, result: ApplyResult, rendered: Rendered | undefined, words: Words) => ({
  ...jsonOf(result),
  preset: preset.id,
  ...(rendered === undefined ? {} : { fields: rendered.fields, snippets: rendered.snippets }),
  notes: notesText(preset, words),
  evidence: evidenceText(preset, words),
});

const NOBODY_IS_TOLD =
  'Nobody is told before the secret expires: name somebody in contacts (--contact ADDRESS, or pedel clients edit).\n';

const ADD_HELP = `
The registration is that of pedel presets show; change it later with pedel
clients apply. An application that has the client_id already is left alone.

Exit status:
  0  it is registered
  1  it is not, and why is printed

Examples:
  pedel clients add nextcloud --address https://cloud.example.edu
  pedel clients add gitea --address https://git.example.edu --alias university --client-id git
  pedel clients add web-server --callback https://app.example.edu/callback --name App --keys public.pem
`;
