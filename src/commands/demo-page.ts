/** What `pedel demo` prints once everything serves: addresses, and people to sign in as. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Nodes } from './demo-nodes.ts';

type PersonToTry = { who: string; number: string; tryThis: string };

/**
 * @param folder where the campus wrote `people.json`
 * @param kept whether the folder stays when the demo ends
 * @param nodes the nodes behind the balancer; empty: a single node without a balancer
 */
export function demoPage(
  {
    port,
    folder,
    kept,
    storage,
    environment,
  }: {
    port: number;
    folder: string;
    kept: boolean;
    storage: string | undefined;
    environment: Record<string, string>;
  },
  nodes: Nodes['each'],
): string {
  const people = JSON.parse(readFileSync(join(folder, 'people.json'), 'utf8')) as PersonToTry[];
  const site = (offset: number) => `http://localhost:${port + offset}`;
  const rows: [string, string][] = [
    ['Toledo', `${site(1)}/`],
    ['Webmail', `${site(2)}/`],
    ['KU Loket', `${site(3)}/`],
    ['Alumni portal', `${site(4)}/portaal/`],
    ['Pedel', `${site(0)}/`],
    ['', `${site(0)}/activate   to activate by number`],
    ['Console', `${site(0)}/admin   for administrators`],
    ['', `${site(5)}/codes   the codes of their second step`],
    ['Mail', `${site(5)}/   what goes to personal addresses`],
    ['A device', `node_modules/.bin/node demo/device.ts --port ${port}`],
  ];
  const kindOf = (uri: string) => (uri.startsWith('mongodb') ? 'the MongoDB of --storage' : uri);
  const place = storage === undefined ? folder : `${folder} and ${kindOf(storage)}`;
  const balanced =
    nodes.length === 0
      ? ''
      : `
  ${nodes.length} nodes serve Pedel in turn. Kill one, and the others go on:
${nodes.map(({ address, pid, logFile }) => `    ${address}   kill -9 ${pid}   ${logFile}`).join('\n')}
`;
  return `
Pedel and its demo campus are running.
${kept ? `Its data stays in ${place}` : 'Its data is deleted at the end'}.

${rows.map(([name, address]) => `  ${name.padEnd(15)} ${address}`).join('\n')}
${balanced}${clockText(environment, folder, site(5))}
People to try (activation emails are in the mailbox):

${people.map(({ number, who, tryThis }) => `  ${number}  ${who}\n${wrapped(tryThis, ' '.repeat(12))}`).join('\n')}

Register an application of your own (clients.json: README.md, "Connect an
application"):

${commandIn(environment, 'bin/pedel clients apply clients.json')}

Ctrl-C ends everything.
`;
}

const COLUMNS = 80;

/** In lines that a terminal of 80 columns does not break. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && indent.length + last.length + 1 + word.length <= COLUMNS)
      lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines.map((line) => indent + line).join('\n');
}

/** Where the demo has a clock of its own, and how somebody is enrolled again in it. */
function clockText(environment: Record<string, string>, folder: string, mailbox: string): string {
  if (environment.DEMO_CLOCK === undefined) return '';
  return `
It is ${new Date().toISOString().slice(0, 10)} for everything in this demo, and the clock runs on. Move it on
at ${mailbox}/clock

Emma Willems (r0077777) is not enrolled again: her account ends on 31 October.
Read her emails and sign in as her while you move the clock on. Then enrol her
again:

${commandIn(environment, `bin/pedel people import ${join(folder, 'enrolled-again.csv')} --source demo`)}
`;
}

/** A command in this demo; a password in the address of the storage is left out. */
function commandIn(environment: Record<string, string>, command: string): string {
  const quoted = (value: string) => (/^[\w./:@%+,=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
  const shown = (value: string) => value.replace(/^(mongodb(?:\+srv)?:\/\/[^/@:]*:)[^/@]*@/, '$1PASSWORD@');
  const names = ['PEDEL_ISSUER', 'PEDEL_STORAGE', 'PEDEL_SECRET_FILE', 'PEDEL_ALLOW_NETWORKS'];
  const ofClock = ['DEMO_CLOCK', 'NODE_OPTIONS'].filter((name) => environment[name] !== undefined);
  const settings = [...names, ...ofClock].map((name) => `${name}=${quoted(shown(environment[name] ?? ''))}`);
  return [...settings, command].map((part) => `  ${part}`).join(' \\\n');
}
