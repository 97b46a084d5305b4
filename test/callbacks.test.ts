/** No exception in a callback, timer or stream ends the process: each is contained, or here is why it need not be (rule 30). */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { contained } from '../src/domain/contained.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const settles = 'settles a promise or sets a variable, which throws nothing';
const demo = 'only pedel demo: the person who tries it out sees the fault';
const command = 'a command: its fault is its end, and no node runs in it';
const safe = 'nothing in it throws';

/** File -> a part of the line -> why an exception in that callback is impossible or harmless. */
const reasons: Record<string, Record<string, string>> = {
  'src/commands/demo-campus.ts': { '': demo },
  'src/commands/demo-nodes.ts': { '': demo },
  'src/commands/demo-ports.ts': { '': demo },
  'src/commands/round-robin.ts': { '': demo },
  'src/commands/config-check.ts': { 'createServer()': 'has no listener' },
  'src/commands/listen.ts': { "once('error'": settles },
  'src/commands/main.ts': { '': 'the listeners of the process itself: the last place, where nobody else could catch' },
  'src/commands/import-screen.ts': { '': command },
  'src/http/body-time.ts': {
    "response.once('close'": safe,
    'setInterval(look': 'contained where it is made',
  },
  'src/use-cases/import/bounded.ts': {
    'new Readable(': safe,
    "input.on('data'": 'counts and passes on',
    "output.on('error'": safe,
    addEventListener: safe,
  },
  'src/use-cases/import/feed-records.ts': { "text.on('error'": 'passes the fault on, which throws nothing' },
  'src/use-cases/import/turn.ts': { 'setInterval(prolong': 'contained where it is made' },
  'src/use-cases/operation/health.ts': { setTimeout: settles },
  'src/commands/serve.ts': {
    'terminal.end': 'ends the process, as it is meant to',
  },
  'src/commands/newcomers.ts': {
    'setImmediate(look)': safe,
    'setImmediate(answer': 'see server.ts',
    "server.on('connection'": safe,
  },
  'src/commands/server.ts': {
    'createServer(': 'has no listener',
    "server.on('request'": 'Koa answers whatever its handlers throw; see test/web',
    "prependListener('request'": 'sets a flag and listens',
    "response.once('close'": safe,
    setImmediate: safe,
    'const warmUp = setTimeout(': 'contained on the next line',
    'const deadline = setTimeout(': 'contained on the next line',
    'const telling = setTimeout(': 'contained on the next line',
    "each.on('error'": 'writes to the log, which throws nothing (test/operation/log.test.ts)',
    "server.on('connection'": settles,
  },
  'src/hashing/answer.ts': { '': 'its own process, which the pool replaces (test/hashing/pool.test.ts)' },
  'src/hashing/workers.ts': {
    "child.on('exit', lost)": 'contained where it is made',
    "child.on('error', lost)": 'contained where it is made',
    'child.once(event': settles,
    'setTimeout(kill': safe,
    'fork(options.module': 'a throw reaches assign, which refuses the task',
  },
  'src/api/management/router.ts': { 'Readable.from(text)': 'writes to the log, which throws nothing' },
  'src/importing/importing.ts': {
    'const child = fork(': 'a throw reaches whoever asked for the import',
    'const killing =': safe,
    'const limited =': safe,
    'child.on(': 'contained, or settles a promise',
    'input.on(': 'counts, and sends or kills, which throw nothing where the process has gone',
    "stdin?.on('error'": safe,
  },
  'src/importing/process.ts': { '': 'its own process: its node tells of its end (test/importing/importing.test.ts)' },
  'src/use-cases/import/signs-of-life.ts': { 'const living = setInterval(': 'contained' },
  'src/jobs/at-most.ts': { '': settles },
  'src/jobs/heartbeat.ts': { 'setInterval(beat': 'starts a function that never rejects (test/jobs/heartbeat.test.ts)' },
  'src/jobs/outbox.ts': { 'setInterval(nudge': 'contained where it is made (test/jobs/outbox.test.ts)' },
  'src/jobs/outbox-attempt.ts': { 'controller.abort()': safe, addEventListener: settles },
  'src/jobs/repeat.ts': { setTimeout: 'starts a function that never rejects (test/jobs/log.test.ts)' },
  'src/mail/smtp.ts': {
    "transport.on('error'": safe,
    "input.on('error'": safe,
    'new Transform(': 'a throw of flush is passed on as the fault of the stream (test/mail/smtp.test.ts)',
  },
  'src/operation/quiet-memory.ts': { 'setInterval(look': 'sets variables and collects garbage, which throws nothing' },
  'src/oidc/events.ts': {
    "'interaction.ended'": 'within the request, which must fail where the sign-in cannot be completed',
    "'interaction.started'": 'within the request, which must fail where the sign-in cannot be completed',
    'telling(': 'contained where it is made (test/oidc/seams.test.ts)',
  },
  'src/oidc/let-go.ts': { "once('close'": 'contained where it is made' },
  'src/operation/log.ts': { "stream.on('error'": safe },
  'src/storage/mongodb/database.ts': {
    topologyDescriptionChanged: safe,
    setTimeout: settles,
  },
  'src/storage/mongodb/upgrades.ts': { 'setInterval(prolong': 'contained where it is made' },
};

const registration =
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|nextTick)\(|\.(?:on|once|addListener|prependListener|addEventListener)\(|\bnew (?:Transform|Readable|Writable|Duplex)\(|\b(?:createServer|fork|spawn|execFile)\(/;
const fromPromises = /import \{([^}]*)\} from 'node:timers\/promises'/;

/** The lines of a source that register a callback which no promise carries, without those that are contained. */
function registrations(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  // `setTimeout` of timers/promises is awaited
  const carried = (fromPromises.exec(source)?.[1] ?? '').split(',').map((name) => name.trim());
  return source
    .split('\n')
    .filter((line) => registration.test(line) && !/^\s*(?:\*|\/\/|import )/.test(line))
    .filter((line) => !carried.some((name) => name !== '' && new RegExp(`\\b${name}\\(`).test(line)))
    .filter((line) => !line.includes('contained(') && !/set(?:Timeout|Immediate)\(resolve\b/.test(line))
    .map((line) => line.trim());
}

describe('rule 30: a callback that no promise carries', () => {
  const files = globSync('src/**/*.ts', { cwd: root }).sort();

  test('is contained, or it is known why it cannot end the process', () => {
    const unknown = files.flatMap((file) =>
      registrations(file)
        .filter((line) => !Object.keys(reasons[file] ?? {}).some((part) => line.includes(part)))
        .map((line) => `${file}: ${line}`),
    );
    expect(unknown).toEqual([]);
  });

  test('has no reason that nothing needs any longer', () => {
    const idle = Object.entries(reasons).flatMap(([file, parts]) =>
      Object.keys(parts)
        .filter((part) => !registrations(file).some((line) => line.includes(part)))
        .map((part) => `${file}: ${part}`),
    );
    expect(idle).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('a fault');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a fault'))],
    [
      'rejects later',
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('a fault');
      },
    ],
  ])('that %s has its fault reported, and its caller notices nothing', async (_how, callback) => {
    const reported = Promise.withResolvers<unknown>();
    expect(contained(callback, reported.resolve)()).toBeUndefined();
    expect(await reported.promise).toMatchObject({ message: 'a fault' });
  });

  test('may have a report that fails', async () => {
    let told = 0;
    const report = () => {
      told += 1;
      throw new Error('the log is full');
    };
    contained(() => Promise.reject(new Error('a fault')), report)();
    contained(() => {
      throw new Error('a fault');
    }, report)();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(2);
  });

  test('gets what it is called with', () => {
    const got: unknown[] = [];
    contained(
      (...input: [number, string]) => got.push(...input),
      () => {},
    )(1, 'a');
    expect(got).toEqual([1, 'a']);
  });
});
