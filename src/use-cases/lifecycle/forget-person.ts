/** Takes away what is stored of an erased person beside the account, and notes the erasure outside the database. */
import { appendFile, open } from 'node:fs/promises';
import { dayAt } from '../../domain/account/affiliation.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import { forgetMerged } from '../../domain/lifecycle/merge.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Consents } from '../../domain/ports/consents.ts';
import type { Incidents } from '../../domain/ports/incidents.ts';
import type { Outbox } from '../../domain/ports/outbox.ts';

export type ForgetPorts = {
  accounts: Pick<Accounts, 'findById' | 'replace'>;
  consents: Pick<Consents, 'byAccount' | 'remove'>;
  outbox: Pick<Outbox, 'removeLetters'>;
  incidents: Pick<Incidents, 'removeByAccount'>;
  /** path of the journal; undefined: none is kept */
  journal: string | undefined;
  /** epoch ms */
  now: () => number;
};

/** Idempotent: the journal may name somebody twice. Sessions and grants are ended by an effect of their own. @throws what storage and disk throw */
export async function forgetPerson(
  accountId: string,
  { accounts, consents, outbox, incidents, journal, now }: ForgetPorts,
): Promise<void> {
  if (journal !== undefined) await note(journal, { account: accountId, day: dayAt(now()) });
  for (const { clientId } of await consents.byAccount(accountId)) await consents.remove(accountId, clientId);
  await outbox.removeLetters(accountId);
  await incidents.removeByAccount(accountId);
  const { mergedFrom = [] } = (await accounts.findById(accountId)) ?? {};
  for (const id of mergedFrom) {
    await updateAccount(accounts, id, forgetMerged);
    for (const { clientId } of await consents.byAccount(id)) await consents.remove(id, clientId);
    await outbox.removeLetters(id);
    await incidents.removeByAccount(id);
  }
}

/** One line of JSON, on disk when this resolves; only its owner may read the file. */
async function note(path: string, line: { account: string; day: string }): Promise<void> {
  await appendFile(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  const file = await open(path, 'r');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
