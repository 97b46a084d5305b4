/** Applications that registered themselves and initial access tokens, for whoever may see or decide them. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { InitialAccessToken, InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { TokenAsked } from '../../domain/registration/initial-access-token.ts';
import { covers } from '../../domain/roles/role.ts';
import { type Actor, auditActorOf, may, reachOf } from '../actor.ts';
import { type ClientSummary, type SummaryPorts, summariesOf, summaryOf } from '../clients/client-summaries.ts';
import type { FetchedLogo } from '../clients/fetch-logo.ts';
import { waits } from '../clients/read-clients.ts';
import { approveClient, refuseClient } from './decide-registration.ts';
import { addToken, type MadeToken, revokeToken } from './initial-access-tokens.ts';

type Clock = { now: () => number; randomBytes: RandomBytes };
type Denied = { kind: 'not-found' } | { kind: 'not-allowed' };

const PAGE = 200;
/** What one page shows; whoever has more of them has another problem. */
const MOST = 200;

/** Those that wait and have not waited too long, longest first; and the tokens, without their hashes. */
export async function listRegistrations(
  actor: Actor,
  {
    clients,
    tokens,
    now,
  }: Pick<Clock, 'now'> & {
    clients: SummaryPorts;
    tokens: Pick<InitialAccessTokens, 'list'>;
  },
): Promise<
  { kind: 'listed'; pending: ClientRecord[]; tokens: Omit<InitialAccessToken, 'hash'>[] } | { kind: 'not-found' }
> {
  const organisations = reachOf(actor, 'registration:read');
  if (organisations.length === 0) return { kind: 'not-found' };
  const waiting = (client: ClientSummary) => waits(now())(client) && covers({ organisations }, client.owner);
  const first = (await summariesOf(clients))
    .filter(waiting)
    .toSorted((one, other) => one.createdAt - other.createdAt)
    .slice(0, MOST);
  const pending = (await clients.findAll(first.map(({ id }) => id))).filter((record) => waiting(summaryOf(record)));
  const seen: Omit<InitialAccessToken, 'hash'>[] = [];
  await each(tokens, ({ hash: _, ...token }) => {
    if (covers({ organisations }, token.terms.organisation)) seen.push(token);
  });
  return {
    kind: 'listed',
    pending: pending.toSorted((one, other) => one.createdAt - other.createdAt),
    tokens: seen.toSorted((one, other) => other.createdAt - one.createdAt).slice(0, MOST),
  };
}

async function each<Record extends { id: string }>(
  port: { list(after: string | undefined, limit: number): Promise<Record[]> },
  visit: (record: Record) => void,
): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await port.list(after, PAGE);
    page.forEach(visit);
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

/** Approves or refuses an application as the actor saw it. `asSeen`: its revision then. @throws Problem `lost_race` */
export async function decideRegistration(
  actor: Actor,
  { client: id, decision, asSeen }: { client: string; decision: 'approve' | 'refuse'; asSeen: number },
  ports: Clock & {
    clients: Pick<Clients, 'find' | 'put' | 'clear' | 'remove'>;
    fetchLogo: ((uri: string) => Promise<FetchedLogo>) | undefined;
  },
): Promise<
  | { kind: 'approved'; record: ClientRecord; warning?: string }
  | { kind: 'refused' | 'unknown' | 'not-pending' | 'expired' | 'changed-since' }
  | Denied
> {
  const client = await ports.clients.find(id);
  const allowed = client === undefined ? 'hidden' : may(actor, 'registration:write', ownerOf(client));
  if (client === undefined || allowed === 'hidden') return { kind: 'not-found' };
  if (allowed === 'refused') return { kind: 'not-allowed' };
  // it may have become another one, which somebody else wants
  const deps = { ...ports, actor: auditActorOf(actor), asSeen };
  return decision === 'approve' ? approveClient(id, deps) : refuseClient(id, 'operator', deps);
}

/** Tokens by id. `next`: the id after which the next page begins. */
export async function pageOfTokens(
  actor: Actor,
  { after, limit }: { after: string | undefined; limit: number },
  { initialAccessTokens: tokens }: { initialAccessTokens: Pick<InitialAccessTokens, 'list'> },
): Promise<{ kind: 'page'; tokens: InitialAccessToken[]; next?: string } | { kind: 'not-found' }> {
  const organisations = reachOf(actor, 'registration:read');
  if (organisations.length === 0) return { kind: 'not-found' };
  const found: InitialAccessToken[] = [];
  for (let last = after; ; ) {
    const page = await tokens.list(last, PAGE);
    for (const token of page) {
      if (!covers({ organisations }, token.terms.organisation)) continue;
      if (found.length === limit) return { kind: 'page', tokens: found, next: found.at(-1)?.id ?? '' };
      found.push(token);
    }
    if (page.length < PAGE) return { kind: 'page', tokens: found };
    last = page.at(-1)?.id;
  }
}

export async function readToken(
  actor: Actor,
  id: string,
  { tokens }: { tokens: Pick<InitialAccessTokens, 'list'> },
): Promise<{ kind: 'token'; token: InitialAccessToken } | { kind: 'not-found' }> {
  const token = await find(id, tokens);
  if (token === undefined || may(actor, 'registration:read', token.terms.organisation) !== 'yes')
    return { kind: 'not-found' };
  return { kind: 'token', token };
}

/** There are few, and the port finds them by what is secret. */
async function find(id: string, tokens: Pick<InitialAccessTokens, 'list'>): Promise<InitialAccessToken | undefined> {
  for (let after: string | undefined; ; ) {
    const page = await tokens.list(after, PAGE);
    const found = page.find((token) => token.id === id);
    if (found !== undefined || page.length < PAGE) return found;
    after = page.at(-1)?.id;
  }
}

/** `made` has the token itself, which can be shown only now. `organisations`: the ids that are configured. */
export async function addTokenAs(
  actor: Actor,
  asked: TokenAsked,
  organisations: readonly string[],
  ports: Clock & { tokens: Pick<InitialAccessTokens, 'add' | 'revoke'> },
): Promise<MadeToken | Denied> {
  const known = organisations.includes(asked.organisation) ? asked.organisation : undefined;
  // an organisation that nobody knows is the association's to name, and a fault then
  const allowed = may(actor, 'registration:write', known);
  if (allowed !== 'yes') return { kind: allowed === 'hidden' ? 'not-found' : 'not-allowed' };
  return addToken(asked, organisations, { ...ports, by: actor.id, actor: auditActorOf(actor) });
}

/** What it registered stays. */
export async function revokeTokenAs(
  actor: Actor,
  id: string,
  ports: Clock & { tokens: Pick<InitialAccessTokens, 'add' | 'list' | 'revoke'> },
): Promise<{ kind: 'revoked' } | Denied> {
  const found = await find(id, ports.tokens);
  const allowed = found === undefined ? 'hidden' : may(actor, 'registration:write', found.terms.organisation);
  if (allowed !== 'yes') return { kind: allowed === 'hidden' ? 'not-found' : 'not-allowed' };
  const gone = await revokeToken(id, { ...ports, by: actor.id, actor: auditActorOf(actor) });
  return { kind: gone ? 'revoked' : 'not-found' };
}
