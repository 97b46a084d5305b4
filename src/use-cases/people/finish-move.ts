/**
 * The second half of merging and of taking accounts apart: gives what one account let go to the other. Idempotent, because a
 * crash may come at any point; what somebody got first meanwhile stays theirs, and is named.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Account, Decision } from '../../domain/account/account.ts';
import { notices } from '../../domain/account/notifications.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import type { AuditInput } from '../../domain/audit/audit-entry.ts';
import { letGo, nameOf, receive, thaw } from '../../domain/lifecycle/merge.ts';
import { movingKeysOf } from '../../domain/lifecycle/reserved-names.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { Problem } from '../../domain/problem.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';

export type MovePorts = {
  accounts: Pick<Accounts, 'findById' | 'findHolder' | 'findByFeedKey' | 'findByPasskey' | 'insert' | 'replace'>;
  organisations: Organisation[];
  sealer: Pick<Sealer, 'mac'>;
  /** epoch ms */
  now: () => number;
  /** hears what did not come along, because another account had it first */
  onLost?: (account: string, names: string[]) => void;
};

/** Tries that find nothing taken although a write was refused: whoever had it let it go again. */
const TRIES = 5;

/** Gives the account into which `gone` was merged what that was. @throws Problem `lost_race`, and what the storage throws */
export async function finishMerge(goneId: string, entry: AuditInput, ports: MovePorts): Promise<void> {
  const { accounts } = ports;
  const gone = await accounts.findById(goneId);
  const before = gone?.merged?.before;
  if (gone?.merged === undefined) return;
  if (before !== undefined) {
    const { into } = gone.merged;
    const outcome = await given(before, into, ports, async (left) => {
      const merged = { ...gone, merged: { ...gone.merged, into, before: left } } as Account;
      const context = () => ({ ...ports, now: ports.now() });
      return (await updateAccount(accounts, into, (keep) => receive(keep, merged, entry, context()))).outcome.kind;
    });
    if (outcome === 'impossible') {
      const keep = await accounts.findById(into);
      await updateAccount(accounts, goneId, (read) =>
        isDeepStrictEqual(read.merged, gone.merged) ? backAgain(read, keep ?? gone, entry, ports) : nothing,
      );
      return;
    }
  }
  await updateAccount(accounts, goneId, (read) => (read.merged === undefined ? nothing : letGo(read)));
}

/** An account that never became part of `keep`, though audit log and letters said so: both say that as well. */
function backAgain(gone: Account, keep: Account, entry: AuditInput, ports: MovePorts): ReturnType<typeof thaw> {
  const decision = thaw(gone);
  const { account: back, effects = [] } = decision;
  if (back === undefined) return decision;
  const now = ports.now();
  const { sealedValues: _, ...by } = entry; // sealed for the other person
  const undone = {
    ...by,
    at: now,
    subject: gone.id,
    action: 'person.merge-undone',
    details: { with: keep.id },
  } as const;
  const names = { number: nameOf(back), other: nameOf(keep.merged?.before ?? keep) };
  const letters = notices(back, 'account-back', names, { ...ports, now });
  return { ...decision, effects: [...effects, ...letters, { kind: 'audit', entry: undone }] };
}

/** Makes the account that was taken out of another one, or brings back the one that was merged into it. */
export async function finishPart(
  fromId: string,
  { account: other, mergedAt }: { account: Account; mergedAt?: number },
  ports: MovePorts,
): Promise<void> {
  const { accounts } = ports;
  const isMerged = ({ merged }: Account) => merged?.into === fromId && merged.at === mergedAt;
  await given(other, other.id, ports, async (left) => {
    const existing = await accounts.findById(other.id);
    if (existing === undefined) return accounts.insert({ ...left, revision: 1 });
    if (isMerged(existing))
      await updateAccount(accounts, other.id, (read) => (isMerged(read) ? thaw(read, left) : nothing));
  });
  const keys = movingKeysOf(other, ports.sealer);
  await updateAccount(accounts, fromId, (account) => letGo(account, keys));
}

const nothing: Decision<{ kind: 'nothing' }> = { outcome: { kind: 'nothing' } };

/** Writes `account` to where it goes (`toId`), without what others have by now. */
async function given<Outcome>(
  account: Account,
  toId: string,
  ports: MovePorts,
  write: (left: Account) => Promise<Outcome>,
): Promise<Outcome> {
  for (let tried = 1; ; tried += 1) {
    const { left, lost } = await withoutTaken(account, toId, ports);
    try {
      const outcome = await write(left);
      if (lost.length > 0) ports.onLost?.(toId, lost);
      return outcome;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'login_taken') || tried === TRIES) throw error;
    }
  }
}

async function withoutTaken(account: Account, toId: string, { accounts }: MovePorts) {
  const lost: string[] = [];
  const isTaken = async (name: string, find: Promise<Account | undefined>) => {
    const holder = await find;
    const taken = holder !== undefined && holder.id !== toId && holder.id !== account.id;
    if (taken) lost.push(name);
    return taken;
  };
  const free = async (names: string[]) => {
    const taken = await Promise.all(names.map((name) => isTaken(name, accounts.findHolder(name))));
    return names.filter((_, index) => !taken[index]);
  };
  const feeds = await Promise.all(
    account.feeds.map(({ source, key }) => isTaken(`${source}:${key}`, accounts.findByFeedKey(source, key))),
  );
  const left: Account = {
    ...account,
    userNumbers: await free(account.userNumbers),
    emails: await free(account.emails),
    ...(account.formerNumbers === undefined ? {} : { formerNumbers: await free(account.formerNumbers) }),
    feeds: account.feeds.filter((_, index) => !feeds[index]),
  };
  return { left, lost };
}
