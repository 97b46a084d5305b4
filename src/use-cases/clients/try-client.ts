/** Starts a trial: a real sign-in of the actor to an application, of which he reads what arrived. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { type Unusable, whyUnusable } from '../../domain/clients/client-validity.ts';
import { scopesUnnamed } from '../../domain/clients/release/scopes.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';

/** `no-code`: people do not sign in to it, or not by codes. */
export type Untryable = Unusable | 'no-code';

export type TryInput = { client: string; session: { uid: string; accountId: string } };
export type TryPorts = {
  clients: Pick<Clients, 'find'>;
  auditLog: Pick<AuditLog, 'append'>;
  /** stores the trial. @returns where the browser goes */
  begin: (client: string, scopes: readonly string[], session: TryInput['session']) => Promise<string>;
  now: () => number;
  randomBytes: RandomBytes;
};

/** Why it cannot be tried; undefined: it can. */
export function whyUntryable(client: ClientRecord, now: number): Untryable | undefined {
  const { response_types: types = ['code'], grant_types: grants = ['authorization_code'] } = client.metadata;
  const signsIn = Array.isArray(types) && types.includes('code');
  const redeems = Array.isArray(grants) && grants.includes('authorization_code');
  return whyUnusable(client, now) ?? (signsIn && redeems ? undefined : 'no-code');
}

/** Only for the person who signs in. @throws what the storage throws */
export async function tryClient(
  actor: Actor,
  { client: id, session }: TryInput,
  { clients, auditLog, begin, now, randomBytes }: TryPorts,
): Promise<
  { kind: 'started'; url: string } | { kind: 'untryable'; because: Untryable } | { kind: 'not-found' | 'not-allowed' }
> {
  const client = await clients.find(id);
  const allowed = client === undefined ? 'hidden' : may(actor, 'preview:self', ownerOf(client));
  if (client === undefined || allowed === 'hidden') return { kind: 'not-found' };
  if (allowed === 'refused' || actor.kind !== 'person' || actor.id !== session.accountId)
    return { kind: 'not-allowed' };
  const because = whyUntryable(client, now());
  if (because !== undefined) return { kind: 'untryable', because };
  await auditLog.append({
    id: randomId(randomBytes),
    at: now(),
    actor: auditActorOf(actor),
    subject: actor.id,
    client: id,
    action: 'client.tried',
  });
  return { kind: 'started', url: await begin(id, scopesOf(client), session) };
}

/** All that it may ask for, without what outlives the sign-in. */
function scopesOf({ metadata }: ClientRecord): string[] {
  const registered = typeof metadata.scope === 'string' ? metadata.scope.split(' ') : scopesUnnamed;
  return ['openid', ...registered.filter((scope) => scope !== 'openid' && scope !== 'offline_access')];
}
