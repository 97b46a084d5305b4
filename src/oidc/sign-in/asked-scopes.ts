/**
 * Holds a request to the scopes of its registration before the library would refuse it, and keeps `offline_access` where
 * no question is needed. The answer's `scope` says what is left (RFC 6749, 3.3 and 5.1).
 */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { narrowScopes, type ScopeDrop, whyNoRefresh } from '../../domain/clients/release/asked-scopes.ts';
import { scopes as knownScopes } from '../../domain/clients/release/scopes.ts';
import { isFirstParty } from '../clients/client-metadata.ts';
import { memoryOfRequest } from '../request.ts';
import { dropIgnoredResources } from '../tokens/ignored-resources.ts';

/** On these the library reads what is asked for. Where a request goes on, that is stored. */
const asking = new Set(['authorization', 'pushed_authorization_request', 'device_authorization']);

const wordsOf = (scope: unknown) => (typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []);

/**
 * Drops from the request what its client has not registered. Called each time that the library reads the prompts, the last
 * thing it does before it looks at the scope (seams.ts); does something only where the request is another one by then.
 */
export function narrowAsked(ctx: KoaContextWithOIDC): void {
  const { oidc } = ctx;
  const memory = memoryOfRequest(ctx);
  if (memory === undefined || !asking.has(oidc.route) || oidc.client === undefined) return;
  const { params } = oidc;
  const seen = memory.narrowed;
  if (
    seen !== undefined &&
    seen.params === params &&
    seen.scope === params?.scope &&
    seen.resource === params?.resource
  )
    return;
  dropIgnoredResources(ctx);
  const asked = wordsOf(params?.scope);
  for (const scope of asked) memory.asked.add(scope);
  const { scope } = oidc.client;
  const { kept, dropped } = narrowScopes(asked, scope === undefined ? undefined : wordsOf(scope));
  if (dropped.length > 0 && params !== undefined) {
    params.scope = kept.length === 0 ? undefined : kept.join(' ');
    for (const each of dropped) memory.dropped.push({ scope: each, because: 'scope-not-registered' });
  }
  memory.narrowed = { params, scope: params?.scope, resource: params?.resource };
}

/**
 * Called after the library has looked at the scope: puts back what it drops without need, and notes the rest.
 * @throws the library's InvalidScope, if something was asked for and nothing of it is left
 */
export function settleAsked(ctx: KoaContextWithOIDC, _value: unknown, client: Client): void {
  const { oidc } = ctx;
  const memory = memoryOfRequest(ctx);
  const { params } = oidc;
  if (memory === undefined || params === undefined) return;
  const left = wordsOf(params.scope);
  const dropped = (scope: string) => memory.dropped.some((each) => each.scope === scope);
  if (memory.asked.has('offline_access') && !dropped('offline_access') && !left.includes('offline_access')) {
    const because = whyNoRefresh({
      mayRefresh: client.grantTypeAllowed('refresh_token'),
      givesCode: params.response_type === undefined || wordsOf(params.response_type).includes('code'),
      firstParty: isFirstParty(client),
      asksConsent: oidc.prompts.has('consent'),
    });
    if (because === undefined) params.scope = [...left, 'offline_access'].join(' ');
    else memory.dropped.push({ scope: 'offline_access', because });
  }
  // What we do not know belongs to the resource, where one is named.
  if (Object.keys(oidc.resourceServers ?? {}).length === 0) {
    const unknown = [...memory.asked].filter((scope) => !knownScopes.includes(scope));
    for (const scope of unknown) memory.dropped.push({ scope, because: 'scope-unknown' });
  }
  if (memory.dropped.length > 0 && params.scope === undefined)
    throw new errors.InvalidScope(
      'none of the requested scopes is registered for this client',
      namesOf(memory.dropped),
    );
}

const namesOf = (dropped: ScopeDrop[]) => dropped.map(({ scope }) => scope).join(' ');
