/** Webhooks: what happened reaches whoever asked, signed, at least once, over a node that dies; and nobody else. */
import { createHmac, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditAction } from '../../src/domain/audit/audit-entry.ts';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { webhookEvents } from '../../src/domain/webhooks/events.ts';
import { signedHeaders } from '../../src/domain/webhooks/message.ts';
import type { WebhookAsked } from '../../src/domain/webhooks/webhook.ts';
import { createOutboxWorker } from '../../src/jobs/outbox.ts';
import { announceEvents, createWebhookDelivery } from '../../src/jobs/webhooks.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { announce } from '../../src/use-cases/webhooks/announce.ts';
import { deleteOrphans } from '../../src/use-cases/webhooks/orphans.ts';
import {
  addWebhook,
  deleteWebhook,
  rotateWebhookSecret,
  switchWebhook,
} from '../../src/use-cases/webhooks/webhooks.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog, standingClock } from './support/quiet.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
const actor = systemActor('root');
const HOUR = 3_600_000;
let clock: ReturnType<typeof standingClock>;
let storage: Storage;
beforeEach(async () => {
  clock = standingClock();
  storage = await openTestStorage({ now: clock.now });
});
afterEach(() => storage.close());

const deps = () => ({ ...storage, sealer, now: clock.now, randomBytes });
async function add(asked: Partial<WebhookAsked> = {}) {
  const all = { url: 'https://crm.example/hook', events: ['*'], contact: 'crm@example.org', ...asked };
  const added = await addWebhook(actor, all, deps());
  if (added.kind !== 'added') throw new Error(added.kind);
  clock.pass(1);
  return added;
}
let made = 0;
async function happens(action: AuditAction, of: { client?: string; subject?: string } = {}, details = {}) {
  made += 1;
  const entry = { id: `e${made}`, at: clock.now(), action, actor: { kind: 'system' }, ...of, details };
  await storage.auditLog.append(entry as Parameters<Storage['auditLog']['append']>[0]);
}
type Call = { url: string; headers: Headers; body: string };
/** The other side: what it was sent, and what it answers. */
function receiver(answer: () => Response | Promise<Response> = () => new Response()) {
  const calls: Call[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    calls.push({ url, headers: new Headers(init.headers), body: String(init.body) });
    return answer();
  };
  return { calls, fetch };
}
function node({ fetch }: Pick<ReturnType<typeof receiver>, 'fetch'>, of: Pick<Storage, 'outbox'> = storage) {
  const delivery = createWebhookDelivery({
    ...{ webhooks: storage.webhooks, outbox: storage.outbox, sealer, fetch, now: clock.now },
    ...{ organisation: 'a', language: 'en' },
  });
  return createOutboxWorker({
    ...{ kind: 'webhook', outbox: of.outbox, now: clock.now, random: () => 0.5, log: keepLog() },
    ...{ deliver: delivery.deliver, tellFailed: (entry, refused) => delivery.tellFailed(entry, refused) },
    ...{ concurrency: 10, deliveryTimeoutMs: 1000, pollMs: 10, giveUpAfterMs: 72 * HOUR },
  });
}
const hear = () => announceEvents({ ...storage, holder: 'one', now: clock.now });
const waiting = (kind: OutboxEntry['kind'] = 'webhook') =>
  storage.outbox.list({ kind, state: 'waiting' }, undefined, 99);
const actions = async () => (await storage.auditLog.page({}, undefined, 99)).map(({ action }) => action);

test('the signature is the one that the library of the specification makes (standardwebhooks 1.1.1 for npm)', () => {
  const secret = 'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=';
  expect(signedHeaders({ id: 'msg_x', body: '{"a":1}' }, [secret], 1_790_000_000_000)).toMatchObject({
    'webhook-id': 'msg_x',
    'webhook-timestamp': '1790000000',
    'webhook-signature': 'v1,CsLTXbyRnOxsDU058PruxshRqcOYNU2asfuGkTzuKko=',
  });
});

test('it is told what happened to which id and nothing else, signed under its secret, which is stored sealed only', async () => {
  const { webhook, secret } = await add();
  await happens('client.created', { client: 'wiki' }, { members: 'client_name' });
  const other = receiver();
  expect(await hear()).toBe(1);
  await node(other).runDue();
  const [call, ...more] = other.calls;
  if (call === undefined) throw new Error('nothing was sent');
  expect([more, call.url, JSON.parse(call.body)]).toEqual([
    [],
    'https://crm.example/hook',
    { type: 'client.created', timestamp: new Date(clock.now()).toISOString(), data: { id: 'wiki' } },
  ]);
  const [id, timestamp] = [call.headers.get('webhook-id'), call.headers.get('webhook-timestamp')];
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${call.body}`).digest('base64');
  expect([key.length, call.headers.get('webhook-signature')]).toEqual([32, `v1,${mac}`]);
  const stored = JSON.stringify([
    await storage.webhooks.find(webhook.id),
    await storage.auditLog.page({}, undefined, 9),
  ]);
  expect(stored).not.toContain(secret.slice(6));
});

describe('who hears what', () => {
  test('one of an application hears of that application alone; one that asks for a group, of that group', async () => {
    const ofWiki = await storage.clients.put(
      { id: 'wiki', revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 },
      0,
    );
    const wiki = await add({ client: 'wiki', events: ['client.*'] });
    const roles = await add({ events: ['role.*'] });
    const created = await add({ events: ['client.created'] });
    await happens('client.created', { client: 'wiki' });
    await happens('client.created', { client: 'mail' });
    await happens('role.granted', { subject: 'an' }, { role: 'owner', grant: 'g1' });
    await happens('sign-in', { subject: 'an' });
    await happens('consent.given', { subject: 'an', client: 'wiki' });
    await hear();
    const told = (await waiting()).map(({ payload }) => {
      const { webhook, event } = payload as unknown as { webhook: string; event: { type: string; id: string } };
      return `${webhook} ${event.type} ${event.id}`;
    });
    expect([ofWiki, told.sort()]).toEqual([
      true,
      [
        `${created.webhook.id} client.created mail`,
        `${created.webhook.id} client.created wiki`,
        `${roles.webhook.id} role.granted g1`,
        `${wiki.webhook.id} client.created wiki`,
      ].sort(),
    ]);
  });

  test('an application has ten at most, so that nobody takes the room of all others', async () => {
    for (const id of ['wiki', 'mail'])
      await storage.clients.put({ id, revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 }, 0);
    const wanted = { client: 'wiki', events: ['client.*'] };
    for (let count = 0; count < 10; count += 1) await add(wanted);
    await expect(add(wanted)).rejects.toThrow('too-many');
    await add({ ...wanted, client: 'mail' });
    await add();
  });

  test('of many that are added at the same moment no more than ten find a place', async () => {
    await storage.clients.put({ id: 'wiki', revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 }, 0);
    const asked = { url: 'https://crm.example', events: ['client.*'], contact: 'crm@example.org', client: 'wiki' };
    const added = await Promise.all(Array.from({ length: 25 }, () => addWebhook(actor, asked, deps())));
    expect(added.filter(({ kind }) => kind === 'added')).toHaveLength(10);
    expect(await storage.webhooks.list(undefined, 99)).toHaveLength(10);
  });

  test('of an application that was removed still tells that, goes when nothing is tried any more, and never hears of another with its id', async () => {
    const wiki = { id: 'wiki', revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 };
    await storage.clients.put(wiki, 0);
    const { webhook } = await add({ client: 'wiki', events: ['client.*'] });
    const kept = await add();
    await happens('client.removed', { client: 'wiki' });
    await storage.clients.remove(
      'wiki',
      {
        id: 'r',
        at: clock.now(),
        action: 'client.removed',
        actor: { kind: 'system' },
        client: 'wiki',
        details: { members: '' },
      },
      1,
    );
    clock.pass(1);
    const sweep = () => deleteOrphans({ ...storage, now: clock.now, randomBytes });
    expect(await sweep()).toBe(0);
    await hear();
    const told = async () => (await waiting()).filter(({ payload }) => payload.webhook === webhook.id).length;
    const before = await told();
    expect(before).toBeGreaterThan(0);
    // registered anew by somebody else
    clock.pass(1);
    await storage.clients.put({ ...wiki, createdAt: clock.now() }, 0);
    await happens('client.changed', { client: 'wiki' });
    await hear();
    expect(await told()).toBe(before);
    clock.pass(71 * HOUR);
    expect(await sweep()).toBe(0);
    clock.pass(HOUR);
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect((await storage.webhooks.list(undefined, 9)).map(({ id }) => id)).toEqual([kept.webhook.id]);
    expect(await actions()).toContain('webhook.deleted');
  });

  test('types are a closed list, and an application’s own webhook cannot ask for people', async () => {
    expect(webhookEvents).toContain('person.changed');
    const refused = await addWebhook(
      actor,
      { url: 'http://crm.example', events: ['sign-in', 'x'], contact: 'nobody', note: 'a\nb' },
      deps(),
    );
    expect(refused).toMatchObject({
      kind: 'faulty',
      faults: [
        { member: 'url', code: 'url_not_https' },
        { member: 'events', code: 'event_unknown' },
        { member: 'events', code: 'event_unknown' },
        { member: 'contact' },
        { member: 'note' },
      ],
    });
    await storage.clients.put({ id: 'wiki', revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 }, 0);
    const asked = { url: 'https://x.example', contact: 'a@example.org', client: 'wiki' };
    for (const event of ['person.changed', '*', 'person.*'])
      expect(await addWebhook(actor, { ...asked, events: [event] }, deps())).toMatchObject({ kind: 'faulty' });
  });

  test('it hears nothing from before it was made, nor from while it was disabled', async () => {
    await happens('client.created', { client: 'before' });
    clock.pass(1);
    const { webhook } = await add();
    await happens('client.created', { client: 'heard by the first' });
    clock.pass(1);
    const second = await add();
    await hear();
    expect((await waiting()).map(({ payload }) => payload.webhook)).toEqual([webhook.id]);
    await deleteWebhook(actor, { id: second.webhook.id }, deps());
    await switchWebhook(actor, { id: webhook.id, to: 'disabled' }, deps());
    await happens('client.created', { client: 'meanwhile' });
    clock.pass(2 * HOUR);
    await hear();
    await switchWebhook(actor, { id: webhook.id, to: 'enabled' }, deps());
    await happens('client.created', { client: 'after' });
    await hear();
    const told = (await waiting()).map(({ payload }) => (payload.event as { id: string }).id).sort();
    expect(told).toEqual(['after', 'heard by the first']);
  });
});

describe('at least once, never lost', () => {
  test('a node that dies after any step of reading the log leaves nothing untold, and nothing is told twice', async () => {
    await add();
    for (const step of ['lease', 'put', 'replace'] as const) {
      await happens('client.created', { client: step });
      await happens('client.removed', { client: step });
      const killed = async () => {
        throw new Error('killed');
      };
      let puts = 0;
      const put: Storage['outbox']['put'] = (item) => {
        puts += 1;
        return puts === 2 ? killed() : storage.outbox.put(item);
      };
      const dying = {
        ...{ webhooks: storage.webhooks, auditLog: storage.auditLog, now: clock.now },
        outbox: step === 'put' ? { put } : storage.outbox,
        values: step === 'replace' ? { get: storage.values.get, replace: killed } : storage.values,
      };
      if (step !== 'lease') await expect(announce(dying)).rejects.toThrow('killed');
    }
    await hear();
    await hear();
    const told = (await waiting()).map(({ payload }) => payload.event as { type: string; id: string });
    expect(told.map(({ type, id }) => `${type} ${id}`).sort()).toEqual(
      ['lease', 'put', 'replace'].flatMap((id) => [`client.created ${id}`, `client.removed ${id}`]).sort(),
    );
  });

  test('of nodes that read at once each message is put once', async () => {
    await add();
    for (let n = 0; n < 30; n += 1) await happens('client.created', { client: `c${n}` });
    const reading = { ...storage, now: clock.now };
    await Promise.all([announce(reading), announce(reading), announce(reading), announce(reading)]);
    await announce(reading);
    expect(await waiting()).toHaveLength(30);
  });

  test('an answer that is no success is tried again with the same id and a signature of its own time', async () => {
    await add();
    await happens('client.created', { client: 'wiki' });
    await hear();
    const answers = [new Response(null, { status: 500 }), new Response(null, { status: 302 }), new Response()];
    const other = receiver(() => answers.shift() ?? new Response());
    const sender = node(other);
    for (let round = 0; round < 4; round += 1) {
      await sender.runDue();
      clock.pass(HOUR);
    }
    const headers = (name: string) => other.calls.map((call) => call.headers.get(name));
    expect(other.calls).toHaveLength(3);
    expect([new Set(headers('webhook-id')).size, new Set(headers('webhook-timestamp')).size]).toEqual([1, 3]);
    expect(new Set(headers('webhook-signature')).size).toBe(3);
    expect(await waiting()).toEqual([]);
  });

  test('after three days it is disabled, once, and its contact is told by mail', async () => {
    const { webhook } = await add({ url: 'https://crm.example/secret-path' });
    for (const client of ['a', 'b', 'c']) await happens('client.created', { client });
    await hear();
    const sender = node(receiver(() => new Response(null, { status: 503 })));
    for (let hours = 0; hours < 75; hours += 1) {
      await sender.runDue();
      if (hours < 71) expect((await storage.webhooks.find(webhook.id))?.state).toBe('enabled');
      clock.pass(HOUR);
    }
    expect(await storage.webhooks.find(webhook.id)).toMatchObject({
      state: 'disabled',
      disabled: { because: 'gave-up' },
    });
    expect(await waiting()).toEqual([]);
    expect(await waiting('letter')).toMatchObject([
      {
        payload: {
          template: 'webhook-disabled',
          to: 'crm@example.org',
          data: { address: 'https://crm.example', because: 'gave-up' },
        },
      },
    ]);
    expect((await actions()).filter((action) => action === 'webhook.disabled')).toHaveLength(1);
  });

  test('410 Gone disables it at once; a deleted one gets nothing more', async () => {
    const gone = await add();
    const deleted = await add();
    await happens('client.created', { client: 'a' });
    await happens('client.created', { client: 'b' });
    await hear();
    await deleteWebhook(actor, { id: deleted.webhook.id }, deps());
    const other = receiver(() => new Response(null, { status: 410 }));
    await node(other).runDue();
    expect(other.calls.length).toBeLessThanOrEqual(2);
    expect(await storage.webhooks.find(gone.webhook.id)).toMatchObject({ disabled: { because: 'gone' } });
    expect([await waiting(), (await waiting('letter')).length]).toEqual([[], 1]);
  });

  test('one that does not answer keeps no slot from the others: after a failure it is left alone for a while', async () => {
    await add();
    for (let n = 0; n < 30; n += 1) await happens('client.created', { client: `c${n}` });
    await hear();
    const other = receiver(() => Promise.reject(new Error('crm.example did not answer')));
    await node(other).runDue();
    expect(other.calls.length).toBeLessThanOrEqual(10);
    expect(await waiting()).toHaveLength(30);
  });
});

test('for a day after a rotation the secret before signs as well, then no more; a third ends the first at once', async () => {
  const { webhook, secret } = await add();
  const signatures = async () => {
    const other = receiver();
    await happens('client.created', { client: 'wiki' });
    await hear();
    await node(other).runDue();
    const [call] = other.calls;
    const content = `${call?.headers.get('webhook-id')}.${call?.headers.get('webhook-timestamp')}.${call?.body}`;
    const sent = call?.headers.get('webhook-signature')?.split(' ') ?? [];
    return (of: string) =>
      sent.indexOf(
        `v1,${createHmac('sha256', Buffer.from(of.slice(6), 'base64'))
          .update(content)
          .digest('base64')}`,
      );
  };
  const rotate = async () => {
    const rotated = await rotateWebhookSecret(actor, { id: webhook.id }, deps());
    if (rotated.kind !== 'rotated') throw new Error(rotated.kind);
    return rotated.secret;
  };
  const second = await rotate();
  const both = await signatures();
  expect([both(second), both(secret)]).toEqual([0, 1]);
  clock.pass(24 * HOUR);
  const one = await signatures();
  expect([one(second), one(secret)]).toEqual([0, -1]);
  const third = await rotate();
  const fourth = await rotate();
  const last = await signatures();
  expect([last(fourth), last(third), last(second)]).toEqual([0, 1, -1]);
});

test('a change of one that somebody else changed meanwhile is refused, and tells how it is now', async () => {
  const { webhook } = await add();
  const twice = await Promise.all([
    rotateWebhookSecret(actor, { id: webhook.id, revision: 1 }, deps()),
    rotateWebhookSecret(actor, { id: webhook.id, revision: 1 }, deps()),
  ]);
  expect(twice.map(({ kind }) => kind).sort()).toEqual(['rotated', 'stale']);
  expect(await switchWebhook(actor, { id: webhook.id, revision: 1, to: 'disabled' }, deps())).toMatchObject({
    kind: 'stale',
    webhook: { revision: 2 },
  });
});
