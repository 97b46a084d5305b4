/** The whole campus as `npm run demo` starts it, on separate ports, with people of the test added. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateSync } from 'otplib';
import { NODES, newPlace } from './backend.ts';
import { freeDemoPorts } from './ports.ts';

const pedel = fileURLToPath(new URL('../../bin/pedel', import.meta.url));

export type Letter = {
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  messageId: string;
};

export type Campus = Awaited<ReturnType<typeof startCampus>>;

/** Starts it and waits until every application answers. `stop` ends it and removes all that it kept. */
export async function startCampus({ nodes = NODES, clock }: { nodes?: number; clock?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-campus-'));
  const place = newPlace();
  const port = await freeDemoPorts();
  const settings = ['--port', String(port), '--data', folder, '--nodes', String(nodes), '--storage', place.uri];
  if (clock !== undefined) settings.push('--clock', clock);
  const child = spawn(pedel, ['demo', ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const at = (offset: number) => `http://localhost:${port + offset}`;
  const urls = {
    pedel: at(0),
    toledo: at(1),
    webmail: at(2),
    kuLoket: at(3),
    portal: `${at(4)}/portaal/`,
    mailbox: at(5),
  };
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}:\n${output}`);
      const answers = await Promise.all(
        [`${urls.pedel}/readyz`, urls.toledo, urls.mailbox].map((url) => fetch(url).catch(() => undefined)),
      );
      return answers.every((answer) => answer?.ok) ? true : undefined;
    },
    () => `the demo did not come up:\n${output}`,
    200_000,
  ).catch(async (error) => {
    await stop();
    throw error;
  });

  async function stop(): Promise<void> {
    await ended(child, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
    await place.remove();
  }

  /** Runs a command beside the running server, on its storage. */
  async function run(...words: string[]): Promise<string> {
    const environment = {
      ...process.env,
      PEDEL_ISSUER: urls.pedel,
      PEDEL_STORAGE: place.uri,
      PEDEL_MAIL: `smtp://127.0.0.1:${port + 25}`,
      PEDEL_SECRET_FILE: join(folder, 'secret'),
    };
    const { stdout } = await promisify(execFile)(pedel, words, { env: environment });
    return stdout;
  }

  let fed = 0;
  /** Feeds people in, as a student administration would: one object a row, columns as in the CSV. */
  async function feed(rows: Record<string, string>[]): Promise<string> {
    fed += 1;
    const file = join(folder, `feed-${fed}.csv`);
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const quoted = (value = '') => `"${value.replaceAll('"', '""')}"`;
    writeFileSync(
      file,
      `${[columns.join(','), ...rows.map((row) => columns.map((name) => quoted(row[name])).join(','))].join('\n')}\n`,
    );
    return run('people', 'import', file, '--source', 'csv', '--with-credentials');
  }

  async function letters(to: string): Promise<Letter[]> {
    const answer = await fetch(`${urls.mailbox}/api/messages?to=${encodeURIComponent(to)}`);
    return (await answer.json()) as Letter[];
  }

  return {
    folder,
    port,
    urls,
    process: child,
    run,
    feed,
    letters,
    /** The newest letter to that address whose subject or text matches; waits for it. */
    async letter(to: string, matching: RegExp, after = 0): Promise<Letter> {
      return until(
        async () => {
          const found = await letters(to);
          return found.length > after
            ? found.find(({ subject, text }) => matching.test(subject) || matching.test(text))
            : undefined;
        },
        () => `no letter to ${to} matching ${matching}`,
        15_000,
      );
    },
    output: () => output,
    stop,
  };
}

/** The address of a link in a letter, and the code in it. */
export function linkIn({ text }: Pick<Letter, 'text'>): string {
  const [link] = text.match(/https?:\/\/\S+/) ?? [];
  if (link === undefined) throw new Error(`no link in: ${text}`);
  return link;
}
export function codeIn({ text }: Pick<Letter, 'text'>): string {
  const [code] = text.match(/\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/) ?? [];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}

/** An authenticator application: never shows a code of a step it has shown before (the server takes none twice). */
export function authenticatorApp(secret: string) {
  let last = 0;
  return {
    async code(): Promise<string> {
      for (;;) {
        const now = Date.now();
        const current = Math.floor(now / 30_000);
        // a step early is accepted too, so that a story need not wait half a minute between two sign-ins; but not one
        // that is about to become too old on its way
        const step = Math.max(last + 1, now % 30_000 > 20_000 ? current : current - 1);
        if (step <= current + 1) {
          last = step;
          return generateSync({ secret, epoch: step * 30 });
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
  };
}

export async function until<T>(
  attempt: () => Promise<T | undefined>,
  failure: () => string,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await attempt();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(failure());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}

export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
