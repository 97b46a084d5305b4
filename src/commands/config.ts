/** `pedel config`: checks a configuration, and prints the reference of all options from the schema. */
import { Command } from 'commander';
import { roleRules } from '../config/options/access.ts';
import { namedNetwork, networkLimitsSchema } from '../config/options/networks.ts';
import { about } from '../config/options/option.ts';
import { contact, organisation } from '../config/options/organisation.ts';
import { source } from '../config/options/source.ts';
import { options } from '../config/options.ts';
import { leafOptions, shapeOf, standardOf } from '../config/paths.ts';
import { secrets } from '../config/secrets.ts';
import { limits, type NetworkLimit } from '../domain/rate-limits/limits.ts';
import { tryConfig } from './config-check.ts';
import { faultText, loadFor, standardFile } from './configuration.ts';
import { count, printable, type Setting } from './terminal.ts';

export function configCommand({ terminal, exit }: Setting): Command {
  const command = new Command('config');
  command
    .command('check')
    .description('try what pedel serve needs with this configuration, and list every fault; changes nothing')
    .argument('[file]', 'configuration file; without one, PEDEL_CONFIG or config/pedel.yaml of the installation')
    .option('--connect', 'also connect to the mail server (with encryption and credentials) and to a MongoDB')
    .option('--without-secret', 'check where PEDEL_SECRET is not at hand')
    .option('--json', '{ file, faults, warnings } as JSON, for scripts')
    .addHelpText('after', CHECK_HELP)
    .action(async (given: string | undefined, { json, connect, withoutSecret }: CheckOptions) => {
      const loaded = loadFor(terminal, given, withoutSecret ? 'optional' : 'required');
      const { file, config } = loaded;
      const tried =
        config === undefined
          ? { faults: [], notes: [] }
          : await tryConfig(terminal, config, loaded.where, { connect: connect === true });
      const faults = [...loaded.faults, ...tried.faults];
      const warnings = [...loaded.warnings, ...tried.notes];
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

type CheckOptions = { json?: true; connect?: true; withoutSecret?: true };

const CHECK_HELP = `
Reads the file and the environment, as pedel serve does. When both are right,
it tries whether this user can listen on the addresses and write the storage
(or its folder), and whether the secret opens what is stored. Nothing is
created or changed. Run it as the user that Pedel runs as.

Exit status:
  0  pedel serve can start
  1  there are faults

Examples:
  pedel config check /etc/pedel/pedel.yaml
  pedel config check /etc/pedel/pedel.yaml --connect
  PEDEL_ISSUER=https://idp.example.edu pedel config check --json
`;

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
directory, those of logos and of \`mail.ca\` to the folder of the configuration file.

| option | environment | purpose | expected | default |
|---|---|---|---|---|
${rows.join('\n')}

## Each of \`organisations\`

Only in a configuration file.

| member | purpose | expected | default |
|---|---|---|---|
${members(organisation).join('\n')}

## The \`access\` of a role

By role of an affiliation; \`default\` is for those that are not listed. Days are those of Brussels, each to midnight. A change of
these rules changes the account of nobody who is stored already until \`pedel lifecycle recompute\` applies it, which asks first where
many would lose access (\`safeguard\` of sources); how long an account is kept counts at once. What a source says is withdrawn
ends at that second.

| member | purpose | expected | default |
|---|---|---|---|
${members(roleRules).join('\n')}

## Each of \`sources\`

Only in a configuration file.

| member | purpose | expected | default |
|---|---|---|---|
${members(source).join('\n')}

## Each of \`contacts\`

With an email address or a telephone number.

| member | purpose | expected | default |
|---|---|---|---|
${members(contact).join('\n')}

## Each of \`networks\`

Only in a configuration file. Example: \`{ name: campus, cidrs: [192.0.2.0/28], limits: { accountsFailedPerNetwork: 3000 } }\`.

| member | purpose | expected | default |
|---|---|---|---|
${members(namedNetwork).join('\n')}

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

## Your own certificate authority

What Pedel calls over TLS (the mail server, a MongoDB, back-channel logout, \`jwks_uri\`) must have a certificate of an
authority that Node knows. \`mail.ca\` names one for the mail server alone. For everything, name a PEM file in Node's own
variable; it counts from the start of the process on, in addition to the public authorities:

\`\`\`sh
NODE_EXTRA_CA_CERTS=/etc/pedel/ca.pem PEDEL_SECRET_FILE=pedel.secret bin/pedel serve
\`\`\`
`;
}
