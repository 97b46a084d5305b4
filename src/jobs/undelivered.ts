/** Tells whom it concerns that an email could not be delivered: the desk in the audit log, its owner at another address. */

import { createHash } from 'node:crypto';
import type { Email } from '../domain/account/emails.ts';
import { isHeld } from '../domain/account/held-addresses.ts';
import { letterItem } from '../domain/account/letter-item.ts';
import { addressesOf, emailTo } from '../domain/account/notifications.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { AuditLog } from '../domain/ports/audit-log.ts';
import type { Outbox, OutboxEntry } from '../domain/ports/outbox.ts';

export type UndeliveredDeps = {
  accounts: Pick<Accounts, 'findById'>;
  auditLog: Pick<AuditLog, 'append'>;
  outbox: Pick<Outbox, 'put'>;
  organisations: Organisation[];
  /** Epoch ms. */
  now: () => number;
};

/** How often an owner is told of one address. */
const TOLD_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Call it before the failure is recorded: repeating it changes nothing, so nothing is lost where a node dies in between.
 * @param refused the receiver refused it for good, or what it was to go to is no address; otherwise it was given up
 */
export async function tellUndelivered(
  { accounts, auditLog, outbox, organisations, now }: UndeliveredDeps,
  { id, accountId, kind, payload }: OutboxEntry,
  refused: boolean,
  error: string,
): Promise<void> {
  if (kind !== 'letter' || accountId === undefined) return;
  const { to, template } = payload as unknown as Email;
  const account = await accounts.findById(accountId);
  if (account === undefined) return;
  const address = to === account.personalEmail ? 'personal' : account.emails.includes(to) ? 'institution' : 'other';
  // nothing else of the reply, which often names the address
  const reply = /\b[45]\d\d(?:[ -][45]\.\d{1,3}\.\d{1,3})?(?=\s|$)/.exec(error)?.[0] ?? '';
  await auditLog.append({
    id: `undelivered:${id}`,
    at: now(),
    action: 'email.not-delivered',
    actor: { kind: 'system' },
    subject: accountId,
    details: { template, address, because: refused ? 'refused' : 'given-up', reply },
  });
  const other = addressesOf(account).find((each) => each !== to && !isHeld(account, each, now()));
  if (!refused || address === 'other' || other === undefined || template === 'address-refused') return;
  const notice = emailTo(account, other, 'address-refused', { address: to }, { organisations, now: now() });
  const hash = createHash('sha256').update(to).digest('hex').slice(0, 32);
  const about = `address-refused:${accountId}:${hash}:${Math.floor(now() / TOLD_MS)}`;
  await outbox.put(letterItem(notice, { id: about, accountId, createdAt: now() }));
}
