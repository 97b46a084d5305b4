/** The text of docs/applications.md: what applications get, and how the commonest products are connected, from their presets. */
import type { Listed } from '../config/catalogue.ts';
import type { Ask } from '../domain/clients/presets/placeholders.ts';
import { type Rendered, render } from '../domain/clients/presets/preset-rendering.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { guide, row } from './applications-guide.ts';
import { evidenceText, notesText, titleOf, type Words } from './preset-text.ts';

/** The recipes, in the order of the document. */
export const recipes = [
  'moodle',
  'canvas',
  'toledo',
  'satosa',
  'nextcloud',
  'gitlab',
  'grafana',
  'jupyterhub',
  'oauth2-proxy',
  'mod-auth-openidc',
  'roundcube',
  'dovecot',
  'keycloak',
  'spring-security',
] as const;

const PROVIDER = { issuer: 'https://idp.example.edu', provider: 'Example University' };

/** @param presets the catalogue, without presets of anybody else */
export function applicationsDocument(presets: readonly Listed[], words: Words): string {
  const chosen = recipes.map((id) => presets.find((preset) => preset.id === id)).filter((each) => each !== undefined);
  return `# Connect an application

Made by \`pedel presets document\` from \`catalogue/\`, the registry of members and the scopes; do not edit.

\`pedel presets list\` prints what the catalogue has, \`pedel presets show\` how one product is connected, and \`pedel clients add\`
registers it and prints what its own side types, with the secret. The commonest are [below](#recipes).

${guide()}

## Recipes

With the examples of the presets: \`https://idp.example.edu\` is Pedel, and the secret is what \`clients add\` shows, once. *run* means that the
product signed people in at Pedel, *source* that its own source or manual was read; what nobody has seen work is said.

${chosen.map((preset) => recipe(preset, words)).join('\n\n')}

## Everything else

| preset | product | evidence | |
|---|---|---|---|
${presets
  .filter(({ id }) => !(recipes as readonly string[]).includes(id))
  .map((preset) => row([`\`${preset.id}\``, preset.name, preset.verified.by, remarkOf(preset, words)]))
  .join('\n')}

## A catalogue of your own

A folder of YAML files, named by \`catalogue\` in the configuration, adds presets, or takes the place of one with the same id. Copy a file
of \`catalogue/\`. Placeholders are words in braces; \`pedel presets list\` names every fault with its file and line: one that
does not exist, a value outside of the quotes of its language, a member that a registration does not have.
`;
}

const remarkOf = (preset: Listed, words: Words) =>
  preset.through === undefined ? (notesText(preset, words)[0] ?? '') : `SAML: through \`${preset.through}\``;

function recipe(preset: Listed, words: Words): string {
  const rendered = render(preset, {}, PROVIDER, { examples: true });
  if ('faults' in rendered) throw new Error(`the preset ${preset.id} cannot be filled in`);
  const parts = [
    `### ${preset.name}`,
    evidenceText(preset, words)
      .map((line) => `*${line}*`)
      .join('  \n'),
  ];
  if (preset.metadata !== undefined) {
    parts.push(`\`\`\`sh\nbin/pedel clients add ${preset.id}${answersOf(preset)} --config pedel.yaml\n\`\`\``);
    parts.push(registered(rendered.registration));
    parts.push(...otherSide(preset, rendered, words));
  }
  parts.push(
    notesText(preset, words)
      .map((note) => `- ${note}`)
      .join('\n'),
  );
  return parts.filter((part) => part !== '').join('\n\n');
}

function answersOf({ asks }: Listed): string {
  return (Object.entries(asks) as [Ask, { example?: string }][])
    .flatMap(([ask, { example }]) => (example === undefined ? [] : [` --${ask} ${example}`]))
    .join('');
}

/** The members of the registration that differ between products, in a line each. */
function registered(registration: Record<string, JsonValue>): string {
  const left = ['client_id', 'client_name', 'client_uri', 'pedel_purpose#en', 'pedel_purpose#nl'];
  const lines = Object.entries(registration).filter(([name]) => !left.includes(name));
  return `Registers:\n\n${lines.map(([name, value]) => `- \`${name}\`: ${inMarkdown(value)}`).join('\n')}`;
}

function inMarkdown(value: JsonValue): string {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string'))
    return value.map((each) => `\`${each}\``).join(', ');
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function otherSide({ form }: Listed, { fields, snippets }: Rendered, words: Words): string[] {
  const table = [
    row([form ?? 'field', 'value']),
    '|---|---|',
    ...fields.map(({ name, value }) => row([name, `\`${value}\``])),
  ].join('\n');
  return [
    ...(fields.length === 0 ? [] : [table]),
    ...snippets.map((snippet) => `In ${titleOf(snippet, words)}:\n\n\`\`\`${snippet.language}\n${snippet.text}\`\`\``),
  ];
}
