/** Failures of machines. The promise of an event resolves when the event is over and everything runs again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Node } from '../support/cluster.ts';
import { settleAfterStop, type World } from './world.ts';

/** When something was wrong: what is sent twice has to have a reason, and one that happened then. */
export type Disturbance = { kind: EventKind; from: number; until: number };

export type Recovery = {
  kind: EventKind;
  /** ms from the event until a request was served again; 0: no request failed */
  throughBalancer: number;
  /** ms until the node that was hit said that it can serve, where one was */
  throughNode?: number;
};

type Hit = { node?: Node };
type Event = (world: World, about: { pauseMs: number }) => Promise<Hit>;

const databaseOf = ({ cluster }: World): Database => {
  if (cluster.database === undefined) throw new TypeError('this database cannot be killed');
  return cluster.database;
};
const aNode = ({ chance, cluster }: World): Node => {
  const node = chance.pick(cluster.nodes);
  if (node === undefined) throw new TypeError('there are no nodes');
  return node;
};

/** The commands that write; those of the sign-ins and of the background alike. */
const WRITES = ['insert', 'update', 'findAndModify'];

async function withFailPoint(world: World, times: number, data: object, forMs: number): Promise<Hit> {
  const database = databaseOf(world);
  await database.failCommands({ times }, data);
  await sleep(forMs);
  await database.failCommands('off');
  return {};
}

async function forAWhile(feel: (well: boolean) => void, ms: number): Promise<Hit> {
  feel(false);
  await sleep(ms);
  feel(true);
  return {};
}

async function stopped(world: World, node: Node, ms: number): Promise<Hit> {
  node.pause();
  await sleep(ms);
  node.resume();
  settleAfterStop(world);
  return { node };
}

/** What was said a moment ago must be true already; where nobody is told anything for a while, at any moment. */
async function rightAfterAnAnswer({ ledger }: World): Promise<void> {
  await Promise.race([ledger.nextAnswer(), sleep(2000)]);
}

const events = {
  'kill a node': async (world) => {
    const node = aNode(world);
    await rightAfterAnAnswer(world);
    await node.kill();
    await sleep(world.chance.between(0, 1500));
    await node.start();
    return { node };
  },
  'kill all nodes': async (world) => {
    const { cluster, chance } = world;
    await rightAfterAnAnswer(world);
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await sleep(chance.between(0, 1500));
    await Promise.all(cluster.nodes.map((node) => node.start()));
    return {};
  },
  'kill the database': async (world) => {
    const database = databaseOf(world);
    await rightAfterAnAnswer(world);
    await database.kill();
    await sleep(world.chance.between(0, 2500));
    await database.start();
    return {};
  },
  'stop the database': async (world) => {
    const database = databaseOf(world);
    database.pause();
    await sleep(5000);
    database.resume();
    settleAfterStop(world);
    return {};
  },
  'cut connections': (world) =>
    withFailPoint(world, 6, { failCommands: [...WRITES, 'find'], closeConnection: true }, 2500),
  'no primary': (world) => withFailPoint(world, 6, { failCommands: WRITES, errorCode: 10107 }, 2500),
  'no majority': (world) =>
    withFailPoint(
      world,
      6,
      { failCommands: WRITES, writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: 'timed out' } },
      2500,
    ),
  'stop a node': (world, { pauseMs }) => stopped(world, aNode(world), pauseMs),
  /** longer than any lease: of effects (10 s), of letters (120 s) */
  'stop a node past every lease': (world) => stopped(world, aNode(world), 130_000),
  'restart one after the other': async ({ cluster, ledger }) => {
    for (const node of cluster.nodes) {
      const status = await node.stop();
      if (status !== 0) ledger.violation('end', node.name, `SIGTERM ended it with ${status}:\n${node.output()}`);
      await node.start();
    }
    return {};
  },
  'mail hangs': ({ mail }) => forAWhile((well) => mail.feel(well ? 'well' : 'hangs'), 6000),
  'mail answers 451': ({ mail }) => forAWhile((well) => mail.feel(well ? 'well' : 'later'), 5000),
  'mail cuts after DATA': ({ mail }) => forAWhile((well) => mail.feel(well ? 'well' : 'cut'), 5000),
  'logout answers 500': ({ applications }) => forAWhile((well) => applications.feel(well ? 'well' : 'fails'), 5000),
  'logout hangs': ({ applications }) => forAWhile((well) => applications.feel(well ? 'well' : 'hangs'), 5000),
} satisfies Record<string, Event>;

export type EventKind = keyof typeof events;

const ofDatabase: EventKind[] = [
  'kill the database',
  'stop the database',
  'cut connections',
  'no primary',
  'no majority',
];

/** Two minutes, so it happens only where it is named. */
const LONG: EventKind = 'stop a node past every lease';

/** Every kind that this storage knows, in an order that lets each be followed by a quiet one, and the long one last. */
export function allEventKinds(storage: 'sqlite' | 'mongodb'): EventKind[] {
  const all = [...(Object.keys(events) as EventKind[]).filter((kind) => kind !== LONG), LONG];
  return storage === 'mongodb' ? all : all.filter((kind) => !ofDatabase.includes(kind));
}

/** All but the long one. */
export const eventKinds = (storage: 'sqlite' | 'mongodb'): EventKind[] =>
  allEventKinds(storage).filter((kind) => kind !== LONG);

/** Sends a request through the balancer ten times a second, to see whether it is served. */
export function startProbe(world: World) {
  const probes: { at: number; ok: boolean }[] = [];
  let going = true;
  const done = (async () => {
    while (going) {
      const at = Date.now();
      const ok = await fetch(`${world.issuer}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
        async (answer) => {
          await answer.body?.cancel();
          return answer.ok;
        },
        () => false,
      );
      probes.push({ at, ok });
      if (ok) world.ledger.success();
      if (probes.length > 5000) probes.splice(0, 1000);
      await sleep(Math.max(0, 100 - (Date.now() - at)));
    }
  })();
  return {
    /** ms from `since` until the first success that follows the last failure since then; undefined = it fails still */
    recoveredAfter(since: number): number | undefined {
      const later = probes.filter(({ at }) => at >= since);
      const failed = later.findIndex(({ ok }) => !ok);
      if (failed === -1) return 0;
      const well = later.slice(failed).find(({ ok }) => ok);
      return well === undefined ? undefined : well.at - since;
    },
    async stop(): Promise<void> {
      going = false;
      await done;
    },
  };
}
export type Probe = ReturnType<typeof startProbe>;

const RECOVERY_MS = 60_000;

/** Lets it happen, and says how long it was felt. */
export async function letHappen(
  world: World,
  probe: Probe,
  kind: EventKind,
  about: { pauseMs: number },
): Promise<Recovery> {
  const from = Date.now();
  const disturbance: Disturbance = { kind, from, until: Number.POSITIVE_INFINITY };
  world.disturbances.push(disturbance);
  world.log(`${world.ledger.seconds()} s: ${kind}`);
  const { node } = await (events[kind] as Event)(world, about);
  const until = Date.now();
  while (node !== undefined && !(await node.isReady())) await sleep(50);
  const throughNode = node === undefined ? {} : { throughNode: Date.now() - from };
  for (const deadline = until + RECOVERY_MS; ; await sleep(100)) {
    const throughBalancer = Date.now() - until > 500 ? probe.recoveredAfter(from) : undefined;
    if (throughBalancer !== undefined) {
      disturbance.until = Math.max(until, from + throughBalancer);
      return { kind, throughBalancer, ...throughNode };
    }
    if (Date.now() > deadline) {
      disturbance.until = Date.now();
      world.ledger.violation('recovery', '-', `nobody is served ${RECOVERY_MS / 1000} s after: ${kind}`);
      return { kind, throughBalancer: Date.now() - from };
    }
  }
}
