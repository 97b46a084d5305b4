/**
 * How fast letters leave: fills an outbox with invitations, starts `pedel serve` on it and a mail server that takes all, each
 * as a process of its own, and waits until the last one is there. `node bench/letters.ts --help`
 */
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { createSealer } from '../src/domain/sealing/sealer.ts';
import { openStorage } from '../src/storage/open.ts';
import { freePort } from '../test/support/ports.ts';
import { putInvitations } from './letters/waiting.ts';
import { pssMib, readClock, spent } from './speed/processor.ts';
import { table } from './speed/table.ts';
import { becomeUrgent } from './speed/urgent.ts';

const { letters, storage, folder, urgent } = new Command('letters')
  .description(
    'Sends invitations through the outbox to a mail server on this machine and tells how fast and for what memory.',
  )
  .option('--letters <number>', 'how many', Number, 100_000)
  .option('--storage <uri>', 'another storage than a new SQLite file: an empty database of MongoDB')
  .option('--folder <folder>', 'where the SQLite file is while it runs; about 2 kB a letter', tmpdir())
  .option('--urgent', 'before all else that runs on this machine (takes root)')
  .addHelpText('after', '\nExample: node bench/letters.ts --letters 20000')
  .parse()
  .opts<{ letters: number; storage?: string; folder: string; urgent?: true }>();
if (urgent === true) becomeUrgent();

const STALLED_MS = 60_000;
const own = mkdtempSync(join(folder, 'pedel-letters-'));
const uri = storage ?? `sqlite:${join(own, 'pedel.db')}`;
const secret = randomBytes(32).toString('base64');
const receiver = fork(new URL('letters/receiver.ts', import.meta.url), { execArgv: [] });
const [{ port: mailPort }] = (await once(receiver, 'message')) as [{ port: number }];
let pedel: ReturnType<typeof serve> | undefined;
try {
  await fill();
  pedel = serve(await freePort());
  await measure(pedel.pid as number);
} finally {
  pedel?.kill('SIGTERM');
  if (pedel !== undefined && pedel.exitCode === null) await once(pedel, 'exit');
  receiver.disconnect();
  rmSync(own, { recursive: true, force: true });
}

async function fill(): Promise<void> {
  const filling = await openStorage(uri, { now: Date.now });
  await putInvitations(filling.outbox, createSealer({ secrets: [secret] }, randomBytes), letters);
  await filling.close();
}

function serve(port: number) {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: own,
    PEDEL_ISSUER: `http://localhost:${port}`,
    PEDEL_LISTEN: `127.0.0.1:${port}`,
    PEDEL_STORAGE: uri,
    PEDEL_SECRET: secret,
    PEDEL_MAIL: `smtp://127.0.0.1:${mailPort}`,
  };
  const root = fileURLToPath(new URL('../', import.meta.url));
  return spawn(join(root, 'bin/pedel'), ['serve'], { env, cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

type Taken = { letters: number; twice: number; firstAt: number; lastAt: number };

async function taken(): Promise<Taken> {
  receiver.send({});
  const [told] = await once(receiver, 'message');
  return told as Taken;
}

async function measure(pid: number): Promise<void> {
  const memory: number[] = [];
  const [clock, receiving] = [readClock(pid, [pid]), readClock(receiver.pid as number)];
  let now = await taken();
  for (let moved = performance.now(); now.letters < letters; ) {
    await sleep(500);
    const before = now.letters;
    now = await taken();
    if (now.letters > before) moved = performance.now();
    else if (performance.now() - moved > STALLED_MS) throw new Error(`it stopped at ${now.letters} letters`);
    const part = Math.floor((now.letters / letters) * 10);
    if (memory[part] === undefined) memory[part] = pssMib(pid) ?? Number.NaN;
  }
  await sleep(1000); // the last ones are written down
  const cost = spent(clock, readClock(pid, [pid]));
  const received = spent(receiving, readClock(receiver.pid as number));
  const ending = await openStorage(uri, { now: Date.now });
  const { waiting, failed, setAside } = await ending.outbox.backlog(Date.now());
  await ending.close();
  const tenths = memory.filter((each) => each !== undefined);
  const rows = [
    ['letters a second', ((now.letters - 1) / ((now.lastAt - now.firstAt) / 1000)).toFixed(0)],
    [
      'processor time of a letter, µs: main thread; main process',
      `${each(cost.mainThreadUs)}; ${each(cost.mainProcessUs)}`,
    ],
    ['of the receiver, µs', each(received.allUs)],
    ['memory (PSS) after each tenth, MiB', tenths.map((size) => size.toFixed(0)).join(' ')],
    ['came twice; left waiting; failed; set aside', [now.twice, waiting, failed, setAside].join('; ')],
    ['load', loadavg()[0]?.toFixed(1) ?? ''],
  ];
  console.log(table([`${letters} letters, ${uri.startsWith('sqlite:') ? 'SQLite' : 'MongoDB'}`, ''], rows));
}

function each(us: number): string {
  return (us / letters).toFixed(0);
}
