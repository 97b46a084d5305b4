/** A chaos run: people use Pedel while machines fail, and at the end every acknowledged action must hold. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { namelessAttempts } from '../../src/domain/rate-limits/nameless-attempts.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { openStorage } from '../../src/storage/open.ts';
import { startCluster } from '../support/cluster.ts';
import {
  activateByCode,
  activateByLink,
  changePassword,
  consent,
  replayLink,
  reset,
  resolveActivation,
  signOut,
  takeConsentBack,
} from './account-acts.ts';
import { type Chance, chanceOf } from './chance.ts';
import { aPerson, feed, renameLibrary } from './commands.ts';
import { drain } from './drain.ts';
import { type EventKind, eventKinds, letHappen, type Recovery, startProbe } from './events.ts';
import { reckon } from './final.ts';
import { type Outcome, openLedger, owe, type Person } from './ledger.ts';
import { startApplications, startMail } from './receivers.ts';
import { type Report, reportOf } from './report.ts';
import {
  checkFactorAsked,
  guessWrong,
  pass,
  replaySecond,
  resolvePassword,
  signIn,
  silentSignOn,
  tryFormerPassword,
} from './sign-in.ts';
import { introspect, refresh, replayCode, userinfo } from './tokens.ts';
import {
  type ClientId,
  clients,
  newBrowser,
  nextCode,
  orDoubt,
  perform,
  registrations,
  requestOf,
  type World,
} from './world.ts';

export type Run = {
  seed: number;
  storage: 'sqlite' | 'mongodb';
  nodes: number;
  /** virtual people at a time */
  atOnce: number;
  /** how long the load and the events go on; with a list of events, until the list is through */
  minutes: number;
  events?: EventKind[];
  log: (line: string) => void;
  /** a file for the log of the nodes */
  nodesLog?: string | undefined;
};

const WARM_UP_MS = 8000; // until some have activated
const THINKING_MS = { from: 300, to: 1500 };
const BETWEEN_EVENTS_MS = { from: 1500, to: 6000 };
const COMMAND_EVERY_MS = 20_000;
/** With more, a slow database would be what is tested. */
const MOST_PEOPLE = 90;
const LONG_RUN_MINUTES = 10;
/** of what is still in doubt */
const TRIES_AT_THE_END = 5;

export async function drive(run: Run): Promise<Report> {
  const ledger = openLedger(run.seed, run.log);
  const chance = chanceOf(run.seed);
  const mail = await startMail();
  const applications = await startApplications();
  const cluster = await startCluster({
    storage: run.storage,
    nodes: run.nodes,
    mailPort: mail.port,
    log: run.nodesLog,
    onUnexpectedEnd: (node, output) => ledger.violation('end', node, `it ended by itself:\n${output.slice(-3000)}`),
  });
  try {
    await cluster.start();
    const storage = await openStorage(cluster.storage, { now: Date.now });
    const sealer = await openSealer({ secret: cluster.environment.PEDEL_SECRET }, storage.values, randomBytes);
    const world: World = {
      cluster,
      issuer: cluster.issuer,
      ledger,
      chance,
      mail,
      applications,
      storage,
      attempts: namelessAttempts(storage.attempts, sealer),
      people: [],
      disturbances: [],
      imitation: cluster.database?.imitation === true,
      log: run.log,
      somethingIsStopped: () => cluster.nodes.some((node) => node.isPaused()) || cluster.database?.isPaused() === true,
    };
    try {
      return await live(world, run);
    } finally {
      await storage.close();
    }
  } finally {
    await cluster.remove();
    await applications.close();
    await mail.close();
  }
}

async function live(world: World, run: Run): Promise<Report> {
  const { ledger, cluster } = world;
  await cluster.apply(registrations(world.applications.address));
  await feed(world, firstPeople());
  ledger.begin();
  const state = { going: true };
  const recoveries: Recovery[] = [];
  const probe = startProbe(world);
  const working = Array.from({ length: run.atOnce }, () => work(world, state));
  const administering = administer(world, state, run);
  await sleep(WARM_UP_MS);
  for (const kind of eventsOf(run, world.chance, ledger.startedAt())) {
    recoveries.push(await letHappen(world, probe, kind, { pauseMs: 15_000 }));
    await sleep(world.chance.between(BETWEEN_EVENTS_MS.from, BETWEEN_EVENTS_MS.to));
  }
  state.going = false;
  await Promise.all([...working, administering]);
  run.log(`${ledger.seconds()} s: quiet; everybody is asked`);
  await askEverybody(world, run.atOnce);
  await probe.stop();
  for (const node of cluster.nodes) {
    const status = await node.stop();
    if (status !== 0) ledger.violation('end', node.name, `SIGTERM ended it with ${status}:\n${node.output()}`);
  }
  const leftForTheDrain = await drain(world);
  const reckoning = await reckon(world);
  return reportOf(ledger, {
    retired: retiredOf(world),
    storage: run.storage,
    nodes: run.nodes,
    leftForTheDrain,
    reckoning,
    recoveries,
  });
}

/** Why, one line each. More than one for each event that can cause it would be too many to be that. */
function retiredOf({ ledger, people, disturbances }: World): string[] {
  const retired = people.flatMap(({ number, retired }) => (retired === undefined ? [] : [`${number}: ${retired}`]));
  if (retired.length > disturbances.length) ledger.violation('answers spoilt', '-', retired.join('\n'));
  return retired;
}

function firstPeople(): Person[] {
  const several = (times: number, organisation: Person['organisation'], active: boolean) =>
    Array.from({ length: times }, () => aPerson(organisation, active));
  return [
    ...several(5, 'kuleuven', true),
    ...several(3, 'alum', true),
    ...several(8, 'vives', false),
    ...several(3, 'kuleuven', false),
    ...several(3, 'alum', false),
  ];
}

/** The given list, or else all kinds, shuffled again each round, until the time is over. */
function* eventsOf(run: Run, chance: Chance, startedAt: number): Generator<EventKind> {
  if (run.events !== undefined) return yield* run.events;
  const endsAt = startedAt + run.minutes * 60_000;
  for (let round = 0; Date.now() < endsAt; round += 1) {
    const kinds = eventKinds(run.storage);
    if (round === 1 && run.minutes >= LONG_RUN_MINUTES) kinds.push('stop a node past every lease');
    const shuffled = kinds.map((kind) => ({ kind, at: chance.next() })).sort((a, b) => a.at - b.at);
    for (const { kind } of shuffled) {
      if (Date.now() >= endsAt) return;
      yield kind;
    }
  }
}

/** One of the simultaneous visitors: takes a free person, acts as that person, and pauses. */
async function work(world: World, state: { going: boolean }): Promise<void> {
  const { chance } = world;
  while (state.going) {
    const free = world.people.filter(
      ({ busy, settlesAt, retired }) => !busy && retired === undefined && settlesAt <= Date.now(),
    );
    const person = chance.pick(free);
    if (person !== undefined) {
      person.busy = true;
      await doSomething(world, person);
      person.busy = false;
    }
    await sleep(chance.between(THINKING_MS.from, THINKING_MS.to));
  }
}

type Act = [name: string, weight: number, act: () => Promise<Outcome | undefined>];

async function doSomething(world: World, person: Person): Promise<void> {
  const due = resolution(world, person);
  if (due !== undefined) return perform(world, person, ...due);
  const acts = person.state === 'invited' ? activation(world, person) : everyday(world, person);
  let at = world.chance.next() * acts.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight, act] of acts) {
    at -= weight;
    if (at < 0) return perform(world, person, name, act);
  }
}

/** What is in doubt is found out before anything else. */
function resolution(world: World, person: Person): [string, () => Promise<Outcome | undefined>] | undefined {
  if (person.state === 'perhaps') return ['an activation in doubt', () => resolveActivation(world, person)];
  if (person.doubts.length > 0) return ['a password in doubt', () => resolvePassword(world, person)];
  return undefined;
}

function activation(world: World, person: Person): Act[] {
  return person.organisation === 'alum'
    ? [['activation by code', 1, () => activateByCode(world, person)]]
    : [['activation by link', 1, () => activateByLink(world, person)]];
}

function everyday(world: World, person: Person): Act[] {
  const { chance } = world;
  const client = (): ClientId => chance.pick(['toledo', 'webmail', 'pocket'] as const) ?? 'toledo';
  const acts: Act[] = [
    ['sign-in', 4, async () => (await signIn(world, person, client()))?.outcome],
    ['wrong passwords', 0.3, () => guessWrong(world, person)],
    ['password that was replaced', 0.5, () => tryFormerPassword(world, person)],
    ['password reset', person.waiting === undefined ? 0.6 : 4, () => reset(world, person)],
  ];
  const inUse = person.sessions.filter(({ state }) => state !== 'lost').slice(-4);
  const session = chance.pick(inUse);
  if (session !== undefined) {
    acts.push(['silent sign-on', 6, () => silentSignOn(world, person, session, chance.pick(clients) ?? 'toledo')]);
    if (session.state === 'open') {
      acts.push(
        ['sign-out', 1, () => signOut(world, person, session)],
        ['change of password', 0.8, () => changePassword(world, person, session)],
        ['consent', 0.7, () => consent(world, person, session)],
      );
    }
  }
  if (person.consent === 'given') acts.push(['consent taken back', 0.3, () => takeConsentBack(world, person)]);
  const token = chance.pick(person.sessions.flatMap(({ tokens }) => tokens).slice(-6));
  if (token !== undefined) {
    acts.push(
      ['userinfo', 2, () => userinfo(world, person, token)],
      ['introspection', 1, () => introspect(world, person, token)],
    );
    if (token.refresh !== undefined) acts.push(['refresh', 3, () => refresh(world, person, token)]);
  }
  const replay = replayOf(world, person);
  if (replay !== undefined) acts.push(['replay', 1.5, replay]);
  return acts;
}

/** Something that was used before, once more; undefined where there is nothing. */
function replayOf(world: World, person: Person): (() => Promise<Outcome | undefined>) | undefined {
  const spent = world.chance.pick(person.spent);
  if (spent === undefined) return undefined;
  switch (spent.kind) {
    case 'authorization code':
      return () => replayCode(world, person, spent);
    case 'recovery code':
      return () => replaySecond(world, person, spent.code, 'recovery code');
    case 'activation link':
    case 'reset link':
      return () => replayLink(world, person, spent);
  }
}

async function administer(world: World, state: { going: boolean }, run: Run): Promise<void> {
  for (let turn = 0; state.going; turn += 1) {
    if (turn % 2 === 0) {
      if (world.people.length < MOST_PEOPLE)
        await feed(world, [aPerson('vives', false), aPerson('kuleuven', false), aPerson('alum', false)]);
    } else await renameLibrary(world, `Library ${turn} of ${run.seed}`);
    for (const end = Date.now() + COMMAND_EVERY_MS; state.going && Date.now() < end; ) await sleep(200);
  }
}

/** Once more everything that was acknowledged, of everybody, when all is quiet. */
async function askEverybody(world: World, atOnce: number): Promise<void> {
  const left = world.people.filter(({ retired }) => retired === undefined);
  const asking = Array.from({ length: atOnce }, async () => {
    for (let person = left.pop(); person !== undefined; person = left.pop()) await askPerson(world, person);
  });
  await Promise.all(asking);
}

async function askPerson(world: World, person: Person): Promise<void> {
  while (person.settlesAt > Date.now()) await sleep(200);
  const asked = (act: () => Promise<Outcome | undefined>) => perform(world, person, 'asked at the end', act);
  for (let tries = 0; tries < TRIES_AT_THE_END; tries += 1) {
    const due = resolution(world, person);
    if (due === undefined) break;
    await asked(due[1]);
    while (person.settlesAt > Date.now()) await sleep(200);
  }
  if (person.state === 'invited' || person.retired !== undefined) return;
  await asked(() => lastSignIn(world, person));
  await asked(() => tryFormerPassword(world, person));
  for (const session of person.sessions.filter(({ state }) => state !== 'lost').slice(-6))
    await asked(() => silentSignOn(world, person, session, 'toledo'));
  for (const token of person.sessions.flatMap(({ tokens }) => tokens).slice(-8)) {
    await asked(() => userinfo(world, person, token));
    if (token.refresh !== undefined) await asked(() => refresh(world, person, token));
  }
  for (const spent of person.spent) {
    if (spent.kind === 'recovery code') await asked(() => replaySecond(world, person, spent.code, 'recovery code'));
    else if (spent.kind === 'authorization code') await asked(() => replayCode(world, person, spent));
    else await asked(() => replayLink(world, person, spent));
  }
}

/** The password works, the factor is asked and taken. */
async function lastSignIn(world: World, person: Person): Promise<Outcome | undefined> {
  const browser = newBrowser(world);
  const { url } = requestOf(world, 'toledo');
  const { password } = person;
  const passage = await pass(world, person, browser, url, { password });
  if (passage.kind === 'refused') {
    world.ledger.violation('password lost', person.number, 'the one that was acknowledged is not taken');
    return 'refused';
  }
  checkFactorAsked(world, person, passage);
  if (passage.kind === 'landed') owe(person, 'audit sign-in', 'certain');
  if (person.seed === undefined || person.wrongFactors > 14) return 'acknowledged';
  let shown = nextCode(person);
  for (; shown === undefined; shown = nextCode(person)) await sleep(500);
  const { code } = shown;
  await orDoubt(browser.press('verify', { code }), () => owe(person, 'audit sign-in', 'perhaps'));
  if (browser.page().url.startsWith(`${world.issuer}/`))
    world.ledger.violation('factor lost', person.number, `a code of the enrolled factor: ${browser.words()}`);
  else owe(person, 'audit sign-in', 'certain');
  return 'acknowledged';
}
