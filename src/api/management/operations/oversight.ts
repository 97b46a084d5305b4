/** Operations of those who oversee an installation: its audit log, signing keys and deliveries. */
import { z } from 'zod';
import type { AuditEntry, AuditFilter } from '../../../domain/ports/audit-log.ts';
import { reachOf } from '../../../use-cases/actor.ts';
import { masked, seesEverybody } from '../../../use-cases/audit/masking.ts';
import { type AuditPlace, searchAudit } from '../../../use-cases/audit/search.ts';
import { type DeliveryRow, listDeliveries, retryDelivery } from '../../../use-cases/operation/deliveries.ts';
import { listKeys, type ShownKey } from '../../../use-cases/signing-keys/list-keys.ts';
import { rotateKeys } from '../../../use-cases/signing-keys/rotate-keys.ts';
import { type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { Refused } from '../problem.ts';
import { auditList, deliveryList, deliveryStates, keyList, timeOf } from '../schemas.ts';

const time = z.iso.datetime({ offset: true });
const word = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/);

const listAudit = operation({
  operationId: 'listAuditEntries',
  method: 'GET',
  path: '/audit-entries',
  tag: 'Audit',
  summary: 'Searches the audit log, newest first: all of it, or what concerns your own organisations and acts.',
  description: 'A page may have fewer entries than were asked for and still go on: follow Link to the end.',
  permission: 'audit:own-acts',
  query: z.strictObject({
    ...pageQuery,
    subject: word.optional().meta({ description: 'id of the account to whom it was done' }),
    actor: word.optional().meta({ description: 'id of who did it' }),
    action: word.optional(),
    client: word.optional().meta({ description: 'client_id' }),
    from: time.optional().meta({ description: 'from then on' }),
    to: time.optional().meta({ description: 'before then' }),
  }),
  list: true,
  status: 200,
  answer: auditList,
  async act({ actor, query, limit, after }, { storage }) {
    const { subject, actor: who, action, client, from, to } = query;
    const named = { subject, actor: who, action, client };
    const filter: AuditFilter = {
      ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
      ...(from === undefined ? {} : { from: Date.parse(from) }),
      ...(to === undefined ? {} : { to: Date.parse(to) }),
    };
    if (reachOf(actor, 'audit:own-acts').length === 0) throw new Refused('not-found');
    const page = await searchAudit(actor, { filter, before: after as AuditPlace | undefined, limit }, storage);
    const open = seesEverybody(actor);
    return { body: { items: page.entries.map((entry) => shownEntry(entry, open)) }, next: page.next };
  },
});

/** Old and new values stay sealed: they are a person's. `open`: the network is told whole. */
function shownEntry({ at, sealedValues: _, ...entry }: AuditEntry, open: boolean) {
  const { id, action, actor, subject, client, details } = entry;
  const network = open || entry.network === undefined ? entry.network : masked(entry.network);
  return { id, at: timeOf(at), action, actor: shownActor(actor), subject, client, network, details };
}

export function shownActor({ kind, id, roles, via, requestId }: AuditEntry['actor']) {
  return { kind, id, roles, via, request_id: requestId };
}

const keysOperation = operation({
  operationId: 'listSigningKeys',
  method: 'GET',
  path: '/signing-keys',
  tag: 'Signing keys',
  summary: 'Lists the signing keys with their times, never the keys themselves.',
  permission: 'keys:read',
  status: 200,
  answer: keyList,
  async act({ actor }, { storage, now }) {
    const listed = await listKeys(actor, { signingKeys: storage.signingKeys, now });
    if (listed.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: listed.keys.map(shownKey) } };
  },
});

const rotateOperation = operation({
  operationId: 'rotateSigningKeys',
  method: 'POST',
  path: '/signing-keys',
  tag: 'Signing keys',
  summary: 'Publishes the next signing key of each algorithm; it signs once every client can know it.',
  description: 'Where the next keys are published already, nothing changes. A leaked key is withdrawn on the server.',
  permission: 'keys:write',
  status: 200,
  answer: keyList,
  audit: 'signing-key.published',
  async act({ actor }, { storage, sealer, keySchedule: schedule, now, randomBytes }) {
    const rotated = await rotateKeys(actor, { storage, sealer, schedule, now, randomBytes });
    if (rotated.kind !== 'rotated') throw new Refused(rotated.kind);
    const listed = await listKeys(actor, { signingKeys: storage.signingKeys, now });
    return { body: { items: listed.kind === 'listed' ? listed.keys.map(shownKey) : [] } };
  },
});

const timeIfAny = (at: number | undefined) => (at === undefined ? undefined : timeOf(at));

function shownKey({ kid, alg, generation, state, createdAt, usedFrom, usedUntil, removedAt }: ShownKey) {
  return {
    kid,
    alg,
    generation,
    state,
    made_at: timeOf(createdAt),
    signs_from: timeIfAny(usedFrom),
    signs_until: timeIfAny(usedUntil),
    removed_at: timeIfAny(removedAt),
  };
}

const deliveriesOperation = operation({
  operationId: 'listDeliveries',
  method: 'GET',
  path: '/deliveries',
  tag: 'Deliveries',
  summary: 'Lists emails and logouts that wait, were delivered, were given up or are set aside; never what they say.',
  permission: 'deliveries:read',
  query: z.strictObject({ ...pageQuery, state: z.enum(deliveryStates).default('waiting') }),
  list: true,
  status: 200,
  answer: deliveryList,
  async act({ actor, query, limit, after }, { storage }) {
    const asked = { state: query.state, limit, after: after === undefined ? undefined : String(after) };
    const page = await listDeliveries(actor, asked, storage);
    if (page.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: page.rows.map(shownDelivery) }, next: page.next };
  },
});

const retryOperation = operation({
  operationId: 'retryDelivery',
  method: 'POST',
  path: '/deliveries/{id}/retry',
  tag: 'Deliveries',
  summary: 'Tries again what is set aside, or a logout or webhook message that was given up.',
  permission: 'deliveries:retry',
  status: 204,
  problems: ['conflict'],
  audit: 'outbox.tried-again',
  async act({ actor, path }, { storage, now, randomBytes }) {
    const { outbox, auditLog } = storage;
    const done = await retryDelivery(actor, path.id ?? '', { outbox, auditLog, now, randomBytes });
    if (done.kind === 'not-found') throw new Refused('not-found');
    if (done.kind === 'not-allowed') throw new Refused('not-allowed');
    if (done.kind === 'not-there')
      throw new Refused('conflict', { detail: 'no delivery of this id can be tried again' });
    return {};
  },
});

export function shownDelivery(delivery: DeliveryRow) {
  const { to, what, id, kind, accountId, state, attempts, createdAt, nextAttemptAt, lastError, finishedAt } = delivery;
  return {
    id,
    kind,
    account: accountId,
    to,
    what,
    state,
    attempts,
    made_at: timeOf(createdAt),
    next_attempt_at: state === 'waiting' ? timeOf(nextAttemptAt) : undefined,
    last_error: lastError,
    finished_at: timeIfAny(finishedAt),
  };
}

export const oversightOperations: readonly Operation[] = [
  listAudit,
  keysOperation,
  rotateOperation,
  deliveriesOperation,
  retryOperation,
];
