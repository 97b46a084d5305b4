/** Tells owners, and who administers people of a source, that its safeguard holds it: once each time. */

import { isOpen } from '../../domain/account/account-access.ts';
import { letterItem } from '../../domain/account/letter-item.ts';
import { addressesOf, emailTo } from '../../domain/account/notifications.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import type { Source } from '../../domain/feed/source.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Outbox } from '../../domain/ports/outbox.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import type { Values } from '../../domain/ports/values.ts';
import { covers } from '../../domain/roles/role.ts';
import { releasedUntil, SAFEGUARD_MS } from './safeguard.ts';

type Ports = {
  accounts: Pick<Accounts, 'findById'>;
  outbox: Pick<Outbox, 'put'>;
  roleGrants: Pick<RoleGrants, 'read'>;
  values: Pick<Values, 'get' | 'replace'>;
};

/** Until when (epoch ms) nobody is told again, unless people of the source were released after that: `release`. */
type Told = { until: number; release: number };

/**
 * @param most how many people of the source may lose access within 24 hours
 * @returns whether this call told them
 */
export async function tellHeld(
  source: Pick<Source, 'id' | 'organisations'>,
  most: number,
  ports: Ports,
  { organisations, now }: { organisations: Organisation[]; now: number },
): Promise<boolean> {
  const { accounts, outbox, roleGrants, values } = ports;
  const name = `scim-held-told ${source.id}`;
  const before = await values.get(name);
  const told: Told = before === undefined ? { until: 0, release: 0 } : JSON.parse(before);
  const release = await releasedUntil(values, source.id);
  if (now < told.until && told.release === release) return false;
  const { grants } = await roleGrants.read();
  const holders = grants.flatMap(({ role, holder, organisations: places }) => {
    const administers =
      role === 'owner' ||
      (role === 'people-administrator' && source.organisations.some((each) => covers({ organisations: places }, each)));
    return administers && holder.kind === 'person' ? [holder.id] : [];
  });
  const until = now + SAFEGUARD_MS;
  // whoever changes it first tells them; the letters come after, so that none is sent twice
  if (!(await values.replace(name, JSON.stringify({ until, release } satisfies Told), before))) return false;
  for (const id of new Set(holders)) {
    const account = await accounts.findById(id);
    if (account === undefined || !isOpen(account, now)) continue;
    const data = { source: source.id, most: String(most) };
    for (const [index, to] of addressesOf(account).entries())
      await outbox.put(
        letterItem(emailTo(account, to, 'scim-held', data, { organisations, now }), {
          id: `scim-held:${source.id}:${until}:${id}:${index}`,
          accountId: id,
          createdAt: now,
        }),
      );
  }
  return true;
}
