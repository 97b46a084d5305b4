/** Operations on clients: the applications that sign people in, and services. */
import { z } from 'zod';
import { clientDocument } from '../../../domain/clients/client-document.ts';
import type { RefusalRecord } from '../../../domain/clients/refusals/refusal.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import { pageOfClients, readClient, refusalsOfClient } from '../../../use-cases/clients/read-clients.ts';
import { clientList, clientShape, refusalList } from '../client-schemas.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { Refused } from '../problem.ts';
import { timeOf } from '../schemas.ts';

const tag = 'Clients';

const listClients = operation({
  operationId: 'listClients',
  method: 'GET',
  path: '/clients',
  tag,
  summary: 'Lists the clients of your organisations, by client_id.',
  permission: 'clients:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: clientList,
  async act({ actor, limit, after }, { storage }) {
    const page = await pageOfClients(
      actor,
      { permission: 'clients:read', after: after as string | undefined, limit },
      storage,
    );
    if (page.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: page.clients.map(clientDocument) }, next: page.next };
  },
});

const getClient = operation({
  operationId: 'getClient',
  method: 'GET',
  path: '/clients/{client_id}',
  tag,
  summary: 'Shows a client as its registration is written: what pedel clients apply reads and PUT takes.',
  permission: 'clients:read',
  status: 200,
  answer: clientShape,
  etag: true,
  async act({ actor, path }, { storage }) {
    const read = await readClient(actor, path.client_id ?? '', storage);
    if (read.kind === 'not-found') throw new Refused('not-found');
    return { body: clientDocument(read.client), revision: read.client.revision };
  },
});

const listRefusals = operation({
  operationId: 'listRefusals',
  method: 'GET',
  path: '/clients/{client_id}/refusals',
  tag,
  summary: 'Lists what a client was refused in the last 14 days, newest first, and what to do about each.',
  permission: 'clients:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: refusalList,
  async act({ actor, path, limit, after }, parts) {
    const asked = { id: path.client_id ?? '', before: after as Place | undefined, limit };
    const page = await refusalsOfClient(actor, asked, parts.storage);
    if (page.kind === 'not-found') throw new Refused('not-found');
    const last = page.refusals.at(-1);
    return {
      body: { items: page.refusals.map((record) => shownRefusal(record, parts)) },
      next: page.more && last !== undefined ? ({ lastAt: last.lastAt, id: last.id } satisfies JsonValue) : undefined,
    };
  },
});

type Place = { lastAt: number; id: string };

function shownRefusal(record: RefusalRecord, { refusalInWords }: Pick<ApiParts, 'refusalInWords'>) {
  const { id, refusal, firstAt, lastAt, count, incident } = record;
  const { code, got, expected } = { got: undefined, expected: undefined, ...refusal };
  const { sentence, remedy, difference } = refusalInWords(refusal);
  return {
    id,
    code,
    got,
    registered: expected,
    differs: difference?.parts,
    first: timeOf(firstAt),
    last: timeOf(lastAt),
    count,
    incident,
    sentence,
    remedy,
  };
}

export const clientOperations: readonly Operation[] = [listClients, getClient, listRefusals];
