/** `pedel demo`: Pedel, five applications and a mailbox on this machine, from nothing; one page says what to try. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Config, loadConfig } from '../config/load.ts';
import { wantWrapping } from '../domain/foreign-hash.ts';
import type { Storage } from '../domain/ports.ts';
import { createSealer } from '../domain/sealed.ts';
import { createLog } from '../operation/log.ts';
import { applyClients } from './clients-apply.ts';
import { faultText, standardFile } from './configuration.ts';
import { openFor } from './installation.ts';
import { importPeople } from './people-import.ts';
import type { Setting } from './program.ts';
import { CommandFault, type Terminal } from './terminal.ts';

/** Counted from the first port, as the campus does. */
const SITES = ['Pedel', 'Toledo', 'webmail', 'KU Loket', 'alumni portal', 'mailbox'];
const MAIL_OFFSET = 25;
const CHILD_ENDS_MS = 5000;

type PersonToTry = { who: string; number: string; personalEmail: string; tryThis: string };

export function demoCommand({ terminal }: Setting): Command {
  return new Command('demo')
    .description('try everything on this machine: Pedel, Toledo, webmail, KU Loket, alumni portal and a mailbox')
    .option('-p, --port <number>', 'the first port; the others follow', portFrom, 3000)
    .option(
      '-d, --data <dir>',
      'keep everything in this folder; without it, in a temporary one that is removed at the end',
    )
    .addHelpText('after', '\nExamples:\n  pedel demo\n  pedel demo --port 4000 --data ./campus\n')
    .action(async ({ port, data }: { port: number; data?: string }) => {
      await requireFreePorts(port);
      const folder = data === undefined ? mkdtempSync(join(tmpdir(), 'pedel-demo-')) : resolve(data);
      if (data !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
      const ending = endingOf(terminal);
      const closers: (() => Promise<unknown>)[] = [];
      try {
        await run(terminal, port, folder, ending, closers, data !== undefined);
      } catch (error) {
        if (!ending.asked()) throw error; // what was cut short by Ctrl-C is no fault
      } finally {
        for (const close of closers.reverse()) await close();
        ending.forget();
        if (data === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    });
}

async function run(
  terminal: Terminal,
  port: number,
  folder: string,
  ending: Ending,
  closers: (() => Promise<unknown>)[],
  kept: boolean,
) {
  const campus = campusIn(terminal, port, folder);
  await campus.prepare();
  const config = configFor(terminal, port, folder);
  const storage = await openFor(config, terminal.now);
  closers.push(() => storage.close());
  await fill(storage, config, folder, terminal.now);
  if (ending.asked()) return;

  const applications = await campus.serve();
  closers.push(applications.end);
  const logFile = createWriteStream(join(folder, 'pedel.log'), { flags: 'a', mode: 0o600 });
  closers.push(() => new Promise<void>((resolve) => logFile.end(() => resolve())));
  const log = createLog(config.log.level, logFile);
  const { startServer } = await import('./server.ts'); // the whole of Pedel: only this command waits for it
  const running = await startServer({ config, storage, log, now: terminal.now });
  closers.push(running.stop);

  if (!ending.asked()) terminal.write(page(port, folder, kept));
  const why = await Promise.race([ending.happened, applications.died]);
  // a Ctrl-C in a terminal reaches the applications as well, and they end with 0
  if (why !== 'asked' && why !== '0')
    throw new CommandFault(
      `the applications ended by themselves (${why}); what they said is in ${join(folder, 'campus.log')}`,
    );
  terminal.write('\nEnding …\n');
}

/** The first Ctrl-C is taken note of from the very beginning, whatever is being started. */
type Ending = ReturnType<typeof endingOf>;
function endingOf(terminal: Terminal) {
  let asked = false;
  let tell = (_why: 'asked') => {};
  const happened = new Promise<'asked'>((resolve) => {
    tell = resolve;
  });
  const forget = terminal.onStop(() => {
    asked = true;
    tell('asked');
  });
  return { asked: () => asked, happened, forget };
}

/** Applications and people, as any installation takes them in. */
async function fill(storage: Storage, config: Config, folder: string, now: () => number) {
  const registrations = JSON.parse(readFileSync(join(folder, 'clients.json'), 'utf8')) as unknown[];
  const results = await applyClients(registrations, {
    clients: storage.clients,
    auditLog: storage.auditLog,
    now,
    dryRun: false,
  });
  const faults = results.flatMap((result) =>
    result.outcome === 'refused'
      ? result.faults.map(({ member, remedy }) => `${result.client}: ${member}: ${remedy}`)
      : [],
  );
  await importPeople({
    input: createReadStream(join(folder, 'people.csv')),
    source: 'demo',
    config,
    accounts: storage.accounts,
    sealer: createSealer(config.secret),
    now,
    tell: async (event) => {
      if (event.outcome === 'refused')
        faults.push(`people.csv line ${event.line}: ${event.column ?? ''} ${event.reason}`);
    },
    foreignHash: () => wantWrapping(storage.values, randomUUID()),
    progress: () => {},
  });
  if (faults.length > 0)
    throw new CommandFault(`the demo's own files were refused:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}

function configFor(terminal: Terminal, port: number, folder: string): Config {
  const secretFile = join(folder, 'secret');
  if (!existsSync(secretFile)) writeFileSync(secretFile, randomBytes(32).toString('base64url'), { mode: 0o600 });
  const { config, faults } = loadConfig({
    file: standardFile(terminal),
    // nothing of the environment counts: the demo is the same everywhere
    environment: {
      PEDEL_ISSUER: `http://localhost:${port}`,
      PEDEL_LISTEN: `127.0.0.1:${port}`,
      PEDEL_STORAGE: `sqlite:${join(folder, 'pedel.db')}`,
      PEDEL_MAIL: `smtp://127.0.0.1:${port + MAIL_OFFSET}`,
      PEDEL_SECRET_FILE: secretFile,
      PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128', // back-channel logout to the applications
    },
    readFile: (name) => readFileSync(name, 'utf8'),
    secret: 'required',
  });
  if (config === undefined)
    throw new CommandFault(`the configuration cannot be used:\n\n${faults.map(faultText).join('\n\n')}`);
  return config;
}

/** The campus in a process of its own: it is made of real applications that have nothing from Pedel. */
function campusIn({ installation }: Terminal, port: number, folder: string) {
  const start = (act: 'prepare' | 'serve', stdio: ('ignore' | 'pipe' | 'ipc')[]) =>
    spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(installation, 'demo', 'campus.ts'),
        act,
        '--data',
        folder,
        '--port',
        String(port),
      ],
      { stdio },
    );
  return {
    async prepare() {
      const child = start('prepare', ['ignore', 'ignore', 'pipe']);
      let said = '';
      child.stderr?.on('data', (chunk) => {
        said += chunk;
      });
      const code = await exitOf(child);
      if (code !== 0) throw new CommandFault(`the demo cannot be prepared in ${folder}: ${said.trim() || code}`);
    },
    async serve() {
      const child = start('serve', ['ignore', 'pipe', 'pipe', 'ipc']);
      const log = createWriteStream(join(folder, 'campus.log'), { flags: 'a', mode: 0o600 });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
      const exited = exitOf(child);
      const end = async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), CHILD_ENDS_MS);
        await exited;
        clearTimeout(late);
        log.end();
      };
      const answer = await Promise.race([messageOf(child), exited.then((code) => ({ error: `ended with ${code}` }))]);
      if ('error' in answer) {
        await end();
        throw new CommandFault(`the applications did not start: ${answer.error}`);
      }
      return { end, died: exited.then(String) };
    },
  };
}

function messageOf(child: ChildProcess): Promise<{ ready: true } | { error: string }> {
  return new Promise((resolve) =>
    child.once('message', (message) => resolve(message as { ready: true } | { error: string })),
  );
}

function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

async function requireFreePorts(first: number) {
  const wanted = [
    ...SITES.map((name, offset) => ({ name, port: first + offset })),
    { name: 'mail receiver', port: first + MAIL_OFFSET },
  ];
  for (const { name, port } of wanted) {
    const code = await tryPort(port);
    if (code === undefined) continue;
    const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`;
    throw new CommandFault(
      `port ${port} (${name}) ${reason}: choose others with --port, for example --port ${first === 4000 ? 5000 : 4000}`,
    );
  }
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535 - MAIL_OFFSET)
    throw new InvalidArgumentError(`must be a whole number from 1 to ${65_535 - MAIL_OFFSET}.`);
  return port;
}

function page(port: number, folder: string, kept: boolean): string {
  const people = JSON.parse(readFileSync(join(folder, 'people.json'), 'utf8')) as PersonToTry[];
  const site = (offset: number) => `http://localhost:${port + offset}`;
  const rows: [string, string][] = [
    ['Toledo', `${site(1)}/`],
    ['Webmail', `${site(2)}/`],
    ['KU Loket', `${site(3)}/`],
    ['Alumni portal', `${site(4)}/portaal/`],
    ['Pedel', `${site(0)}/   (activate: ${site(0)}/activate)`],
  ];
  return `
Pedel and its demo campus are running. ${kept ? `Everything is kept in ${folder}` : 'Nothing is kept'}.

${rows.map(([name, address]) => `  ${name.padEnd(15)} ${address}`).join('\n')}

  Mail            ${site(5)}/   what went to personal addresses; institution addresses: Webmail

People to try (activation letters are in the mailbox):

${people.map(({ number, who, tryThis }) => `  ${number}  ${who}\n            ${tryThis}`).join('\n')}

Ctrl-C ends everything.
`;
}
