/** Lives through the year: feeds on Mondays, jobs each day, kills in between; then everybody is compared with the oracle. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chanceOf } from '../chaos/chance.ts';
import { startApplications, startMail } from '../chaos/receivers.ts';
import { type Day, dayIn, isMonday, plus, startOf } from './days.ts';
import { CLIENT, environmentOf, type Place, register, writeConfiguration } from './installation.ts';
import { FIRST_DAY, follow, isOpenAt, LAST_DAY, type Life, lastDayOf, livesOf, type Row } from './lives.ts';
import type { Told } from './node.ts';
import { type NodeProcess, nodeProcess } from './process.ts';

export type Run = {
  people: number;
  seed: number;
  /** how many tasks are broken off by kill -9 */
  kills: number;
  /** URI of an empty storage; absent: a new SQLite file */
  storage?: string;
  /** days between two looks at everybody; 1: each day. The days of ends are always looked at */
  every: number;
  /** whether the night of 31 October passes at its own pace, with the node killed in it */
  night: boolean;
  log: (line: string) => void;
};

export type Report = {
  people: number;
  kills: number;
  /** sentences, one for each promise that was broken */
  violations: string[];
  letters: number;
  /** letters with a Message-ID, and logouts of a session, that came again: by kills between their arrival and its note */
  again: { letters: number; logouts: number };
  logouts: number;
  night?: Night;
  seconds: number;
};
/** Seconds after midnight until the last one was told, and the memory of the node before and at most, MiB. */
export type Night = { ends: number; letters: number; logouts: number; memory: { before: number; most: number } };

type World = {
  run: Run;
  lives: Life[];
  followed: ReturnType<typeof follow>[];
  node: NodeProcess;
  mail: Awaited<ReturnType<typeof startMail>>;
  applications: Awaited<ReturnType<typeof startApplications>>;
  folder: string;
  violations: string[];
  /** sessions that were begun, by `sid` */
  sessions: Set<string>;
};

const END_OF_YEAR = '2027-10-31';
const HOUR_MS = 3_600_000;
const AFTER_MIDNIGHT_MS = 10_000; // ends are carried out some seconds late, for clocks that differ
/** A broken run would name everybody. */
const TOLD_AT_MOST = 20;

export async function liveThrough(run: Run): Promise<Report> {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'pedel-year-'));
  const mail = await startMail();
  const applications = await startApplications();
  const place: Place = { folder, storage: run.storage ?? `sqlite:${join(folder, 'pedel.db')}`, mailPort: mail.port };
  const environment = environmentOf(place);
  const node = nodeProcess(environment);
  const lives = livesOf(run.people, chanceOf(run.seed));
  const world: World = {
    run,
    lives,
    followed: lives.map(follow),
    node,
    mail,
    applications,
    folder,
    violations: [],
    sessions: new Set(),
  };
  try {
    writeConfiguration(place);
    await register(environment, folder, applications.address);
    const night = await passThrough(world);
    const again = judge(world);
    const { violations } = world;
    return {
      people: run.people,
      kills: node.kills(),
      violations:
        violations.length > TOLD_AT_MOST
          ? [...violations.slice(0, TOLD_AT_MOST), `and ${violations.length - TOLD_AT_MOST} more`]
          : violations,
      letters: new Set(mail.letters.map(({ id }) => id)).size,
      logouts: new Set(applications.told.map(({ id }) => id)).size,
      again,
      ...(night === undefined ? {} : { night }),
      seconds: Math.round((performance.now() - started) / 1000),
    };
  } finally {
    await node.end();
    await applications.close();
    await mail.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Day by day, or only those on which something is to happen. */
async function passThrough(world: World): Promise<Night | undefined> {
  const { run, lives, node } = world;
  const chance = chanceOf(run.seed + 1);
  const feedDays = new Set(lives.flatMap(({ said }) => said.map(({ day }) => day)));
  const ends = new Set(lives.flatMap(({ said }) => said.flatMap(({ row }) => lastDayOf(row) ?? [])));
  /** days on which warnings and ends are due; those of few people are found some days later as well */
  const isDue = (day: Day) => run.every === 1 || ends.has(day) || ends.has(plus(day, -1)) || isMonday(day);
  const tasks = [...daysOf()].filter(isDue).length;
  const dying = () => (chance.in(run.kills / (tasks * 1.5)) ? chance.next() : undefined);
  let night: Night | undefined;

  for (const day of daysOf()) {
    if (!isDue(day)) continue;
    const midnight = startOf(day);
    if (day === plus(END_OF_YEAR, 1) && run.night) night = await liveThroughTheNight(world);
    await work(world, day, midnight + AFTER_MIDNIGHT_MS, dying());
    if (feedDays.has(day)) {
      const at = midnight + 6 * HOUR_MS;
      await node.perform({ do: 'feed', at, file: feedOf(world, day) }, dying());
      for (const each of world.followed) {
        each.hear(day, at);
        each.work(day, at);
      }
      await work(world, day, at + HOUR_MS, dying());
      await node.perform({ do: 'activate', at: at + 2 * HOUR_MS }, dying());
      for (const each of world.followed) each.activate();
    }
    if (ends.has(day)) await signInLeavers(world, day);
    if (run.every === 1 || ends.has(day)) await compare(world, midnight + 20 * HOUR_MS);
  }
  // what a kill of the last days left behind
  await work(world, plus(LAST_DAY, 1), startOf(plus(LAST_DAY, 1)) + HOUR_MS, undefined);
  const { waiting } = await compare(world, startOf(plus(LAST_DAY, 1)) + 2 * HOUR_MS);
  if (waiting !== 0) world.violations.push(`${waiting} letters or logouts have not left`);
  return night;
}

function* daysOf(): Generator<Day> {
  for (let day: Day = FIRST_DAY; day <= LAST_DAY; day = plus(day, 1)) yield day;
}

async function work({ node, followed }: World, day: Day, at: number, dying: number | undefined): Promise<void> {
  await node.perform({ do: 'jobs', at }, dying);
  for (const each of followed) each.work(day, at);
}

/** A partial feed: those of whom the source has something new to say. */
function feedOf({ lives, folder }: World, day: Day): string {
  const file = join(folder, `${day}.csv`);
  const line = (number: string, { role, from = '', until = '', endedOn = '' }: Row) =>
    `${number},${number},Wout,Peeters,${number}@example.org,en,vives,${role},${from},${until},${endedOn}`;
  const rows = lives.flatMap(({ number, said }) => {
    const now = said.find((each) => each.day === day);
    return now === undefined ? [] : line(number, now.row);
  });
  const header = 'person,number,given_name,family_name,personal_email,language,organisation,role,from,until,ended_on';
  writeFileSync(file, `${[header, ...rows].join('\n')}\n`);
  return file;
}

/** Those whose last day this is, and who are still there at noon, are signed in to the application. */
async function signInLeavers({ lives, followed, node, sessions }: World, day: Day): Promise<void> {
  const at = startOf(day) + 12 * HOUR_MS;
  const until = startOf(plus(day, 4));
  const numbers = lives.flatMap(({ number }, n) => {
    const row = followed[n]?.row();
    const leaves = row !== undefined && followed[n]?.isActivated() && lastDayOf(row) === day && isOpenAt(row, at);
    return leaves ? [number] : [];
  });
  if (numbers.length === 0) return;
  await node.perform({ do: 'sign-in', at, numbers, until });
  for (const number of numbers) sessions.add(`${number} until ${new Date(until).toISOString().slice(0, 10)}`);
}

async function compare({ node, lives, followed, violations }: World, at: number): Promise<{ waiting: number }> {
  const { told = [], waiting = 0 } = await node.perform({ do: 'tell', at });
  const states = new Map(told.map(({ number, state }) => [number, state]));
  lives.forEach(({ number, kind }, n) => {
    const row = followed[n]?.row();
    if (row === undefined) return;
    const expected: Told['state'] = !followed[n]?.isActivated()
      ? 'never-active'
      : isOpenAt(row, at)
        ? 'open'
        : 'closed';
    const found = states.get(number) ?? 'erased';
    // their 90 days are over on the first of these days, and some rounds later all are erased
    const mayBeErased = kind === 'guest' && at > startOf('2028-03-13');
    const mustBeErased = kind === 'guest' && at > startOf(LAST_DAY);
    if (found === 'erased' ? mayBeErased : found === expected && !mustBeErased) return;
    const should = mustBeErased ? 'erased' : expected;
    violations.push(`${new Date(at).toISOString()}: ${number} (${kind}) is ${found}, and should be ${should}`);
  });
  return { waiting };
}

/**
 * From a minute before midnight at its own pace, with the jobs as they come, until everybody and the applications are told, or
 * for ten minutes, within which all of it is promised.
 */
async function liveThroughTheNight(world: World): Promise<Night> {
  const { node, mail, applications, run } = world;
  const midnight = startOf(plus(END_OF_YEAR, 1));
  const BEFORE_MS = 60_000;
  await node.end();
  const begun = performance.now();
  const clock = () => midnight - BEFORE_MS + performance.now() - begun;
  await node.perform({ do: 'live-on', at: clock() });
  const leaving = [...world.sessions].filter((sid) =>
    sid.endsWith(new Date(startOf(plus(END_OF_YEAR, 4))).toISOString().slice(0, 10)),
  );
  const isEnd = ({ subject }: { subject: string }) => /has ended/.test(subject);
  const endsBefore = new Set(mail.letters.filter(isEnd).map(({ id }) => id)).size;
  let [letters, logouts, before, most] = [0, 0, 0, 0];
  let killed = 0;
  const deadline = BEFORE_MS + 10 * 60_000;
  while (performance.now() - begun < deadline) {
    await sleep(1000);
    const memory = node.memory() ?? 0;
    if (clock() < midnight) before = memory;
    else if (killed === 0) most = Math.max(most, memory);
    const lettersNow = new Set(mail.letters.filter(isEnd).map(({ id }) => id)).size - endsBefore;
    const told = new Set(applications.told.map(({ id }) => id.slice(CLIENT.length + 1)));
    letters = lettersNow;
    logouts = leaving.filter((sid) => told.has(sid)).length;
    if (letters >= leaving.length && logouts === leaving.length) break;
    // twice in the middle of it
    if (clock() > midnight && letters > (leaving.length * (killed + 1)) / 4 && killed < 2) {
      await node.kill();
      killed += 1;
      await node.perform({ do: 'live-on', at: clock() });
    }
  }
  const seconds = Math.round((clock() - midnight) / 1000);
  const found = `${letters} letters and ${logouts} logouts of ${leaving.length}, ${seconds} s after midnight`;
  run.log(`the night: ${found}`);
  if (letters < leaving.length || logouts < leaving.length) world.violations.push(`not all were told: ${found}`);
  await node.kill();
  return { ends: leaving.length, letters: seconds, logouts, memory: { before, most } };
}

const KINDS: [RegExp, (subject: string) => string][] = [
  [/has ended/, () => 'ended'],
  [/account ends on/, (subject) => `ends ${dayIn(subject)}`],
  [/is open again/, () => 'open again'],
  [/registration at .* changed/, () => 'stopped'],
  [/will be erased on/, () => 'erased soon'],
];

const letterOf = (subject: string) => KINDS.find(([words]) => words.test(subject))?.[1](subject) ?? 'invitation';

/** Everybody got each letter once, and every application was told once of each session. @returns what came again */
function judge({ lives, followed, mail, applications, sessions, violations, node }: World): Report['again'] {
  const letters = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const { id, to, subject } of mail.letters) {
    if (seen.has(id)) continue;
    seen.add(id);
    const number = to.split('@')[0] ?? '';
    letters.set(number, [...(letters.get(number) ?? []), letterOf(subject)]);
  }
  lives.forEach(({ number, kind }, n) => {
    const expected = [...(followed[n]?.letters() ?? []), ...(kind === 'guest' ? ['erased soon'] : [])].sort();
    const found = (letters.get(number) ?? []).sort();
    if (expected.join() !== found.join())
      violations.push(`${number} (${kind}) got ${found.join(', ')}; should have got ${expected.join(', ')}`);
  });
  const told = new Set(applications.told.map(({ id }) => id.slice(CLIENT.length + 1)));
  for (const sid of sessions) if (!told.has(sid)) violations.push(`the application was not told of ${sid}`);
  for (const sid of told)
    if (!sessions.has(sid)) violations.push(`the application was told of ${sid}, which never was`);
  const again = { letters: mail.letters.length - seen.size, logouts: applications.told.length - told.size };
  if (node.kills() === 0 && again.letters + again.logouts > 0) violations.push('something came twice without a kill');
  return again;
}
