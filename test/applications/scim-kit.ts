/** SCIM as judges meet it: an installation of one organisation with one source, whose token they have. */
import { spawn } from 'node:child_process';
import { startScim } from '../api/scim-support.ts';
import { organisations } from '../support/organisations.ts';

export { closeAll } from '../api/scim-support.ts';

export async function startJudged() {
  const vives = organisations.filter(({ id }) => id === 'vives');
  const kit = await startScim({
    apiRequestsPerMinute: 1_000_000,
    config: {
      organisations: vives,
      sources: [
        {
          id: 'hr',
          organisations: ['vives'],
          numbers: ['r#######'],
          domains: ['vives.be'],
          credentials: false,
          identity: 'none',
        },
      ],
    },
  });
  return { ...kit, token: await kit.tokenOf('hr') };
}

/** Runs a program to its end. */
export function run(command: string, args: string[], env: Record<string, string> = {}, input = '') {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.end(input);
  });
}
