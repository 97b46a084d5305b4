/** An installation at which applications register themselves, and the requests that they make. */
import { randomBytes } from 'node:crypto';
import { makeToken, type TokenAsked } from '../../src/domain/registration/initial-access-token.ts';
import { approveClient } from '../../src/use-cases/registration/decide-registration.ts';
import { startOidc } from './support.ts';

export type Answered = { status: number; headers: Headers; body: Record<string, unknown> };

export const app = {
  client_name: 'Lab app',
  redirect_uris: ['https://app.lab.example/cb'],
  token_endpoint_auth_method: 'client_secret_post',
};

/** `approval`: of the configuration. */
export async function house(
  approval: 'required' | 'by-token' = 'required',
  options: Parameters<typeof startOidc>[0] = {},
) {
  const kit = await startOidc({ dynamicRegistration: { approval, pendingDays: 30 }, ...options });
  const { issuer, storage } = kit;

  async function token(change: Partial<TokenAsked> = {}): Promise<string> {
    const asked: TokenAsked = {
      ...{ organisation: 'kuleuven', hosts: ['app.lab.example'], kinds: ['web'], uses: 9, days: 30 },
      ...{ approval: 'required', pkce: 'required' },
      ...change,
    };
    const made = makeToken(asked, { now: Date.now(), randomBytes });
    await storage.initialAccessTokens.add(made.token);
    return made.secret;
  }

  async function send(method: string, path: string, bearer: string | undefined, body?: unknown, headers: object = {}) {
    const answer = await fetch(new URL(path, issuer), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const answered: Answered = {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? JSON.parse(text) : { text },
    };
    return answered;
  }

  return {
    ...kit,
    token,
    send,
    register: (bearer: string | undefined, body: unknown, headers?: object) =>
      send('POST', '/reg', bearer, body, headers),
    async approve(id: unknown) {
      const actor = { kind: 'system' } as const;
      const deps = { clients: storage.clients, now: Date.now, randomBytes, actor, fetchLogo: undefined };
      const outcome = await approveClient(String(id), deps);
      await kit.oidc.reload();
      return outcome;
    },
    audited: async () => (await storage.auditLog.page({}, undefined, 99)).reverse(),
  };
}
