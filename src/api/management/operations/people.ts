/** Operations that read people: who somebody is, where he or she is signed in, and what was sent. */
import { z } from 'zod';
import { masked } from '../../../use-cases/audit/masking.ts';
import { type FoundPerson, searchPeople } from '../../../use-cases/people/search-people.ts';
import { deliveriesOfPerson, type ViewedPerson, viewPerson } from '../../../use-cases/people/view-person.ts';
import { type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { personList, personShape, sessionList } from '../people-schemas.ts';
import { Refused } from '../problem.ts';
import { deliveryList, timeOf } from '../schemas.ts';
import { shownDelivery } from './oversight.ts';

const tag = 'People';
const MOST_DELIVERIES = 200;

const search = operation({
  operationId: 'listPeople',
  method: 'GET',
  path: '/people',
  tag,
  summary: 'Finds people of your organisations by number, name or institution address.',
  description:
    'By the start of it, letter case and accents aside. An auditor finds people by a whole number or address, and sees the first signs.',
  permission: 'people:read-masked',
  query: z.strictObject({
    ...pageQuery,
    query: z.string().max(200).optional().meta({ description: 'absent: everybody, by id' }),
  }),
  list: true,
  status: 200,
  answer: personList,
  async act({ actor, query, limit, after }, { storage, now }) {
    const asked = { query: query.query ?? '', limit, ...(after === undefined ? {} : { after: String(after) }) };
    const found = await searchPeople(actor, asked, { accounts: storage.accounts, now });
    if (found.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: found.people.map(shownFound) }, next: found.next };
  },
});

const get = operation({
  operationId: 'getPerson',
  method: 'GET',
  path: '/people/{id}',
  tag,
  summary:
    'Shows a person: numbers, affiliations with their sources, how the account stands, kinds of second steps, and what was merged.',
  description: 'An account that was merged into another is empty, and `merged_into` says where all that it had is.',
  permission: 'people:read-masked',
  status: 200,
  answer: personShape,
  etag: true,
  async act({ actor, path }, { storage, now }) {
    const viewed = await viewPerson(actor, path.id ?? '', { accounts: storage.accounts, now });
    if (viewed.kind === 'not-found') throw new Refused('not-found');
    return { body: shownPerson(viewed.person), revision: viewed.account.revision };
  },
});

const sessions = operation({
  operationId: 'listSessionsOfPerson',
  method: 'GET',
  path: '/people/{id}/sessions',
  tag,
  summary: 'Lists where a person is signed in, last used first.',
  permission: 'people:read-masked',
  status: 200,
  answer: sessionList,
  async act({ actor, path }, { storage, now, openSessions }) {
    const viewed = await viewPerson(actor, path.id ?? '', { accounts: storage.accounts, now });
    if (viewed.kind === 'not-found') throw new Refused('not-found');
    const open = await openSessions.list(viewed.person.id);
    const items = open.slice(0, 200).map(({ since, usedAt, amr, place, clients }) => ({
      signed_in_at: timeOf(since),
      used_at: usedAt === undefined ? undefined : timeOf(usedAt),
      amr,
      agent: place.agent,
      network: place.network === undefined || !viewed.person.masked ? place.network : masked(place.network),
      clients,
    }));
    return { body: { items } };
  },
});

const deliveries = operation({
  operationId: 'listDeliveriesOfPerson',
  method: 'GET',
  path: '/people/{id}/deliveries',
  tag,
  summary: 'Lists the emails and sign-outs of a person in the last 90 days, newest first; never what they say.',
  permission: 'people:read-masked',
  status: 200,
  answer: deliveryList,
  async act({ actor, path }, { storage, now }) {
    const ports = { accounts: storage.accounts, outbox: storage.outbox, now };
    const listed = await deliveriesOfPerson(actor, path.id ?? '', { limit: MOST_DELIVERIES }, ports);
    if (listed.kind === 'not-found') throw new Refused('not-found');
    return { body: { items: listed.rows.map(shownDelivery) } };
  },
});

function shownFound({ id, name, number, email, affiliations, state, masked: cut }: FoundPerson) {
  return { id, name, number, email, affiliations, state: state.kind, masked: cut };
}

function shownPerson(person: ViewedPerson) {
  const { numbers, emails, personalEmail, createdAt, activatedAt, passwordSetAt, affiliations, factors } = person;
  const { entries, merged, mergedInto } = person;
  return {
    ...shownFound(person),
    ...(mergedInto === undefined ? {} : { state: 'merged', merged_into: mergedInto }),
    numbers,
    emails,
    personal_email: personalEmail,
    known_since: timeOf(createdAt),
    activated_at: activatedAt === undefined ? undefined : timeOf(activatedAt),
    password_set_at: passwordSetAt === undefined ? undefined : timeOf(passwordSetAt),
    affiliations: affiliations.map(({ organisation, role, from, until, endedOn, end, source }) => ({
      organisation,
      role,
      from,
      until,
      ended_on: endedOn,
      end,
      source,
    })),
    entries,
    merged: merged.map(({ id, name, at, undoUntil }) => ({
      id,
      name,
      at: timeOf(at),
      undo_until: timeOf(undoUntil),
    })),
    factors: { totps: factors.totps, passkeys: factors.passkeys, recovery_codes: factors.recoveryCodes },
  };
}

export const peopleOperations: readonly Operation[] = [search, get, sessions, deliveries];
