/** The API of a whole Pedel in this process, and services that call it. */
import { randomUUID } from 'node:crypto';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { product } from '../attack/product.ts';
import { type Client, secret } from '../oidc/support.ts';

export { closeAll } from '../attack/product.ts';

export type Kit = Awaited<ReturnType<typeof startApi>>;
export type Given = Pick<RoleGrant, 'role' | 'organisations'>;
// biome-ignore lint/suspicious/noExplicitAny: whatever came, which the tests look at
export type Answered = { status: number; headers: Headers; body: any };

/** A service that may ask the API for these scopes. */
export function service(id: string, issuer: string, scopes: string[], change: Record<string, JsonValue> = {}): Client {
  return {
    client_id: id,
    client_name: `Service ${id}`,
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'openid',
    pedel_service_resources: { [`${issuer}/api/v1`]: scopes },
    ...change,
  };
}

export const everyScope = [
  ...['clients:read', 'clients:write', 'clients:secrets', 'people:read', 'people:write', 'people:desk'],
  ...['imports:write', 'sources:write', 'roles:write', 'keys:write', 'webhooks:write', 'audit:read'],
];

export async function startApi(parts: Parameters<typeof product>[0] = {}) {
  const kit = await product(parts);
  const { issuer, storage } = kit;
  const base = `${issuer}/api/v1`;
  const { register } = await import('../oidc/support.ts');

  async function grant(id: string, given: Given[]): Promise<void> {
    const before = await storage.roleGrants.read();
    const grants = given.map((each) => ({
      ...each,
      id: randomUUID(),
      holder: { kind: 'client' as const, id },
      grantedBy: 'test',
      grantedAt: Date.now(),
    }));
    const next = { ...before, revision: before.revision + 1, grants: [...before.grants, ...grants] };
    if (!(await storage.roleGrants.replace(next, before.revision))) throw new Error('lost race');
  }

  async function tokenFor(id: string, parameters: Record<string, string> = {}): Promise<string> {
    const response = await askToken(id, parameters);
    const body = (await response.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(JSON.stringify(body));
    return body.access_token;
  }

  const askToken = (id: string, parameters: Record<string, string> = {}) =>
    fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
        resource: base,
        ...parameters,
      }),
    });

  async function call(
    token: string | undefined,
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answered> {
    const response = await fetch(path.startsWith('http') ? path : `${base}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }

  return {
    ...kit,
    base,
    grant,
    askToken,
    tokenFor,
    call,
    register: (client: Client) => register(storage, client),
    /** Registers a service with roles, and returns how it calls. `scopes`: what it asks for; all, unless said. */
    async service(id: string, given: Given[], scopes: string[] = everyScope) {
      await register(storage, service(id, issuer, scopes));
      await grant(id, given);
      const token = await tokenFor(id, { scope: scopes.join(' ') });
      return {
        token,
        call: (method: string, path: string, more?: Parameters<typeof call>[3]) => call(token, method, path, more),
      };
    },
  };
}

export const association = (role: Given['role']): Given => ({ role, organisations: 'association' });
export const at = (role: Given['role'], ...organisations: string[]): Given => ({ role, organisations });
