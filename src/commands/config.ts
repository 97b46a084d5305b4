/** `pedel config`: checks a configuration, and writes the reference of all options from the schema. */
import { Command } from 'commander';
import { about, contactSchema, options, organisationSchema, secrets } from '../config/options.ts';
import { leafOptions, shapeOf, standardOf } from '../config/paths.ts';
import { faultText, loadFor, standardFile } from './configuration.ts';
import { count, printable, type Setting } from './terminal.ts';

export function configCommand({ terminal, exit }: Setting): Command {
  const command = new Command('config').description('check a configuration, or describe every option');
  command
    .command('check')
    .description('name every fault of a configuration at once, as serve would read it (file, then environment)')
    .argument('[file]', 'configuration file; without one, config/pedel.yaml of the installation')
    .option('--json', 'for scripts: { file, faults, warnings }')
    .addHelpText(
      'after',
      '\nExit status: 0 without faults, 1 with.\n\nExamples:\n  pedel config check /etc/pedel/pedel.yaml\n  PEDEL_ISSUER=https://idp.example.edu pedel config check --json\n',
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
    .description('print the reference of every option (config/README.md)')
    .addHelpText(
      'after',
      `\nExample:\n  pedel config describe > config/README.md\n\nThe file that is read without --config: ${standardFile(terminal)}\n`,
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
      kind === 'organisations' ? '' : `\`${environment}\``,
      what.purpose,
      what.expected,
      standard(value) || (kind === 'organisations' || path[0] === 'issuer' ? '**required**' : 'none'),
    ]),
  );
  const members = (schema: Parameters<typeof shapeOf>[0]) =>
    Object.entries(shapeOf(schema) ?? {}).map(([name, part]) => {
      const what = about.get(part);
      const optional = part.safeParse(undefined).success || part.type === 'optional';
      return row([
        `\`${name}\``,
        what?.purpose ?? '',
        `${what?.expected ?? ''}, for example \`${what?.example ?? ''}\``,
        standard(standardOf(part)) || (optional ? 'none' : '**required**'),
      ]);
    });
  return `# Configuration

Made by \`pedel config describe\` from the schema in \`src/config/options.ts\`; do not edit.

What counts, from weakest to strongest: the default, the file (YAML), the environment. The file is the one named by
\`--config\` or \`PEDEL_CONFIG\`, otherwise \`config/pedel.yaml\` of the installation. Unknown keys are faults.
\`pedel config check FILE\` names every fault at once. Lists in the environment are separated by commas. Relative file
names count from the working directory, those of logos from the folder of the file.

| option | environment | what it is for | expected | default |
|---|---|---|---|---|
${rows.join('\n')}

## Each of \`organisations\`

Only in a file.

| member | what it is for | expected | default |
|---|---|---|---|
${members(organisationSchema).join('\n')}

## Each of \`contacts\`

With an e-mail address or a telephone number.

| member | what it is for | expected | default |
|---|---|---|---|
${members(contactSchema).join('\n')}

## Secrets

Only in the environment: the value under this name, or the name of a file that holds it under the same name with
\`_FILE\`. In the configuration file they are faults.

| environment | what it is for |
|---|---|
${secrets.map(({ name, purpose }) => row([`\`${name}\`, \`${name}_FILE\``, `${purpose}.`])).join('\n')}

\`\`\`sh
openssl rand -base64 32 > pedel.secret && chmod 600 pedel.secret
PEDEL_SECRET_FILE=pedel.secret bin/pedel serve
\`\`\`
`;
}
