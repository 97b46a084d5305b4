/** Operations that change a client: whole or by a patch, back to how it was, and its end. */
import { z } from 'zod';
import { clientDocument } from '../../../domain/clients/client-document.ts';
import { historyOfClient, restoreClient, type ShownRevision } from '../../../use-cases/clients/client-revisions.ts';
import { type Edit, type Edited, type EditPorts, editClient } from '../../../use-cases/clients/edit-client.ts';
import { endClient } from '../../../use-cases/clients/end-client.ts';
import { readClient } from '../../../use-cases/clients/read-clients.ts';
import { clientChangedShape, clientShape, historyList, restoreShape } from '../client-schemas.ts';
import { type Answer, type ApiParts, type Asked, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { matched, stale } from '../precondition.ts';
import { Refused } from '../problem.ts';
import { timeOf } from '../schemas.ts';
import { shownActor } from './oversight.ts';

const tag = 'Clients';
/** What is sent is judged by the registry of members, which has a remedy for every fault. */
const anything = z.record(z.string(), z.json());

export const editPortsOf = ({ storage, ...parts }: ApiParts): EditPorts => ({
  clients: storage.clients,
  grants: async () => (await storage.roleGrants.read()).grants,
  issuer: parts.issuer,
  now: parts.now,
  randomBytes: parts.randomBytes,
  judge: parts.judge,
  knowsPerson: async (name) =>
    ((await storage.accounts.findHolder(name.toLowerCase())) ?? (await storage.accounts.findById(name))) !== undefined,
  fetchLogo: parts.fetchLogo,
  fetchKeys: parts.fetchKeys,
});

/** The revision that the caller has seen, of a client that is there for it. @throws Refused */
async function seen({ actor, path, ifMatch }: Asked<unknown, unknown>, { storage }: ApiParts): Promise<number> {
  const read = await readClient(actor, path.client_id ?? '', storage);
  if (read.kind === 'not-found') throw new Refused('not-found');
  return matched(ifMatch, read.client.revision);
}

function answerTo(edited: Edited, parts: ApiParts): Answer {
  switch (edited.kind) {
    case 'edited':
    case 'unchanged': {
      if (edited.kind === 'edited') parts.onClientChanged();
      const { record, warnings } = edited;
      const secret = edited.kind === 'edited' ? edited.secret : undefined;
      return { body: { client: clientDocument(record), warnings, client_secret: secret }, revision: record.revision };
    }
    case 'stale':
      throw stale(edited.current.revision);
    case 'refused':
      throw new Refused('invalid', {
        errors: edited.faults.map(({ pointer, value, expected, remedy }) => ({
          pointer,
          code: 'invalid-member',
          detail: value === undefined ? `expected: ${expected}` : `${value}: expected ${expected}`,
          remedy,
        })),
      });
    case 'not-found':
    case 'not-allowed':
      throw new Refused(edited.kind);
  }
}

const subjects = {
  change_subjects: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: people may become strangers to the application' }),
};

async function edit(
  asked: Asked<{ change_subjects?: 'true' | 'false' | undefined }, unknown>,
  change: Edit['change'],
  parts: ApiParts,
): Promise<Answer> {
  const revision = await seen(asked, parts);
  const changeSubjects = asked.query.change_subjects === 'true';
  const wanted = { id: asked.path.client_id ?? '', revision, change, changeSubjects };
  return answerTo(await editClient(asked.actor, wanted, editPortsOf(parts)), parts);
}

const changing = {
  tag,
  permission: 'clients:write',
  query: z.strictObject(subjects),
  body: anything,
  bodyShown: clientShape,
  status: 200,
  answer: clientChangedShape,
  etag: true,
  ifMatch: true,
  audit: 'client.changed',
  secrets: ['client_secret'],
} as const;

const replace = operation({
  ...changing,
  operationId: 'replaceClient',
  method: 'PUT',
  path: '/clients/{client_id}',
  summary: 'Replaces the registration of a client by what is sent.',
  description: 'The body is what GET answers, and what pedel clients apply reads. A member that is left out is gone.',
  act: (asked, parts) => edit(asked, { kind: 'whole', metadata: asked.body }, parts),
});

const patch = operation({
  ...changing,
  operationId: 'patchClient',
  method: 'PATCH',
  path: '/clients/{client_id}',
  summary: 'Changes members of a registration; null removes one (RFC 7396).',
  act: (asked, parts) => edit(asked, { kind: 'patch', patch: asked.body }, parts),
});

const remove = operation({
  operationId: 'deleteClient',
  method: 'DELETE',
  path: '/clients/{client_id}',
  tag,
  summary: 'Deletes a client: it works no more from now on, and is removed in 30 days.',
  permission: 'clients:write',
  status: 204,
  ifMatch: true,
  problems: ['conflict'],
  audit: 'client.deleted',
  act: (asked, parts) => end('delete', asked, parts),
});

const disable = operation({
  operationId: 'disableClient',
  method: 'POST',
  path: '/clients/{client_id}/disable',
  tag,
  summary: 'Switches a client off: nothing is issued to it or accepted from it.',
  permission: 'clients:write',
  status: 204,
  ifMatch: true,
  problems: ['conflict'],
  audit: 'client.disabled',
  act: (asked, parts) => end('disable', asked, parts),
});

const enable = operation({
  operationId: 'enableClient',
  method: 'POST',
  path: '/clients/{client_id}/enable',
  tag,
  summary: 'Switches a client on again, also one that was deleted within 30 days.',
  permission: 'clients:write',
  status: 204,
  ifMatch: true,
  problems: ['conflict'],
  audit: 'client.enabled',
  act: (asked, parts) => end('enable', asked, parts),
});

async function end(act: 'delete' | 'disable' | 'enable', asked: Asked<unknown, unknown>, parts: ApiParts) {
  const revision = await seen(asked, parts);
  const ended = await endClient(asked.actor, { id: asked.path.client_id ?? '', revision, act }, editPortsOf(parts));
  switch (ended.kind) {
    case 'done':
      parts.onClientChanged();
      return { revision: ended.record.revision };
    case 'unchanged':
      return { revision: ended.record.revision };
    case 'stale':
      throw stale(ended.current.revision);
    case 'too-late':
      throw new Refused('conflict', { detail: 'its 30 days are over, and it is being removed' });
    case 'not-found':
    case 'not-allowed':
      throw new Refused(ended.kind);
  }
}

const history = operation({
  operationId: 'listHistory',
  method: 'GET',
  path: '/clients/{client_id}/history',
  tag,
  summary: 'Lists every change of a registration, newest first, with what it was before and after; never a secret.',
  permission: 'clients:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: historyList,
  async act({ actor, path, limit, after }, { storage }) {
    const read = await historyOfClient(actor, path.client_id ?? '', storage);
    if (read.kind !== 'history') throw new Refused(read.kind);
    // by revision, so that a change meanwhile moves no page
    const rest = read.revisions.filter(({ revision }) => after === undefined || revision < Number(after));
    const items = rest.slice(0, limit);
    return { body: { items: items.map(shown) }, next: rest.length > limit ? items.at(-1)?.revision : undefined };
  },
});

const restore = operation({
  operationId: 'restoreClient',
  method: 'POST',
  path: '/clients/{client_id}/history:restore',
  tag,
  summary: 'Makes a registration what it was at a revision; secrets stay as they are.',
  permission: 'clients:write',
  body: restoreShape,
  status: 200,
  answer: clientChangedShape,
  etag: true,
  ifMatch: true,
  audit: 'client.restored',
  secrets: ['client_secret'],
  async act(asked, parts) {
    const revision = await seen(asked, parts);
    const { revision: to, change_subjects: changeSubjects = false } = asked.body;
    const wanted = { id: asked.path.client_id ?? '', revision, to, changeSubjects };
    const restored = await restoreClient(asked.actor, wanted, {
      ...editPortsOf(parts),
      clients: parts.storage.clients,
    });
    if (restored.kind !== 'unknown-revision') return answerTo(restored, parts);
    const error = { pointer: '/revision', code: 'unknown-revision', detail: 'it is not kept' };
    throw new Refused('invalid', { errors: [{ ...error, remedy: 'give one that the history calls restorable' }] });
  },
});

function shown({ revision, at, entry, changes, restorable }: ShownRevision) {
  return {
    revision,
    at: timeOf(at),
    action: entry?.action,
    actor: entry === undefined ? undefined : shownActor(entry.actor),
    changes,
    restorable,
  };
}

export const clientChangeOperations: readonly Operation[] = [replace, patch, remove, disable, enable, history, restore];
