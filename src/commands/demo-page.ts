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
  { port, folder, kept, storage }: { port: number; folder: string; kept: boolean; storage: string | undefined },
  nodes: Nodes['each'],
): string {
  const people = JSON.parse(readFileSync(join(folder, 'people.json'), 'utf8')) as PersonToTry[];
  const site = (offset: number) => `http://localhost:${port + offset}`;
  const rows: [string, string][] = [
    ['Toledo', `${site(1)}/`],
    ['Webmail', `${site(2)}/`],
    ['KU Loket', `${site(3)}/`],
    ['Alumni portal', `${site(4)}/portaal/`],
    ['Pedel', `${site(0)}/   (activate: ${site(0)}/activate)`],
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
Pedel and its demo campus are running. ${kept ? `Its data stays in ${place}` : 'Its data is deleted at the end'}.

${rows.map(([name, address]) => `  ${name.padEnd(15)} ${address}`).join('\n')}

  Mail            ${site(5)}/   emails to personal addresses (for institution addresses: Webmail)
${balanced}
People to try (activation emails are in the mailbox):

${people.map(({ number, who, tryThis }) => `  ${number}  ${who}\n            ${tryThis}`).join('\n')}

Ctrl-C ends everything.
`;
}
