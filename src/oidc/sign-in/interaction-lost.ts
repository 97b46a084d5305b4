/** What is still known of a sign-in page of which nothing is left to do: to whom it belonged, and what waits instead. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { type Client, errors } from 'oidc-provider';
import type { Localized } from '../../domain/account/languages.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { clientNameOf, isFirstParty } from '../clients/client-metadata.ts';
import type { Browsers, Cookies } from './browser.ts';
import { interactionPath, type OwnInteraction, present } from './interaction-request.ts';

/** What is still known of a sign-in that is over, has expired or belongs to another browser. */
export type LostInteraction = {
  /** `start`: where a person begins there, if it is registered. */
  client?: { name: Localized; firstParty: boolean; start?: string };
  /** The path of a request of that application that still waits in this browser. */
  waiting?: string;
};

export type FindLost = (
  ctx: Koa.Context,
  /** `clientId` as the address names it */
  address: { uid: string; clientId: string | undefined },
) => Promise<LostInteraction>;

/** Throws what the storage throws. */
export function createLost(options: {
  issuer: string;
  provider: () => Provider;
  browsers: Browsers;
  cookies: Pick<Cookies, 'get'>;
}): FindLost {
  const { browsers } = options;

  /** Undefined also for one whose registration is no longer valid. */
  async function findClient(id: string): Promise<Client | undefined> {
    try {
      return await options.provider().Client.find(id);
    } catch (error) {
      if (error instanceof errors.OIDCProviderError) return undefined;
      throw error;
    }
  }

  return async (ctx, { uid, clientId }) => {
    const browser = browsers.known(ctx);
    const waitingUid = options.cookies.get(ctx, 'waiting');
    const known: LostInteraction = {};
    let wanted = clientId;
    for (const each of new Set([uid, waitingUid ?? uid])) {
      const stored = (await options.provider().Interaction.find(each)) as OwnInteraction | undefined;
      if (stored === undefined) continue;
      const { client_id: id } = stored.params as { client_id: string };
      wanted ??= id;
      const ours = stored.browser === undefined ? each === waitingUid : stored.browser === browser;
      if (ours && stored.result === undefined && wanted === id) known.waiting ??= interactionPath(each, id);
    }
    const client = wanted === undefined ? undefined : await findClient(wanted);
    if (client === undefined) return known;
    const start = startOf(client, options.issuer);
    known.client = { name: clientNameOf(client), firstParty: isFirstParty(client), ...present({ start }) };
    return known;
  };
}

/** The sign-in that the application starts itself (OpenID Connect Core 4), or else its home page. */
function startOf({ clientId, initiateLoginUri, clientUri }: Client, issuer: string): string | undefined {
  if (clientId === ownClientId) return '/account';
  const login = initiateLoginUri === undefined ? null : URL.parse(initiateLoginUri);
  login?.searchParams.set('iss', issuer);
  const start = login ?? (clientUri === undefined ? null : URL.parse(clientUri));
  // Only a web URL becomes a link.
  return start !== null && /^https?:$/.test(start.protocol) ? start.href : undefined;
}
