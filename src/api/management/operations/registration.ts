/** Operations on dynamic registration: clients that wait for approval, and the tokens with which they registered. */
import { z } from 'zod';
import { clientDocument } from '../../../domain/clients/client-document.ts';
import type { ClientRecord } from '../../../domain/ports/clients.ts';
import type { InitialAccessToken } from '../../../domain/ports/initial-access-tokens.ts';
import { pageOfClients, readClient, waits } from '../../../use-cases/clients/read-clients.ts';
import {
  addTokenAs,
  decideRegistration,
  pageOfTokens,
  readToken,
  revokeTokenAs,
} from '../../../use-cases/registration/administer-registration.ts';
import { clientChangedShape } from '../client-schemas.ts';
import { type ApiParts, type Asked, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { matched, stale } from '../precondition.ts';
import { pointerTo, Refused } from '../problem.ts';
import {
  registrationList,
  registrationShape,
  tokenAskedShape,
  tokenList,
  tokenMadeShape,
  tokenShape,
} from '../registration-schemas.ts';
import { timeOf } from '../schemas.ts';

const tag = 'Registration';

const listRegistrations = operation({
  operationId: 'listRegistrations',
  method: 'GET',
  path: '/registrations',
  tag,
  summary: 'Lists clients that registered themselves and wait for approval.',
  permission: 'registration:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: registrationList,
  async act({ actor, limit, after }, { storage, now }) {
    const asked = { permission: 'registration:read' as const, after: after as string | undefined, limit };
    const page = await pageOfClients(actor, { ...asked, which: waits(now()) }, storage);
    if (page.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: page.clients.map(shown) }, next: page.next };
  },
});

const getRegistration = operation({
  operationId: 'getRegistration',
  method: 'GET',
  path: '/registrations/{client_id}',
  tag,
  summary: 'Shows a client that waits for approval.',
  permission: 'registration:read',
  status: 200,
  answer: registrationShape,
  etag: true,
  async act({ actor, path }, { storage, now }) {
    const read = await readClient(actor, path.client_id ?? '', storage, 'registration:read');
    if (read.kind === 'not-found' || !waits(now())(read.client)) throw new Refused('not-found');
    return { body: shown(read.client), revision: read.client.revision };
  },
});

const approveRegistration = operation({
  operationId: 'approveRegistration',
  method: 'POST',
  path: '/registrations/{client_id}/approve',
  tag,
  summary: 'Approves it as it was looked at: people sign in to it from then on.',
  description: 'Its logo is fetched now: `warnings` says why letters stand in the place of one that cannot be shown.',
  permission: 'registration:write',
  status: 200,
  answer: clientChangedShape,
  ifMatch: true,
  problems: ['conflict'],
  audit: 'client.approved',
  async act(asked, parts) {
    const decided = await decide('approve', asked, parts);
    if (decided.kind !== 'approved') throw new TypeError('it was asked to be approved');
    const { record, warning } = decided;
    const warnings = warning === undefined ? [] : [warning];
    return { body: { client: clientDocument(record), warnings }, revision: record.revision };
  },
});

const refuseRegistration = operation({
  operationId: 'refuseRegistration',
  method: 'DELETE',
  path: '/registrations/{client_id}',
  tag,
  summary: 'Refuses it as it was looked at: the registration is deleted.',
  permission: 'registration:write',
  status: 204,
  ifMatch: true,
  problems: ['conflict'],
  audit: 'client.refused',
  async act(asked, parts) {
    await decide('refuse', asked, parts);
    return {};
  },
});

async function decide(what: 'approve' | 'refuse', { actor, path, ifMatch }: Asked<unknown, unknown>, parts: ApiParts) {
  const { storage } = parts;
  const id = path.client_id ?? '';
  const read = await readClient(actor, id, storage, 'registration:read');
  if (read.kind === 'not-found' || !waits(parts.now())(read.client)) throw new Refused('not-found');
  const asSeen = matched(ifMatch, read.client.revision);
  const input = { client: id, decision: what, asSeen };
  const decided = await decideRegistration(actor, input, { ...parts, clients: storage.clients });
  if (decided.kind === 'not-allowed') throw new Refused('not-allowed');
  if (decided.kind === 'changed-since') throw stale();
  if (decided.kind !== 'approved' && decided.kind !== 'refused') throw new Refused('not-found');
  parts.onClientChanged();
  return decided;
}

function shown(client: ClientRecord) {
  const { origin, registration, validUntil, createdAt } = client;
  return {
    client_id: client.id,
    registered_at: timeOf(createdAt),
    initial_access_token: origin?.kind === 'registration' ? origin.token : undefined,
    organisation: registration?.terms.organisation ?? '',
    refused_at: validUntil === undefined ? undefined : timeOf(validUntil),
    client: clientDocument(client),
  };
}

const listTokens = operation({
  operationId: 'listInitialAccessTokens',
  method: 'GET',
  path: '/initial-access-tokens',
  tag,
  summary: 'Lists the tokens with which applications register themselves; never the tokens themselves.',
  permission: 'registration:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: tokenList,
  async act({ actor, limit, after }, { storage }) {
    const page = await pageOfTokens(actor, { after: after as string | undefined, limit }, storage);
    if (page.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: page.tokens.map(shownToken) }, next: page.next };
  },
});

const getToken = operation({
  operationId: 'getInitialAccessToken',
  method: 'GET',
  path: '/initial-access-tokens/{id}',
  tag,
  summary: 'Shows such a token; never the token itself.',
  permission: 'registration:read',
  status: 200,
  answer: tokenShape,
  async act({ actor, path }, { storage }) {
    const read = await readToken(actor, path.id ?? '', { tokens: storage.initialAccessTokens });
    if (read.kind === 'not-found') throw new Refused('not-found');
    return { body: shownToken(read.token) };
  },
});

const makeToken = operation({
  operationId: 'makeInitialAccessToken',
  method: 'POST',
  path: '/initial-access-tokens',
  tag,
  summary: 'Makes a token with which applications of an organisation register themselves; it is shown once.',
  permission: 'registration:write',
  body: tokenAskedShape,
  status: 201,
  answer: tokenMadeShape,
  audit: 'initial-access-token.made',
  secrets: ['token'],
  async act({ actor, body }, parts) {
    const { note, ...rest } = body;
    const asked = { ...rest, ...(note === undefined ? {} : { note }) };
    const ids = parts.organisations.map(({ id }) => id);
    const made = await addTokenAs(actor, asked, ids, { ...parts, tokens: parts.storage.initialAccessTokens });
    if (made.kind === 'not-found')
      throw new Refused('invalid', {
        errors: [
          {
            pointer: '/organisation',
            code: 'unknown-organisation',
            detail: 'it is no organisation for which you have the role',
            remedy: 'give one that /me names',
          },
        ],
      });
    if (made.kind === 'not-allowed') throw new Refused('not-allowed');
    if (made.kind === 'refused')
      throw new Refused('invalid', {
        errors: made.faults.map(({ member, value, remedy }) => ({
          pointer: pointerTo([member]),
          code: 'invalid-member',
          detail: value ?? 'it cannot be taken',
          remedy,
        })),
      });
    const { id } = made.token;
    return { body: { ...shownToken(made.token), token: made.secret }, location: `/initial-access-tokens/${id}` };
  },
});

const revokeToken = operation({
  operationId: 'revokeInitialAccessToken',
  method: 'DELETE',
  path: '/initial-access-tokens/{id}',
  tag,
  summary: 'Revokes a token; what it registered stays.',
  permission: 'registration:write',
  status: 204,
  audit: 'initial-access-token.revoked',
  async act({ actor, path }, parts) {
    const ports = { ...parts, tokens: parts.storage.initialAccessTokens };
    const revoked = await revokeTokenAs(actor, path.id ?? '', ports);
    if (revoked.kind === 'not-found') throw new Refused('not-found');
    if (revoked.kind === 'not-allowed') throw new Refused('not-allowed');
    return {};
  },
});

function shownToken({ id, terms, uses, left, expiresAt, note, by, createdAt }: InitialAccessToken) {
  return {
    id,
    ...terms,
    uses,
    uses_left: left,
    expires_at: timeOf(expiresAt),
    note,
    made_by: by,
    made_at: timeOf(createdAt),
  };
}

export const registrationOperations: readonly Operation[] = [
  listRegistrations,
  getRegistration,
  approveRegistration,
  refuseRegistration,
  listTokens,
  getToken,
  makeToken,
  revokeToken,
];
