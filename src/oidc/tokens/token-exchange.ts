/**
 * Token exchange (RFC 8693): a service that got a person's access token for its API gets one for another API, to go on for
 * that person. Limited to registered pairs, never wider or longer than the token that it brings, and over with it.
 */
import { type AccessToken, type Client, errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { checkDpopReplay, checkDpopRequired, findAccount, validateDpop } from 'oidc-provider/lib/helpers/grants.js';
import {
  ACCESS_TOKEN_TYPE,
  type Actor,
  actorsIn,
  EXCHANGE_GRANT,
  exchangedScopes,
  exchangesOf,
  MOST_ACTORS,
} from '../../domain/clients/resources/exchanges.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { inProtocol, type RefusalReason } from '../../domain/sign-in/reason.ts';
import type { ClientRecords } from '../clients/clients.ts';
import type { Log } from '../page-sources.ts';
import { noteRefusal } from '../request.ts';
import { mayUse } from '../sign-in/access.ts';
import { accountIn } from '../sign-in/account.ts';
import { type ExchangeSource, exchangeGrant, exchangeOf } from './exchange-grants.ts';
import { tellInToken } from './resource-tokens.ts';
import type { Registered, Resources } from './resources.ts';
import type { FindSubject, Subject } from './subject-token.ts';

type Context = TokenEndpointGrantContext<Partial<Record<(typeof parameters)[number], string>>>;

const parameters = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
  'resource',
  'audience',
  'scope',
] as const;

export type ExchangeOptions = {
  findSubject: FindSubject;
  clients: Pick<ClientRecords, 'find'>;
  resources: Pick<Resources, 'byIdentifier' | 'byAudience' | 'tokenFor'>;
  now: () => number;
  log: Pick<Log, 'info'>;
};

/** Without `options` the grant type is only known, for a provider that answers no request (registration-check.ts). */
export function registerExchange(provider: Provider, options?: ExchangeOptions): void {
  provider.registerGrantType(
    EXCHANGE_GRANT,
    (ctx: Context) => exchange(provider, ctx, options as ExchangeOptions),
    parameters,
  );
}

async function exchange(provider: Provider, ctx: Context, options: ExchangeOptions): Promise<void> {
  const { client } = ctx.oidc;
  checkParameters(ctx);
  const acting = await options.clients.find(client.clientId);
  if (acting === undefined || client.clientAuthMethod === 'none') throw refused('exchange-not-allowed');
  const dPoP = await validateDpop(provider, ctx);
  const subject = await options.findSubject(client, ctx.oidc.params.subject_token ?? '');
  // A token that is bound to a key is of no use to who cannot prove to have that key (RFC 9449, 1).
  if (subject === undefined || (subject.jkt !== undefined && subject.jkt !== dPoP?.thumbprint))
    throw refused('subject-token-refused');
  const found = await target(ctx, acting, subject, options);
  const scopes = scopesFor(ctx, acting, subject, found);
  const account = await findAccount(provider, ctx, subject.accountId);
  if (account === undefined) throw refused('subject-token-refused');
  ctx.oidc.entity('Account', account);
  const person = accountIn(ctx);
  if (person === undefined || !mayUse(acting.metadata, person, options.now())) throw refused('subject-token-refused');

  const token = await tokenOf(provider, client, subject, scopes, { acting, found, options, ctx });
  checkDpopRequired(provider, ctx, dPoP);
  await checkDpopReplay(provider, ctx, dPoP, client.clientId);
  if (dPoP !== undefined) token.setThumbprint('jkt', dPoP.thumbprint);
  ctx.oidc.entity('AccessToken', token);
  const value = await token.save();
  const told = { client: client.clientId, from: subject.clientId, resource: found.server.identifier };
  options.log.info({ event: 'token-exchanged', ...told, subject: subject.accountId }, 'a token was exchanged');
  ctx.body = {
    access_token: value,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: token.tokenType,
    expires_in: token.expiration,
    ...(token.scope ? { scope: token.scope } : {}),
  };
}

/** @throws the library's InvalidRequest */
function checkParameters({ oidc }: Context): void {
  const { subject_token: token, subject_token_type: type, requested_token_type: requested, ...rest } = oidc.params;
  if (!token) throw new errors.InvalidRequest('subject_token is missing');
  if (type !== ACCESS_TOKEN_TYPE) throw new errors.InvalidRequest(`subject_token_type must be ${ACCESS_TOKEN_TYPE}`);
  if (requested !== undefined && requested !== ACCESS_TOKEN_TYPE)
    throw new errors.InvalidRequest(`requested_token_type can only be ${ACCESS_TOKEN_TYPE}`);
  if (rest.actor_token !== undefined || rest.actor_token_type !== undefined)
    throw new errors.InvalidRequest('actor_token is not supported: the client that authenticates is the actor');
}

/** The API that is asked for, where the registration of the service names it beside the client of the token. */
async function target(
  ctx: Context,
  acting: ClientRecord,
  subject: Subject,
  options: ExchangeOptions,
): Promise<Registered> {
  const pairs = exchangesOf(acting).filter(({ from }) => from === subject.clientId);
  if (pairs.length === 0 || actorsIn(subject.told.act) >= MOST_ACTORS) throw refused('exchange-not-allowed');
  const { resource, audience } = ctx.oidc.params;
  const byAudience = audience === undefined ? undefined : await options.resources.byAudience(audience);
  if (audience !== undefined && byAudience === undefined) throw refused('resource-unknown');
  const only = new Set(pairs.map((pair) => pair.resource));
  const identifier = resource ?? byAudience?.server.identifier ?? (only.size === 1 ? [...only][0] : undefined);
  if (identifier === undefined) throw refused('resource-missing');
  const found = await options.resources.byIdentifier(identifier);
  if (found === undefined) throw refused('resource-unknown');
  const contradicts = byAudience !== undefined && byAudience.server.identifier !== identifier;
  if (contradicts || !only.has(identifier)) throw refused('exchange-not-allowed');
  return found;
}

/** What is asked, or all that the token and the pair have in common. @throws the library's InvalidScope */
function scopesFor({ oidc }: Context, acting: ClientRecord, subject: Subject, { server }: Registered): string[] {
  const allowed = exchangedScopes(acting, subject.clientId, server, subject.scopes) ?? [];
  if (oidc.params.scope === undefined) return allowed;
  const asked = [...oidc.requestParamScopes];
  const more = asked.find((word) => !allowed.includes(word));
  if (more === undefined) return asked;
  noteRefusal('scope-not-allowed');
  throw new errors.InvalidScope(inProtocol('scope-not-allowed').description, more);
}

async function tokenOf(
  provider: Provider,
  client: Client,
  subject: Subject,
  scopes: string[],
  { acting, found, options, ctx }: { acting: ClientRecord; found: Registered; options: ExchangeOptions; ctx: Context },
): Promise<AccessToken> {
  const { accountId, clientId: from, grant, via, session } = subject;
  const resource = found.server.identifier;
  const source: ExchangeSource = {
    from,
    origin: exchangeOf(grant)?.origin ?? from,
    resource,
    grant: grant.jti,
    ...(via === undefined ? {} : { via }),
    ...(session === undefined ? {} : { session }),
  };
  const given = { accountId, clientId: client.clientId, epoch: grant.epoch, source, scopes };
  const own = exchangeGrant(provider, given, options.now());
  ctx.oidc.entity('Grant', own);
  const grantId = await own.save();
  // As each use will see it: a JWT that is brought may have lost its session meanwhile, and one that is given is used unseen.
  if ((await provider.Grant.find(grantId)) === undefined) throw refused('subject-token-refused');
  const token = new provider.AccessToken({
    accountId,
    client,
    grantId,
    gty: EXCHANGE_GRANT,
  } as never);
  token.resourceServer = new provider.ResourceServer(resource, options.resources.tokenFor(found, acting, scopes));
  token.scope = scopes.join(' ');
  const { act, ...signIn } = subject.told;
  const actor: Actor = { sub: client.clientId, ...(act === undefined ? {} : { act }) };
  tellInToken(token, { ...signIn, act: actor });
  const left = subject.exp - Math.floor(options.now() / 1000);
  if (left < 1) throw refused('subject-token-refused');
  (token as { expiresIn?: number }).expiresIn = Math.min(token.expiration, left);
  return token;
}

function refused(because: RefusalReason): errors.OIDCProviderError {
  noteRefusal(because);
  const { error, description } = inProtocol(because);
  return error === 'invalid_target' ? new errors.InvalidTarget(description) : new errors.InvalidRequest(description);
}
