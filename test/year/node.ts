/**
 * A node whose clock the parent sets: it does what it is told, answers, and may be killed at any moment. `lives on` sets its
 * clock once and lets it run, so that the jobs come as they come in use.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createApp } from '../../src/app.ts';
import { isOpen } from '../../src/domain/account/account-access.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import type { Jobs } from '../../src/jobs/start.ts';
import { createLog } from '../../src/operation/log.ts';
import { openStorage } from '../../src/storage/open.ts';
import { applyImport } from '../../src/use-cases/import/apply-import.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { planImport } from '../../src/use-cases/import/plan-import.ts';
import { CLIENT, configurationOf, SOURCE } from './installation.ts';

/** `at`: epoch ms that the clock says. */
export type Task = { at: number } & (
  | { do: 'feed'; file: string }
  | { do: 'jobs' }
  | { do: 'activate' }
  | { do: 'sign-in'; numbers: string[]; until: number }
  | { do: 'tell' }
  | { do: 'live-on' }
  | { do: 'memory' }
);
/** What is known of a person: `state` as the person would find it. */
export type Told = { number: string; state: 'open' | 'closed' | 'never-active' };
/** `told`: of everybody who is still known; `waiting`: letters and logouts that have not left. */
export type Answer = { refused?: number; told?: Told[]; waiting?: number; memory?: Memory };
/** MiB: what the process has resident, and V8 of it for its heap; then what is in use once all garbage is collected. */
export type Memory = { resident: number; reserved: number; heap: number; external: number };

const PAGE = 500;
/** until what a killed node held is left for the next task */
const TRIES = 20;

let clock = 0;
let startedAt: number | undefined;
const now = () => Math.floor(clock + (startedAt === undefined ? 0 : performance.now() - startedAt));

const config = configurationOf(process.env);
const opened = await openStorage(config.storage, { now });
// that of a database server is today's
const storage = { ...opened, clock: async () => now() };
const log = createLog('error');
let app: Awaited<ReturnType<typeof createApp>> | undefined;

/** Begins with the first task, because until then there is no time. */
async function appAt(at: number) {
  clock = Math.max(clock, at);
  if (app === undefined) {
    app = await createApp({ config, storage, log, now });
    await app.warmUp();
  }
  while (app.jobs.clock.aheadMs() === undefined) await sleep(5); // the jobs wait for it
  return app;
}

/** Every person that the source feeds, a page at a time. */
async function* pages() {
  let after: string | undefined;
  do {
    const page = await storage.accounts.fedBy(SOURCE, after, PAGE);
    yield page.accounts;
    after = page.next;
  } while (after !== undefined);
}

const numberOf = ({ userNumbers }: { userNumbers: string[] }) => userNumbers[0] ?? '';

async function feed(file: string): Promise<Answer> {
  const source = config.sources.find(({ id }) => id === SOURCE);
  if (source === undefined) throw new TypeError('the source is declared');
  const sealer = await openSealer(config, storage.values, randomBytes);
  const shared = {
    source,
    imports: createImports(storage.protocolRecords, storage.values, sealer, now),
    sealer,
    organisations: config.organisations,
    defaultLanguage: config.defaultLanguage,
    invitationSeconds: config.lifetimes.invitationSeconds,
    accounts: storage.accounts,
    auditLog: storage.auditLog,
    actor: { kind: 'command' as const, id: 'people import' },
    now,
    randomBytes,
    tell: async () => {},
    progress: () => {},
  };
  const record = await planImport({ ...shared, input: createReadStream(file), withCredentials: false, by: 'year' });
  const outcome = await applyImport(record, { ...shared, foreignHash: async () => {} });
  if (outcome.kind !== 'applied') throw new Error(`the feed was not applied: ${outcome.kind}`);
  return { refused: record.counts.refused + (outcome.record.refusedLater ?? 0) };
}

/** Everybody who was invited follows the link. */
async function activate(): Promise<Answer> {
  for await (const accounts of pages())
    await Promise.all(
      accounts
        .filter(({ activatedAt, tickets }) => activatedAt === undefined && tickets.length > 0)
        .map(({ id }) =>
          updateAccount(storage.accounts, id, (account) => ({
            outcome: undefined,
            account: { ...account, activatedAt: now(), tickets: [] },
          })),
        ),
    );
  return {};
}

/** A session at the application, one for each person and day however often it is asked for. */
async function signIn(numbers: string[], until: number): Promise<Answer> {
  const iat = Math.floor(now() / 1000);
  for (let n = 0; n < numbers.length; n += PAGE)
    await Promise.all(
      numbers.slice(n, n + PAGE).map(async (number) => {
        const account = await storage.accounts.findByLogin(number);
        if (account === undefined) throw new TypeError(`${number} is not there`);
        if ((await storage.protocolRecords.sessionsOf(account.id)).length > 0) return;
        const sid = `${number} until ${new Date(until).toISOString().slice(0, 10)}`;
        await storage.protocolRecords.saveSession({
          key: randomBytes(32).toString('base64url'),
          record: {
            kind: 'Session',
            iat,
            exp: Math.floor(until / 1000),
            uid: randomBytes(16).toString('base64url'),
            accountId: account.id,
            loginTs: iat,
            authorizations: { [CLIENT]: { sid, grantId: randomBytes(32).toString('base64url'), persistsLogout: true } },
            epoch: account.credentialsEpoch,
          },
          expiresAt: until,
          now: now(),
        });
      }),
    );
  return {};
}

async function tell(): Promise<Answer> {
  const told: Told[] = [];
  for await (const accounts of pages())
    for (const account of accounts) {
      if (account.activatedAt === undefined) told.push({ number: numberOf(account), state: 'never-active' });
      else told.push({ number: numberOf(account), state: isOpen(account, now()) ? 'open' : 'closed' });
    }
  return { told, waiting: (await storage.outbox.backlog(now())).waiting };
}

function collected(): Memory {
  const mib = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const { rss, heapTotal } = process.memoryUsage();
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect(); // what the first one has finalized
  const { heapUsed, external } = process.memoryUsage();
  return { resident: mib(rss), reserved: mib(heapTotal), heap: mib(heapUsed), external: mib(external) };
}

/** Does all that is due. No letter may be on its way when the clock is moved: whoever sends it would no longer be sure of it. */
async function finish(jobs: Jobs): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await jobs.runDueNow();
    if ((await storage.outbox.backlog(now())).waiting === 0) return;
    await sleep(100);
  }
}

async function perform(task: Task): Promise<Answer> {
  const { jobs } = await appAt(task.at);
  switch (task.do) {
    case 'feed': {
      const answer = await feed(task.file);
      await finish(jobs);
      return answer;
    }
    case 'activate':
      return activate();
    case 'sign-in':
      return signIn(task.numbers, task.until);
    case 'tell':
      return tell();
    case 'live-on':
      startedAt = performance.now();
      return {};
    case 'memory':
      return { memory: collected() };
    default:
      await finish(jobs);
      return {};
  }
}

process.on('message', (task: Task) => {
  perform(task).then(
    (answer) => process.send?.({ answer }),
    (error: Error) => process.send?.({ failed: error.stack }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
