/** Initial access tokens for whoever has a role for their organisation: list, make, revoke. */
import type { InitialAccessToken, InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { TokenAsked } from '../../domain/registration/initial-access-token.ts';
import { type Actor, auditActorOf, may, reachOf } from '../actor.ts';
import { addToken, type MadeToken, revokeToken } from './initial-access-tokens.ts';

type Refusal = { kind: 'not-found' } | { kind: 'not-allowed' };
type Writing = {
  tokens: Pick<InitialAccessTokens, 'add' | 'revoke' | 'list'>;
  now: () => number;
  randomBytes: RandomBytes;
};

const PAGE = 200;

/** By id. `next`: the id after which the next page begins. */
export async function pageOfTokens(
  actor: Actor,
  { after, limit }: { after: string | undefined; limit: number },
  { initialAccessTokens: tokens }: { initialAccessTokens: Pick<InitialAccessTokens, 'list'> },
): Promise<{ kind: 'page'; tokens: InitialAccessToken[]; next?: string } | { kind: 'not-found' }> {
  const reach = reachOf(actor, 'registration:read');
  if (reach !== 'association' && reach.length === 0) return { kind: 'not-found' };
  const found: InitialAccessToken[] = [];
  for (let last = after; ; ) {
    const page = await tokens.list(last, PAGE);
    for (const token of page) {
      if (may(actor, 'registration:read', token.terms.organisation) !== 'yes') continue;
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

/** `not-found`: he has nothing to do with that organisation, which may not even be there. */
export async function makeTokenFor(
  actor: Actor,
  asked: TokenAsked,
  organisations: readonly string[],
  deps: Writing,
): Promise<MadeToken | Refusal> {
  const allowed = may(actor, 'registration:write', asked.organisation);
  if (allowed !== 'yes') return { kind: allowed === 'hidden' ? 'not-found' : 'not-allowed' };
  return addToken(asked, organisations, { ...deps, by: actor.name, actor: auditActorOf(actor) });
}

export async function revokeTokenFor(actor: Actor, id: string, deps: Writing): Promise<{ kind: 'revoked' } | Refusal> {
  const token = await find(id, deps.tokens);
  if (token === undefined) return { kind: 'not-found' };
  const allowed = may(actor, 'registration:write', token.terms.organisation);
  if (allowed !== 'yes') return { kind: allowed === 'hidden' ? 'not-found' : 'not-allowed' };
  const revoked = await revokeToken(id, { ...deps, actor: auditActorOf(actor) });
  return { kind: revoked ? 'revoked' : 'not-found' };
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
