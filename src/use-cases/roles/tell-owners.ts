/** Tells all owners, by letter, of each owner that is made and of each that is one no more. */
import { letterItem } from '../../domain/account/letter-item.ts';
import { addressesOf, emailTo } from '../../domain/account/notifications.ts';
import type { RoleEffect, RoleHolder } from '../../domain/roles/role.ts';
import type { RoleDeps, RolePorts } from './deps.ts';

/** One letter to each address of each owner; its id says for what, so that a repetition sends none again. */
export async function tellOwners(
  effect: Extract<RoleEffect, { kind: 'tell-owners' }>,
  { ports, organisations, now }: Pick<RoleDeps, 'ports' | 'organisations' | 'now'>,
): Promise<void> {
  const name = await nameOf(effect.holder, ports);
  const template = effect.change === 'granted' ? 'owner-added' : 'owner-removed';
  for (const owner of effect.owners) {
    const account = await ports.accounts.findById(owner);
    if (account === undefined) continue;
    for (const [index, to] of addressesOf(account).entries())
      await ports.outbox.put(
        letterItem(emailTo(account, to, template, { owner: name }, { organisations, now: now() }), {
          id: `${effect.id}:${owner}:${index}`,
          accountId: owner,
          createdAt: now(),
        }),
      );
  }
}

async function nameOf({ kind, id }: RoleHolder, { accounts, clients }: RolePorts): Promise<string> {
  if (kind === 'client') {
    const name = (await clients.find(id))?.metadata.client_name;
    return typeof name === 'string' ? `${name} (${id})` : id;
  }
  const account = await accounts.findById(id);
  if (account === undefined) return id;
  const number = account.userNumbers[0] ?? account.emails[0];
  return `${account.givenName} ${account.familyName}`.trim() + (number === undefined ? '' : ` (${number})`);
}
