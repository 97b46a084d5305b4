/** SCIM of a whole Pedel in this process, and the sources that call it. */
import { randomBytes } from 'node:crypto';
import type { ScimUser } from '../../src/domain/feed/scim-entry.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { addSourceToken } from '../../src/use-cases/scim/tokens.ts';
import { type Answered, startApi } from './support.ts';

export { closeAll } from './support.ts';

export const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const PEDEL = 'urn:ietf:params:scim:schemas:extension:pedel:2.0:User';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export type Scim = Awaited<ReturnType<typeof startScim>>;

export async function startScim(parts: Parameters<typeof startApi>[0] = {}) {
  const kit = await startApi(parts);
  const base = `${kit.issuer}/scim/v2`;

  /** A token of the source itself. */
  async function tokenOf(source: string): Promise<string> {
    const { values } = kit.storage;
    const made = await addSourceToken(systemActor('test'), source, { sources: [], values, now: Date.now, randomBytes });
    if (made.kind !== 'made') throw new Error(made.kind);
    return made.token;
  }

  async function source(id: string) {
    const token = await tokenOf(id);
    const call = (
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ): Promise<Answered> =>
      kit.call(token, method, `${base}${path}`, {
        ...(body === undefined ? {} : { body }),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers },
      });
    return {
      token,
      call,
      add: (user: ScimUser) => call('POST', '/Users', { schemas: [CORE], ...user }),
      patch: (user: string, ...Operations: object[]) =>
        call('PATCH', `/Users/${user}`, { schemas: [PATCH], Operations }),
      list: (query: Record<string, string>) => call('GET', `/Users?${new URLSearchParams(query)}`),
    };
  }

  return { ...kit, base, tokenOf, source };
}

/** A person as a source says it. */
export const user = (change: ScimUser = {}): ScimUser => ({
  userName: 'kim@example.org',
  externalId: 'k1',
  name: { givenName: 'Kim', familyName: 'Storm' },
  emails: [{ value: 'kim@example.org', type: 'home' }],
  ...change,
});
