/** `pedel clients members`: prints the members of a registration from the registry, for the terminal and docs/client-metadata.md. */
import { Command, Help } from 'commander';
import { acceptedAlgorithms, dpopAlgorithms, issuedAlgorithms } from '../domain/clients/metadata/algorithms.ts';
import { clientMemberList, defaultInWords, membersNotTaken } from '../domain/clients/metadata/client-members.ts';
import type { Setting } from './terminal.ts';

const WIDTH = 80;
const INDENT = '      ';

export function membersCommand({ terminal }: Setting): Command {
  return new Command('members')
    .description('describe every member of a registration, with accepted values and defaults')
    .option('--markdown', 'as Markdown, for docs/client-metadata.md')
    .addHelpText(
      'after',
      '\nExamples:\n  pedel clients members\n  pedel clients members --markdown > docs/client-metadata.md\n',
    )
    .action(({ markdown }: { markdown?: true }) =>
      terminal.write(markdown ? membersDocument() : `${membersText()}\n${SOURCE}`),
    );
}

/** Describes each member below its name, in lines of at most 80 columns. */
export function membersText(): string {
  const wrapped = (text: string) =>
    new Help()
      .boxWrap(text, WIDTH - INDENT.length)
      .split('\n')
      .map((line) => `${INDENT}${line}`.trimEnd())
      .join('\n');
  const members = clientMemberList.map((member) =>
    [
      `  ${member.name}${member.setBy === 'operator' ? ' *' : ''}`,
      wrapped(member.help),
      wrapped(`Accepted: ${member.expected}. Default: ${defaultInWords(member)}.`),
      '',
    ].join('\n'),
  );
  return `Members of a registration (* only in "pedel clients apply"):\n\n${members.join('\n')}`;
}

const SOURCE =
  'The same with examples and algorithms: docs/client-metadata.md\nScopes and claims: docs/applications.md\n';

/** The text of docs/client-metadata.md. */
function membersDocument(): string {
  const row = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');
  const members = clientMemberList.map(({ name, help, expected, example, setBy, ...rest }) =>
    row([
      `\`${name}\`${setBy === 'operator' ? ' \\*' : ''}`,
      help,
      expected,
      defaultInWords({ help, expected, example, setBy, ...rest }),
      `\`${JSON.stringify(example)}\``,
    ]),
  );
  return `# What a registration may say

Made by \`pedel clients members --markdown\` from the registry in \`src/domain/clients/metadata/client-members.ts\`; do not edit.

A registration is a JSON object of the members below (RFC 7591, OpenID Connect Registration). \`pedel clients apply FILE\`
takes an array of them and names every fault at once. Only an operator sets the members marked \\*: an application that
registers itself cannot. Unknown members are faults.

| member | what it does | accepted | default | example |
|---|---|---|---|---|
${members.join('\n')}

Scopes, the claims behind each with an example, and what to register for what: [applications.md](applications.md).

## Algorithms

Pedel signs with ${code(issuedAlgorithms)}; it accepts ${code(acceptedAlgorithms)} from applications, and
${code(dpopAlgorithms)} for DPoP proofs. None works with a shared secret:
Pedel keeps only hashes of secrets.

## Not taken

| member | instead |
|---|---|
${Object.entries(membersNotTaken)
  .map(([name, remedy]) => row([`\`${name}\``, remedy]))
  .join('\n')}
`;
}
