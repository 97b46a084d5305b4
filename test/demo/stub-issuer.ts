/**
 * An issuer that signs in the person named by the test, without a page: the demo campus is tested against it, not Pedel.
 * A process of its own, as an issuer is; its parent tells it what to do.
 */
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type ClientMetadata } from 'oidc-provider';

type Claims = Record<string, unknown>;
/** Who is at the keyboard, and how the next sign-in goes. */
export type Next = { person: string; acr: string; refuse: boolean };
export type Order = { begin: { port: number; clients: unknown[]; people: Record<string, Claims> } } | { next: Next };
export type Answer = { listening: { keys: JWK[] } } | { ready: true };

const mfa = 'https://refeds.org/profile/mfa';
let next: Next = { person: '', acr: mfa, refuse: false };

process.on('message', async (order: Order) => {
  if ('next' in order) {
    next = order.next;
    process.send?.({ ready: true } satisfies Answer);
  } else {
    const keys = await listen(order.begin.port, order.begin.clients, order.begin.people);
    process.send?.({ listening: { keys } } satisfies Answer);
  }
});
process.on('disconnect', () => process.exit(0));

async function listen(port: number, clients: unknown[], people: Record<string, Claims>): Promise<JWK[]> {
  const issuer = `http://localhost:${port}`;
  const keys = await Promise.all(
    ['RS256', 'ES256'].map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg };
    }),
  );
  const provider = new Provider(issuer, {
    clients: clients as ClientMetadata[],
    jwks: { keys: keys as never },
    cookies: {
      keys: ['stub'],
      names: { session: 'stub_session', interaction: 'stub_interaction', resume: 'stub_resume' },
    },
    claims: {
      openid: ['sub'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username', 'user_numbers', 'birthdate', 'locale'],
      email: ['email', 'email_verified'],
      phone: ['phone_number'],
      address: ['address'],
      eduperson: ['eduperson_scoped_affiliation'],
    },
    acrValues: [mfa],
    scopes: ['openid', 'offline_access'],
    extraClientMetadata: { properties: ['pedel_first_party', 'pedel_acr'] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = `${form.replace('</form>', '<input type="hidden" name="logout" value="yes"><button>Yes</button></form>')}`;
        },
      },
    },
    // The library's own refuses to call this machine.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as unknown as RequestInit),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: false,
    ttl: {
      AccessToken: 31,
      AuthorizationCode: 60,
      IdToken: 600,
      RefreshToken: 3600,
      Session: 3600,
      Interaction: 600,
      Grant: 3600,
    },
    loadExistingGrant: async (ctx) => {
      const { client, account, session } = ctx.oidc;
      if (!client || !account || !session) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
      grant.addOIDCScope(String(client.scope));
      await grant.save();
      return grant;
    },
    findAccount: (_ctx, id) => {
      const claims = people[id];
      return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
  });
  provider.use(async (ctx, proceed) => {
    if (!ctx.path.startsWith('/interaction/')) return proceed();
    if (next.refuse) {
      return provider.interactionFinished(ctx.req, ctx.res, { error: 'access_denied' });
    }
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: next.person, acr: next.acr } });
  });

  const server: Server = createServer(provider.callback());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return keys;
}
