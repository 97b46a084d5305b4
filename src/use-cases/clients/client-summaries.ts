/**
 * What lists of applications ask of each registration, kept by a node until any registration changes, so that what few of
 * thousands have is found without reading them all.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';

/** `owner`: as `ownerOf`. `text`: what words are looked for in, in small letters. */
export type ClientSummary = Pick<ClientRecord, 'id' | 'createdAt' | 'validUntil' | 'disabled'> & {
  owner: string | undefined;
  registration?: Pick<NonNullable<ClientRecord['registration']>, 'state'>;
  secrets: Pick<ClientRecord['secrets'][number], 'expiresAt'>[];
  text: string;
};

export type SummaryPorts = Pick<Clients, 'list' | 'version' | 'findAll'>;

/** Registrations that are read at a time: half a millisecond of work, more where they are large. */
const PAGE = 100;
/** What a node keeps: looking through so many takes some milliseconds. More are read again for each request. */
const MOST_KEPT = 20_000;
const MOST_TEXT = 20_000_000;

type Kept = { version: number; summaries: Promise<ClientSummary[]> };
/** By the port, of which a node has one: the console and the API share what they keep. */
const kept = new WeakMap<object, Kept>();

/**
 * Of every registration, by id. The version is asked each time, so what another node changed before is in it.
 * @throws what the storage throws
 */
export async function summariesOf(clients: Pick<Clients, 'list' | 'version'>): Promise<readonly ClientSummary[]> {
  // before any of them is read: a change meanwhile makes it another version, and what was read goes
  const version = await clients.version();
  const known = kept.get(clients);
  if (known?.version === version) return known.summaries;
  const reading: Kept = { version, summaries: readAll(clients) };
  kept.set(clients, reading);
  const forget = () => kept.get(clients) === reading && kept.delete(clients);
  try {
    const summaries = await reading.summaries;
    if (summaries.length > MOST_KEPT || summaries.reduce((sum, { text }) => sum + text.length, 0) > MOST_TEXT) forget();
    return summaries;
  } catch (error) {
    forget();
    throw error;
  }
}

async function readAll(clients: Pick<Clients, 'list'>): Promise<ClientSummary[]> {
  const found: ClientSummary[] = [];
  for (let after: string | undefined; ; ) {
    const page = await clients.list(after, PAGE);
    for (const record of page) found.push(summaryOf(record));
    after = page.at(-1)?.id;
    if (page.length < PAGE) return found;
    await turn(); // other requests come in between (rule 33)
  }
}

export function summaryOf(record: ClientRecord): ClientSummary {
  const { id, createdAt, validUntil, disabled, registration, secrets, metadata } = record;
  const named = Object.entries(metadata).filter(([name]) => /^(?:client_(?:name|uri)|redirect_uris)(?:#|$)/.test(name));
  return {
    id,
    createdAt,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(disabled === undefined ? {} : { disabled }),
    ...(registration === undefined ? {} : { registration: { state: registration.state } }),
    secrets: secrets.map(({ expiresAt }) => (expiresAt === undefined ? {} : { expiresAt })),
    owner: ownerOf(record),
    text: [id, ...named.flatMap(([, value]) => value)].join('\n').toLowerCase(),
  };
}

/**
 * A page of those that `which` names (absent: of all), by id, as they are stored now: what has changed meanwhile, and is no longer one of
 * them, is left out.
 * @param after the last id of the page before
 * @returns `next`: what to give as `after` for the page that follows; absent: there is none
 */
export async function pageOfSummarised(
  clients: SummaryPorts,
  {
    which,
    after,
    limit,
  }: { which: ((summary: ClientSummary) => boolean) | undefined; after: string | undefined; limit: number },
): Promise<{ clients: ClientRecord[]; next?: string }> {
  if (which === undefined) {
    const page = await clients.list(after, limit + 1);
    const next = page.length > limit ? page[limit - 1]?.id : undefined;
    return { clients: page.slice(0, limit), ...(next === undefined ? {} : { next }) };
  }
  const ids: string[] = [];
  let more = false;
  const summaries = await summariesOf(clients);
  for (const summary of summaries.slice(placeAfter(summaries, after))) {
    if (!which(summary)) continue;
    more = ids.length === limit; // one more than fits says that a page follows
    if (more) break;
    ids.push(summary.id);
  }
  const found = (await clients.findAll(ids)).filter((record) => which(summaryOf(record)));
  const next = ids.at(-1);
  return { clients: found, ...(more && next !== undefined ? { next } : {}) };
}

/** Also of an id that is gone. */
function placeAfter(summaries: readonly ClientSummary[], after: string | undefined): number {
  if (after === undefined) return 0;
  const place = summaries.findIndex(({ id }) => id >= after);
  if (place === -1) return summaries.length;
  return summaries[place]?.id === after ? place + 1 : place;
}
