/** `pedel config`: checks a configuration, and prints the reference of all options from the schema. */
import { Command } from 'commander';
import {
  about,
  contactSchema,
  namedNetworkSchema,
  networkLimitsSchema,
  options,
  organisationSchema,
  secrets,
  sourceSchema,
} from '../config/options.ts';
import { leafOptions, shapeOf, standardOf } from '../config/paths.ts';
import { limits, type NetworkLimit } from '../domain/rate-limits/limits.ts';
import { faultText, loadFor, standardFile } from './configuration.ts';
import { count, printable, type Setting } from './terminal.ts';

export function configCommand({ terminal, exit }: Setting): Command {
  const command = new Command('config').description('check a configuration, or describe every option');
  command
    .command('check')
    .description('list every fault of the configuration that pedel serve would use (file, then environment)')
    .argument('[file]', 'configuration file; without one, config/pedel.yaml of the installation')
    .option('--json', '{ file, faults, warnings } as JSON, for scripts')
    .addHelpText(
      'after',
      '\nExit status:\n  0  the configuration has no fault\n  1  it has faults\n\nExamples:\n  pedel config check /etc/pedel/pedel.yaml\n  PEDEL_ISSUER=https://idp.example.edu pedel config check --json\n',
    )
    .action((given: string | undefined, { json }: { json?: true }) => {
      const { file, faults, warnings } = loadFor(terminal, given, 'optional');
      if (json) terminal.write(`${JSON.stringify({ file, faults, warnings }, null, 2)}\n`);
      else if (faults.length === 0) {
        terminal.write(`${file}: no fault\n`);
        for (const warning of warnings) terminal.write(`  note: ${printable(warning)}\n`);
      } else {
        terminal.writeError(`${file}: ${count(faults.length, 'fault')}\n\n${faults.map(faultText).join('\n\n')}\n`);
        for (const warning of warnings) terminal.writeError(`\n  note: ${printable(warning)}\n`);
      }
      if (faults.length > 0) exit(1);
    });
  command
    .command('describe')
    .description('print the reference of all options (config/README.md)')
    .addHelpText(
      'after',
      `\nExample:\n  pedel config describe > config/README.md\n\nFile that commands read without --config:\n  ${standardFile(terminal)}\n`,
    )
    .action(() => terminal.write(describeOptions()));
  return command;
}

/** The text of config/README.md. */
export function describeOptions(): string {
  const row = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const standard = (value: unknown) =>
    value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
  const rows = [...leafOptions(options)].map(({ path, about: what, environment, standard: value, kind }) =>
    row([
      `\`${path.join('.')}\``,
      kind === 'structured' ? '' : `\`${environment}\``,
      what.purpose,
      what.expected,
      standard(value) || (path[0] === 'organisations' || path[0] === 'issuer' ? '**required**' : 'none'),
    ]),
  );
  const members = (schema: Parameters<typeof shapeOf>[0], standardIn: (name: string) => string = () => '') =>
    Object.entries(shapeOf(schema) ?? {}).map(([name, part]) => {
      const what = about.get(part);
      const optional = part.safeParse(undefined).success || part.type === 'optional';
      return row([
        `\`${name}\``,
        what?.purpose ?? '',
        `${what?.expected ?? ''}, for example \`${what?.example ?? ''}\``,
        standardIn(name) || standard(standardOf(part)) || (optional ? 'none' : '**required**'),
      ]);
    });
  return `# Configuration

Made by \`pedel config describe\` from the schema in \`src/config/options.ts\`; do not edit.

The environment overrides the file (YAML), and the file overrides the defaults. \`--config\` or \`PEDEL_CONFIG\` names the
file; without them it is \`config/pedel.yaml\` of the installation. Unknown keys are faults. \`pedel config check FILE\`
lists all faults at once. Lists in the environment are separated by commas. File names are relative to the working
directory, those of logos to the folder of the configuration file.

| option | environment | purpose | expected | default |
|---|---|---|---|---|
${rows.join('\n')}

## Each of \`organisations\`

Only in a configuration file.

| member | purpose | expected | default |
|---|---|---|---|
${members(organisationSchema).join('\n')}

## Each of \`sources\`

Only in a configuration file.

| member | purpose | expected | default |
|---|---|---|---|
${members(sourceSchema).join('\n')}

## Each of \`contacts\`

With an email address or a telephone number.

| member | purpose | expected | default |
|---|---|---|---|
${members(contactSchema).join('\n')}

## Each of \`networks\`

Only in a configuration file. Example: \`{ name: campus, cidrs: [192.0.2.0/28], limits: { accountsFailedPerNetwork: 3000 } }\`.

| member | purpose | expected | default |
|---|---|---|---|
${members(namedNetworkSchema).join('\n')}

## The \`limits\` of a network

| member | purpose | expected | default |
|---|---|---|---|
${members(networkLimitsSchema, (name) => standard(limits[name as NetworkLimit].tries)).join('\n')}

## Secrets

Only in the environment: either the value under this name, or the name of a file with the value under this name with
\`_FILE\`. A secret in the configuration file is a fault.

| environment | purpose |
|---|---|
${secrets.map(({ name, purpose }) => row([`\`${name}\`, \`${name}_FILE\``, `${purpose}.`])).join('\n')}

\`\`\`sh
openssl rand -base64 32 > pedel.secret && chmod 600 pedel.secret
PEDEL_SECRET_FILE=pedel.secret bin/pedel serve
\`\`\`
`;
}
