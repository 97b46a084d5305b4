/** Operations on webhooks: where other systems hear what happened. */
import { z } from 'zod';
import type { Webhook } from '../../../domain/ports/webhooks.ts';
import type { WebhookFault } from '../../../domain/webhooks/webhook.ts';
import { reachOf } from '../../../use-cases/actor.ts';
import { webhookFor } from '../../../use-cases/webhooks/authority.ts';
import { testWebhook } from '../../../use-cases/webhooks/test-webhook.ts';
import {
  addWebhook,
  changeWebhook,
  deleteWebhook,
  listWebhooks,
  rotateWebhookSecret,
  switchWebhook,
} from '../../../use-cases/webhooks/webhooks.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { matched, stale } from '../precondition.ts';
import { Refused } from '../problem.ts';
import { timeOf } from '../schemas.ts';
import {
  webhookAskedShape,
  webhookChangeShape,
  webhookList,
  webhookMadeShape,
  webhookShape,
  webhookTestedShape,
} from '../webhook-schemas.ts';

const tag = 'Webhooks';

const depsOf = ({ storage, sealer, now, randomBytes }: ApiParts) => ({ ...storage, sealer, now, randomBytes });

const list = operation({
  operationId: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  tag,
  summary: 'Lists the webhooks that you may see: of the association, and of clients of your organisations.',
  permission: 'clients:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: webhookList,
  async act({ actor, limit, after = 0 }, { storage }) {
    if (reachOf(actor, 'clients:read').length === 0) throw new Refused('not-found');
    const all = await listWebhooks(actor, {}, storage);
    const from = Number(after);
    const items = all.slice(from, from + limit).map(({ webhook }) => shown(webhook));
    return { body: { items }, next: from + limit < all.length ? from + limit : undefined };
  },
});

const get = operation({
  operationId: 'getWebhook',
  method: 'GET',
  path: '/webhooks/{id}',
  tag,
  summary: 'Shows a webhook; never its secret.',
  permission: 'clients:read',
  status: 200,
  answer: webhookShape,
  etag: true,
  async act({ actor, path }, { storage }) {
    const found = await webhookFor(actor, path.id ?? '', 'read', storage);
    if (found.kind !== 'found') throw new Refused(found.kind);
    return { body: shown(found.webhook), revision: found.webhook.revision };
  },
});

const add = operation({
  operationId: 'addWebhook',
  method: 'POST',
  path: '/webhooks',
  tag,
  summary: 'Adds a webhook (Standard Webhooks); its secret is shown once.',
  description: 'One of a client needs the scope clients:write as well, and that role.',
  permission: 'webhooks:write',
  body: webhookAskedShape,
  status: 201,
  answer: webhookMadeShape,
  etag: true,
  problems: ['conflict'],
  audit: 'webhook.added',
  secrets: ['secret'],
  async act({ actor, body }, parts) {
    const { client, note, ...rest } = body;
    const asked = { ...rest, ...(client === undefined ? {} : { client }), ...(note === undefined ? {} : { note }) };
    const added = await addWebhook(actor, asked, depsOf(parts));
    if (added.kind === 'faulty') throw faulty(added.faults);
    if (added.kind === 'too-many') throw new Refused('conflict', { detail: 'there are as many as there may be' });
    if (added.kind !== 'added') throw new Refused(added.kind === 'was-added' ? 'conflict' : added.kind);
    const { webhook, secret } = added;
    return { body: { ...shown(webhook), secret }, revision: webhook.revision, location: `/webhooks/${webhook.id}` };
  },
});

const change = operation({
  operationId: 'changeWebhook',
  method: 'PATCH',
  path: '/webhooks/{id}',
  tag,
  summary: 'Changes a webhook.',
  description: 'One of a client needs the scope clients:write as well, and that role.',
  permission: 'webhooks:write',
  body: webhookChangeShape,
  status: 200,
  answer: webhookShape,
  etag: true,
  ifMatch: true,
  audit: 'webhook.changed',
  async act({ actor, path, body, ifMatch }, parts) {
    const id = path.id ?? '';
    const found = await webhookFor(actor, id, 'write', parts.storage);
    if (found.kind !== 'found') throw new Refused(found.kind);
    const revision = matched(ifMatch, found.webhook.revision);
    const given = Object.entries(body).filter(([, value]) => value !== undefined);
    const wanted = { id, revision, change: Object.fromEntries(given) };
    const changed = await changeWebhook(actor, wanted, depsOf(parts));
    if (changed.kind === 'faulty') throw faulty(changed.faults);
    if (changed.kind === 'stale') throw stale(changed.webhook.revision);
    if (changed.kind === 'not-found' || changed.kind === 'not-allowed') throw new Refused(changed.kind);
    const webhook = changed.kind === 'changed' ? changed.webhook : found.webhook;
    return { body: shown(webhook), revision: webhook.revision };
  },
});

const rotate = operation({
  operationId: 'rotateWebhookSecret',
  method: 'POST',
  path: '/webhooks/{id}/secret',
  tag,
  summary: 'Makes a new secret, shown once; the one before signs beside it for a day.',
  description: 'One of a client needs the scope clients:write as well, and that role.',
  permission: 'webhooks:write',
  status: 201,
  answer: webhookMadeShape,
  etag: true,
  ifMatch: true,
  audit: 'webhook.secret-rotated',
  secrets: ['secret'],
  async act({ actor, path, ifMatch }, parts) {
    const id = path.id ?? '';
    const found = await webhookFor(actor, id, 'write', parts.storage);
    if (found.kind !== 'found') throw new Refused(found.kind);
    const revision = matched(ifMatch, found.webhook.revision);
    const rotated = await rotateWebhookSecret(actor, { id, revision }, depsOf(parts));
    if (rotated.kind === 'stale') throw stale(rotated.webhook.revision);
    if (rotated.kind !== 'rotated') throw new Refused(rotated.kind);
    const { webhook, secret } = rotated;
    return { body: { ...shown(webhook), secret }, revision: webhook.revision, location: `/webhooks/${id}` };
  },
});

const enable = switching('enableWebhook', 'enabled', 'Enables a webhook; what it missed meanwhile is not sent.');
const disable = switching('disableWebhook', 'disabled', 'Disables a webhook: it hears nothing until it is enabled.');

function switching(operationId: string, to: 'enabled' | 'disabled', summary: string): Operation {
  return operation({
    operationId,
    method: 'POST',
    path: `/webhooks/{id}/${to === 'enabled' ? 'enable' : 'disable'}`,
    tag,
    summary,
    description: 'One of a client needs the scope clients:write as well, and that role.',
    permission: 'webhooks:write',
    status: 200,
    answer: webhookShape,
    etag: true,
    ifMatch: true,
    audit: `webhook.${to}`,
    async act({ actor, path, ifMatch }, parts) {
      const id = path.id ?? '';
      const found = await webhookFor(actor, id, 'write', parts.storage);
      if (found.kind !== 'found') throw new Refused(found.kind);
      const revision = matched(ifMatch, found.webhook.revision);
      const switched = await switchWebhook(actor, { id, revision, to }, depsOf(parts));
      if (switched.kind === 'stale') throw stale(switched.webhook.revision);
      if (switched.kind === 'not-found' || switched.kind === 'not-allowed') throw new Refused(switched.kind);
      const webhook = switched.kind === 'switched' ? switched.webhook : found.webhook;
      return { body: shown(webhook), revision: webhook.revision };
    },
  });
}

const test = operation({
  operationId: 'testWebhook',
  method: 'POST',
  path: '/webhooks/{id}/test',
  tag,
  summary: 'Sends a message of type webhook.tested now, also to a disabled webhook, and tells what came back.',
  description: 'One of a client needs the scope clients:write as well, and that role.',
  permission: 'webhooks:write',
  status: 200,
  answer: webhookTestedShape,
  audit: 'webhook.tested',
  async act({ actor, path }, parts) {
    const deps = { ...depsOf(parts), fetch: parts.callWebhook };
    const tested = await testWebhook(actor, { id: path.id ?? '' }, deps);
    if (tested.kind !== 'tested') throw new Refused(tested.kind);
    const { sent } = tested;
    if (sent.kind === 'accepted') return { body: { accepted: true, status: sent.status } };
    if (sent.kind === 'gone') return { body: { accepted: false, status: 410 } };
    return { body: { accepted: false, status: sent.status, reason: sent.error } };
  },
});

const remove = operation({
  operationId: 'deleteWebhook',
  method: 'DELETE',
  path: '/webhooks/{id}',
  tag,
  summary: 'Deletes a webhook; what waits for it is not sent any more.',
  description: 'One of a client needs the scope clients:write as well, and that role.',
  permission: 'webhooks:write',
  status: 204,
  ifMatch: true,
  audit: 'webhook.deleted',
  async act({ actor, path, ifMatch }, parts) {
    const id = path.id ?? '';
    const found = await webhookFor(actor, id, 'write', parts.storage);
    if (found.kind !== 'found') throw new Refused(found.kind);
    const revision = matched(ifMatch, found.webhook.revision);
    const deleted = await deleteWebhook(actor, { id, revision }, depsOf(parts));
    if (deleted.kind === 'stale') throw stale(deleted.webhook.revision);
    if (deleted.kind !== 'deleted') throw new Refused(deleted.kind);
    return {};
  },
});

function faulty(faults: readonly WebhookFault[]): Refused {
  const errors = faults.map(({ member, value, code }) => ({
    pointer: `/${member}`,
    code: code.replaceAll('_', '-'),
    detail: value === '' ? 'it cannot be taken' : value,
    remedy: remedies[code] ?? 'correct it: see the documentation of webhooks',
  }));
  return new Refused('invalid', { errors });
}

const remedies: Record<string, string> = {
  events_number: 'name at least one event, and not more than there may be',
  event_unknown: 'name events that there are, such as client.changed or person.*',
  event_not_of_clients: 'name events of clients only: it is the webhook of one',
  contact_address: 'give an e-mail address that is read',
};

function shown({ id, url, client, events, contact, note, state, disabled, createdAt, updatedAt }: Webhook) {
  return {
    id,
    url,
    client,
    events,
    contact,
    note,
    state,
    disabled_because: disabled?.because,
    made_at: timeOf(createdAt),
    changed_at: timeOf(updatedAt),
  };
}

export const webhookOperations: readonly Operation[] = [list, get, add, change, rotate, enable, disable, test, remove];
