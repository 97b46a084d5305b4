/** Imports in processes of their own, on two nodes, whose processes and nodes die (rules 30, 33). Some 20 processes: 15 s. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Source } from '../../src/domain/feed/source.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { createImporting } from '../../src/importing/importing.ts';
import { openStorage } from '../../src/storage/open.ts';
import { type Actor, clientActorOf } from '../../src/use-cases/actor.ts';
import { beginApply, beginPlan, type ImportPorts, viewImport } from '../../src/use-cases/import/administer-imports.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { newPlace } from '../support/backend.ts';
import { organisations } from '../support/organisations.ts';

const secret = 'a secret of more than thirty-two characters';
const place = newPlace();
let storage: Storage;
let actor: Actor;
const source: Source = {
  ...{ id: 'csv', organisations: ['vives'], numbers: ['r#######'], domains: ['vives.be'] },
  ...{ credentials: false, identity: 'none', full: true },
};

beforeAll(async () => {
  storage = await openStorage(place.uri, { now: Date.now });
  const grant: RoleGrant = {
    ...{ id: '1', holder: { kind: 'client', id: 'hr' }, role: 'people-administrator', organisations: ['vives'] },
    ...{ grantedBy: 'test', grantedAt: 2 },
  };
  const client = { id: 'hr', metadata: { client_name: 'HR' }, createdAt: 1 };
  actor = clientActorOf(client, [grant], ['imports:read', 'imports:write']);
});
afterAll(async () => {
  await storage.close();
  await place.remove();
});

/** A node: its own processes, and the children that it started. */
async function aNode(options: { limitMs?: number; processes?: number; uploads?: number; source?: string } = {}) {
  const children: ChildProcess[] = [];
  const config = {
    storage: place.uri,
    secret,
    organisations,
    defaultLanguage: 'nl' as const,
    invitationSeconds: 86_400,
  };
  const importing = createImporting(config, {
    ...options,
    fork: (module, given) => {
      const child = fork(module, given);
      children.push(child);
      return child;
    },
  });
  const sealer = await openSealer({ secret }, storage.values, randomBytes);
  const failures: unknown[] = [];
  const ports: ImportPorts = {
    sources: [{ ...source, id: options.source ?? 'csv' }],
    imports: createImports(storage.protocolRecords, storage.values, sealer, Date.now),
    importing,
    leases: storage.leases,
    now: Date.now,
    randomBytes,
    failed: (error) => failures.push(error),
  };
  const name = options.source ?? 'csv';
  return {
    ports,
    children,
    failures,
    importing,
    plan: (input: Readable) => beginPlan(actor, { source: name, partial: false, withCredentials: false }, input, ports),
    /** the same node, for a file of another source */
    planOf: (id: string, input: Readable) =>
      beginPlan(actor, { source: id, partial: false, withCredentials: false }, input, {
        ...ports,
        sources: [{ ...source, id }],
      }),
    apply: (id: string) => beginApply(actor, id, {}, ports),
    async view(id: string) {
      const found = await viewImport(actor, id, 'imports:read', ports);
      if (found.kind !== 'found') throw new Error(found.kind);
      return found.import;
    },
  };
}
type Node = Awaited<ReturnType<typeof aNode>>;

const HEADER = 'person,number,given_name,family_name,email,organisation,role\n';
const rowOf = (prefix: string, index: number) =>
  `${prefix}${index},r${String(index).padStart(7, '0')},Wout,Claes,${prefix}${index}@vives.be,vives,student\n`;
const fileOf = (prefix: string, count: number, from = 0) =>
  HEADER + Array.from({ length: count }, (_, index) => rowOf(prefix, from + index)).join('');
const streamOf = (text: string) => Readable.from([Buffer.from(text)]);

async function until(node: Node, id: string, ...states: string[]) {
  for (;;) {
    const seen = await node.view(id);
    if (states.includes(seen.state) && (seen.state === 'planned' || seen.run?.ended)) return seen;
    await sleep(20);
  }
}

async function planned(node: Node, text: string): Promise<string> {
  for (;;) {
    const begun = await node.plan(streamOf(text));
    if (begun.kind === 'begun') {
      await until(node, begun.id, 'planned');
      return begun.id;
    }
    if (begun.kind !== 'busy') throw new Error(JSON.stringify(begun));
    await sleep(50);
  }
}

/** The last one, once it is known what became of it. */
async function lost(node: Node) {
  for (;;) {
    const [found] = await node.ports.imports.list(1);
    if (found?.run?.ended) return found;
    await sleep(10);
  }
}

async function applied(node: Node, id: string) {
  expect(await node.apply(id)).toEqual({ kind: 'begun' });
  return until(node, id, 'applied');
}

describe('an import in a process of its own', () => {
  test('is planned on one node and applied on another, and the audit log has who did it', async () => {
    const [one, other] = [await aNode(), await aNode()];
    const id = await planned(one, fileOf('a', 450));
    expect(await other.view(id)).toMatchObject({ state: 'planned', by: 'hr', record: { counts: { new: 450 } } });
    expect(await storage.accounts.findByLogin('r0000001')).toBeUndefined();
    expect((await applied(other, id)).run).toMatchObject({ act: 'apply', ended: true });
    const person = await storage.accounts.findByLogin('r0000001');
    expect(person?.effects.find(({ kind }) => kind === 'audit')).toMatchObject({ entry: { actor: { id: 'hr' } } });
    const [done, read] = (await storage.auditLog.page({}, undefined, 500)).filter(({ action }) =>
      action.startsWith('import.'),
    );
    const by = { kind: 'client', id: 'hr', roles: ['people-administrator vives'], via: 'api' };
    expect(done).toMatchObject({ action: 'import.applied', actor: by, details: { new: '450', import: id } });
    expect(read).toMatchObject({ action: 'import.planned', actor: by, details: { rows: '450' } });
    expect([...one.failures, ...other.failures]).toEqual([]);
  });

  test('is applied once, however many ask on however many nodes', async () => {
    const nodes = [await aNode(), await aNode()];
    const [one] = nodes as [Node, Node];
    const id = await planned(one, fileOf('a', 451));
    const begun = await Promise.all([0, 1, 0, 1, 0, 1].map((node) => nodes[node]?.apply(id)));
    expect(begun.filter((each) => each?.kind === 'begun')).toHaveLength(1);
    expect(begun.filter((each) => each?.kind === 'busy' || each?.kind === 'state')).toHaveLength(5);
    await until(one, id, 'applied');
    expect(await one.apply(id)).toEqual({ kind: 'state', state: 'applied' });
    const log = await storage.auditLog.page({ action: 'import.applied' }, undefined, 50);
    expect(log.filter(({ details }) => details?.import === id)).toHaveLength(1);
  });

  test('waits for nobody: a second file of the source is refused while the first is read', async () => {
    const node = await aNode({ source: 'slow' });
    const slow = new Readable({ read() {} });
    slow.push(HEADER);
    const first = node.plan(slow);
    while (node.children.length === 0) await sleep(10);
    expect(await node.plan(streamOf(fileOf('b', 1)))).toEqual({ kind: 'busy' });
    slow.push(null);
    expect(await first).toMatchObject({ kind: 'begun' });
  });
});

test('rule 33: no more run on a node than it can bear, and the next one is told to come back', async () => {
  const node = await aNode({ source: 'many', processes: 1, uploads: 1 });
  const slow = new Readable({ read() {} });
  slow.push(HEADER);
  const process = node.importing.start(
    { act: 'plan', id: 'x', source, by: 'x', actor: { kind: 'command', id: 'x' }, withCredentials: false },
    slow,
  );
  expect(await node.plan(streamOf(fileOf('h', 1)))).toEqual({ kind: 'full' });
  slow.destroy();
  expect(await process?.ended).toMatchObject({ kind: 'failed' });
});

describe('a file that has not arrived', () => {
  test('keeps no other from being planned and applied', async () => {
    const node = await aNode({ source: 'quick', processes: 1, uploads: 2 });
    const slow = new Readable({ read() {} });
    slow.push(HEADER);
    const arriving = node.planOf('slow-line', slow);
    while (node.children.length === 0) await sleep(10);
    await applied(node, await planned(node, fileOf('i', 1, 7000)));
    slow.push(null);
    expect(await arriving).toMatchObject({ kind: 'begun' });
  });

  test('is compared once there is room, and its sender is answered before', async () => {
    const node = await aNode({ source: 'eldest', processes: 1, uploads: 1 });
    const first = await node.plan(streamOf(fileOf('j', 1500, 30_000)));
    node.children[0]?.kill('SIGSTOP'); // it has begun, and takes its time
    const second = await node.planOf('next', streamOf(fileOf('k', 1, 8000)));
    if (first.kind !== 'begun' || second.kind !== 'begun') throw new Error(JSON.stringify([first, second]));
    expect(await node.planOf('third', streamOf(fileOf('l', 1, 9000)))).toEqual({ kind: 'full' });
    const run = async () => (await node.ports.imports.run(second.id))?.ended;
    await sleep(1000);
    expect(await run()).toBeFalsy();
    node.children[0]?.kill('SIGCONT');
    while (!(await run())) await sleep(20);
    expect(await node.ports.imports.find(second.id)).toMatchObject({ counts: { new: 1 } });
    await until(node, first.id, 'planned');
  });
});

describe('a file that breaks off is never taken for a whole one', () => {
  test.each([
    ['with its connection', (slow: Readable) => slow.destroy(new Error('aborted')), 'aborted'],
    ['without a word', (slow: Readable) => slow.destroy(), 'the upload was broken off'],
  ])('%s', async (_what, breakOff, reason) => {
    const node = await aNode({ source: `broken-${reason.length}` });
    const slow = new Readable({ read() {} });
    slow.push(fileOf('c', 10));
    const begun = node.plan(slow);
    while (node.children.length === 0) await sleep(10);
    await sleep(300);
    breakOff(slow);
    expect(await begun).toEqual({ kind: 'failed', reason });
    const told = await lost(node);
    expect(told).toMatchObject({ run: { ended: true, fault: reason } });
    expect(told?.record).toBeUndefined();
  });

  test('where the node is killed: its pipe ends as that of a whole file does', async () => {
    const node = await aNode({ source: 'killed' });
    const slow = new Readable({ read() {} });
    slow.push(fileOf('d', 10));
    const begun = node.plan(slow);
    while (node.children.length === 0) await sleep(10);
    await sleep(300);
    const [child] = node.children;
    child?.disconnect(); // what the death of the node does to it
    child?.stdin?.end();
    expect(await begun).toMatchObject({ kind: 'failed' });
    expect((await lost(node))?.record).toBeUndefined();
  });
});

describe('a process that is killed', () => {
  test('while it plans, leaves nothing but word of it, and the next one may begin at once', async () => {
    const node = await aNode({ source: 'dies' });
    const slow = new Readable({ read() {} });
    slow.push(HEADER);
    const begun = node.plan(slow);
    while (node.children.length === 0) await sleep(10);
    node.children[0]?.kill('SIGKILL');
    expect(await begun).toEqual({ kind: 'failed', reason: 'its process ended (SIGKILL)' });
    expect(await planned(node, fileOf('e', 1, 6000))).toBeDefined();
  });

  test('while it applies, leaves an import that another node ends as if nothing had been', async () => {
    const [one, other] = [await aNode({ source: 'half' }), await aNode({ source: 'half' })];
    const id = await planned(one, fileOf('f', 1500, 10_000));
    expect((await one.apply(id)).kind).toBe('begun');
    while (((await one.ports.imports.progress(id))?.done ?? 0) < 1) await sleep(5);
    one.children.at(-1)?.kill('SIGKILL');
    const broken = await until(one, id, 'broken-off');
    expect(broken.run?.fault).toBe('its process ended (SIGKILL)');
    await applied(other, id);
    for (const index of [0, 300, 1499])
      expect(await storage.accounts.findByLogin(`r${String(10_000 + index).padStart(7, '0')}`)).toBeDefined();
  });

  test('with its node, is told of after half a minute without a sign of life', async () => {
    const node = await aNode({ source: 'gone' });
    const id = '00000000-0000-4000-8000-000000000001';
    const run = { id, source: 'gone', act: 'plan' as const, by: 'hr', startedAt: Date.now(), done: 5 };
    await node.ports.imports.putRun({ ...run, seenAt: Date.now() - 29_000 });
    expect((await node.view(id)).state).toBe('planning');
    await node.ports.imports.putRun({ ...run, seenAt: Date.now() - 30_000 });
    expect((await node.view(id)).state).toBe('not-planned');
  });

  test('because it took too long, says so', async () => {
    const node = await aNode({ source: 'long', limitMs: 400 });
    const slow = new Readable({ read() {} });
    slow.push(HEADER);
    expect(await node.plan(slow)).toEqual({ kind: 'failed', reason: 'it took too long' });
  });

  test('by the end of its node stops between two people, and can go on', async () => {
    const [one, other] = [await aNode({ source: 'ends' }), await aNode({ source: 'ends' })];
    const id = await planned(one, fileOf('g', 1500, 20_000));
    await one.apply(id);
    while (((await one.ports.imports.progress(id))?.done ?? 0) < 1) await sleep(5);
    await one.importing.close();
    await until(other, id, 'broken-off'); // the node writes it once the process has ended
    expect(
      one.importing.start({ act: 'apply', id, source, by: 'x', actor: { kind: 'command', id: 'x' } }),
    ).toBeUndefined();
    await applied(other, id);
  });
});
