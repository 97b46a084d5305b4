/** `pedel demo`: sets up and runs Pedel, four applications and a mailbox on this machine, and prints what to try. */
import {
  accessSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/load.ts';
import { announceForeignHash } from '../domain/passwords/foreign-hash.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { randomId } from '../domain/random.ts';
import { openSealer } from '../domain/sealing/lasting-key.ts';
import { createRegistrationCheck } from '../oidc/registration/registration-check.ts';
import { createLog } from '../operation/log.ts';
import { applyClients } from '../use-cases/clients/apply-clients.ts';
import { importPeople } from '../use-cases/import/import-people.ts';
import { logoFetch } from './address-fetch.ts';
import { requireConfig, standardFile } from './configuration.ts';
import { appoint } from './demo-administrators.ts';
import { campusIn } from './demo-campus.ts';
import { type DemoClock, morningOf, noteTime, startClock } from './demo-clock.ts';
import { type Nodes, startNodes } from './demo-nodes.ts';
import { demoPage } from './demo-page.ts';
import { HIGHEST_FIRST_PORT, MOST_NODES, mailPortOf, nodePortsOf, requireFreePorts } from './demo-ports.ts';
import { openFor } from './installation.ts';
import { CommandFault, type Setting, type Terminal } from './terminal.ts';

type Options = { port: number; data?: string; nodes: number; storage?: string; clock?: number };
type Demo = {
  terminal: Terminal;
  port: number;
  folder: string;
  nodes: number;
  storage: string | undefined;
  clock: DemoClock | undefined;
  /** whether the folder stays when the demo ends */
  kept: boolean;
};

export function demoCommand({ terminal }: Setting): Command {
  return new Command('demo')
    .option('-p, --port <number>', 'the first port (Pedel); the other ports follow it', portFrom, 3000)
    .option(
      '-d, --data <dir>',
      'folder for all data, which stays; without it, a temporary folder that is deleted at the end',
    )
    .option(
      '-n, --nodes <number>',
      `number of Pedel processes behind a load balancer (1 to ${MOST_NODES})`,
      nodesFrom,
      1,
    )
    .option(
      '-s, --storage <uri>',
      'sqlite:FILE or mongodb://…, with --data only; without it, an SQLite file in the folder',
    )
    .option('-c, --clock <day>', 'begin on this day (YYYY-MM-DD), and move on by hand', clockFrom)
    .addHelpText('after', HELP)
    .action(async ({ port, data, nodes, storage, clock: from }: Options) => {
      if (from !== undefined && storage?.startsWith('mongodb'))
        throw new CommandFault('--clock needs SQLite, because a MongoDB has a clock of its own; leave out --storage');
      if (storage !== undefined && data === undefined)
        throw new CommandFault(
          '--storage needs --data, because the secret that opens the stored data is kept in that folder; add, for example, --data ./campus',
        );
      await requireFreePorts(port, nodes);
      const folder = data === undefined ? mkdtempSync(join(tmpdir(), 'pedel-demo-')) : resolve(data);
      if (data !== undefined) makeFolder(folder);
      const clock = from === undefined ? undefined : await startClock(folder, from, terminal.installation);
      const ending = endingOf(terminal);
      const closers: (() => Promise<unknown>)[] = [];
      try {
        const now = clock?.now ?? terminal.now;
        const demo = { terminal: { ...terminal, now }, port, folder, nodes, storage, clock, kept: data !== undefined };
        await run(demo, ending, closers);
      } catch (error) {
        if (!ending.asked()) throw error; // Ctrl-C may make any step fail
      } finally {
        for (const close of closers.reverse()) await close();
        ending.forget();
        if (data === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    });
}

async function run(demo: Demo, ending: Ending, closers: (() => Promise<unknown>)[]) {
  const { terminal, port, folder } = demo;
  const campus = campusIn(terminal, port, folder);
  await campus.prepare();
  const environment = environmentFor(demo);
  const config = requireConfig({ ...terminal, environment }, undefined);
  const storage = await openFor(config, terminal.now);
  closers.push(() => storage.close());
  const applications = await campus.serve();
  closers.push(applications.end);
  if (demo.clock !== undefined) await noteTime(storage.values, demo.clock.now());
  await fill(storage, config, folder, terminal); // after the applications, from which it fetches their logos
  if (ending.asked()) return;

  const pedel =
    demo.nodes === 1 ? await serveHere(demo, config, storage, closers) : await serveOnNodes(demo, environment);
  closers.push(pedel.stop);

  if (!ending.asked()) terminal.write(demoPage({ ...demo, environment }, pedel.each));
  const applicationsGone = applications.died.then((how) =>
    // the terminal sends Ctrl-C to the applications as well, and they end with 0
    how === '0' ? 'asked' : `the applications ended by themselves (${how}); their log is ${join(folder, 'campus.log')}`,
  );
  const why = await Promise.race([ending.happened, applicationsGone, pedel.allGone]);
  if (why !== 'asked' && !ending.asked()) throw new CommandFault(why);
  terminal.write('\nEnding …\n');
}

/** @throws CommandFault where it cannot be made */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CommandFault(
      `the folder ${folder} cannot be made or written: ${(error as Error).message}; choose another one with --data`,
    );
  }
}

/** One node, in this process. */
async function serveHere(
  { terminal, folder }: Demo,
  config: Config,
  storage: Storage,
  closers: (() => Promise<unknown>)[],
): Promise<Nodes> {
  const logFile = createWriteStream(join(folder, 'pedel.log'), { flags: 'a', mode: 0o600 });
  closers.push(() => new Promise<void>((resolve) => logFile.end(() => resolve())));
  const log = createLog(config.log.level, logFile);
  const { startServer } = await import('./server.ts'); // loads the server, which other commands do not need
  const { stop } = await startServer({ config, storage, log, now: terminal.now });
  return { each: [], stop, allGone: new Promise<never>(() => {}) }; // the node ends with this process
}

function serveOnNodes({ terminal, port, folder, nodes }: Demo, environment: Record<string, string>): Promise<Nodes> {
  return startNodes({
    installation: terminal.installation,
    port,
    nodePorts: nodePortsOf(port, nodes),
    environment,
    folder,
    tell: (sentence) => terminal.writeError(`pedel: ${sentence}\n`),
  });
}

/** Notes the first Ctrl-C from the start, also while something is still being started. */
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

/** Registers applications and imports people, as the commands of an installation do. */
async function fill(storage: Storage, config: Config, folder: string, { now, randomBytes }: Terminal) {
  const registrations = JSON.parse(readFileSync(join(folder, 'clients.json'), 'utf8')) as unknown[];
  const results = await applyClients(registrations, {
    clients: storage.clients,
    issuer: config.issuer,
    now,
    randomBytes,
    dryRun: false,
    judge: createRegistrationCheck(),
    fetchLogo: logoFetch(config),
  });
  const faults = results.flatMap((result) =>
    result.outcome === 'refused'
      ? result.faults.map(({ member, remedy }) => `${result.client}: ${member}: ${remedy}`)
      : [],
  );
  const sealer = await openSealer(config, storage.values, randomBytes);
  await importPeople({
    input: createReadStream(join(folder, 'people.csv')),
    source: demoSource(config),
    organisations: config.organisations,
    defaultLanguage: config.defaultLanguage,
    invitationSeconds: config.lifetimes.invitationSeconds,
    accounts: storage.accounts,
    sealer,
    now,
    randomBytes,
    tell: async (event) => {
      if (event.outcome === 'refused')
        faults.push(`people.csv line ${event.line}: ${event.column ?? ''} ${event.reason}`);
    },
    withCredentials: true,
    foreignHash: (kind) => announceForeignHash(storage.values, kind, randomId(randomBytes)),
    progress: () => {},
  });
  faults.push(...(await appoint(folder, { storage, config, sealer }, { now, randomBytes })));
  if (faults.length > 0)
    throw new CommandFault(`the demo's own files were refused:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}

/** @throws CommandFault where the configuration of the installation declares it no more */
function demoSource({ sources }: Config) {
  const source = sources.find(({ id }) => id === 'demo');
  if (source === undefined)
    throw new CommandFault('the configuration of the demo (config/pedel.yaml) lacks the source "demo"');
  return source;
}

/** The environment of Pedel. It takes nothing from this process's environment, so that the demo is the same everywhere. */
function environmentFor({ terminal, port, folder, nodes, storage, clock }: Demo): Record<string, string> {
  const secretFile = join(folder, 'secret');
  if (!existsSync(secretFile))
    writeFileSync(secretFile, Buffer.from(terminal.randomBytes(32)).toString('base64url'), { mode: 0o600 });
  return {
    PEDEL_CONFIG: standardFile(terminal),
    PEDEL_ISSUER: `http://localhost:${port}`,
    PEDEL_LISTEN: `127.0.0.1:${port}`,
    PEDEL_STORAGE: storage ?? `sqlite:${join(folder, 'pedel.db')}`,
    PEDEL_MAIL: `smtp://127.0.0.1:${mailPortOf(port)}`,
    PEDEL_SECRET_FILE: secretFile,
    PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128', // back-channel logout to the applications
    ...(nodes === 1 ? {} : { PEDEL_TRUSTED_PROXIES: '127.0.0.1/32' }), // the balancer
    ...clock?.environment,
  };
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > HIGHEST_FIRST_PORT)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${HIGHEST_FIRST_PORT}.`);
  return port;
}

function clockFrom(text: string): number {
  const from = morningOf(text);
  if (from === undefined || from < Date.now()) throw new InvalidArgumentError('It must be a day to come, YYYY-MM-DD.');
  return from;
}

function nodesFrom(text: string): number {
  const nodes = Number(text);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_NODES}.`);
  return nodes;
}

const HELP = `
Applications: Toledo, webmail, KU Loket and an alumni portal. The page that
"pedel demo" prints lists all addresses and people to sign in as.

With --nodes, requests go to the processes in turn. A process that was killed
gets none.

With --clock the demo begins on a day to come, such as a week before a year ends,
and the mailbox has a page that moves it on.

The demo runs until Ctrl-C.

Examples:
  pedel demo
  pedel demo --port 4000 --data ./campus
  pedel demo --nodes 3
  pedel demo --clock 2027-10-25
  pedel demo --nodes 3 --data ./campus \\
    --storage 'mongodb://127.0.0.1:27017/demo?replicaSet=rs0'
`;
