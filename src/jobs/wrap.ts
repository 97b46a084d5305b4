/** Wraps hashes from another system ({SSHA}, bcrypt) in argon2id, one by one, and gives way to sign-ins (rule 5). */
import { setTimeout as wait } from 'node:timers/promises';
import { updateAccount } from '../domain/account/update-account.ts';
import { breakOffRound, endRound, roundToDo } from '../domain/passwords/foreign-hash.ts';
import { type Hashing, isForeignHash, OWN_WORK, workOf } from '../domain/passwords/stored-hash.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';

const PAGE = 100;
const LEASE_MS = 60_000;
const PAUSE_MS = 50; // sign-ins that wait for the same processes come first

export type WrapDeps = {
  storage: Pick<Storage, 'leases' | 'values'> & { accounts: Pick<Accounts, 'search' | 'findById' | 'replace'> };
  hashing: Pick<Hashing, 'wrap'>;
  holder: string;
  now: () => number;
  pauseMs?: number;
};

/**
 * Wraps every foreign hash, and notes what work those that are stored take. A full hashing queue, or the end of this node,
 * breaks the round off, and the next call goes on from there.
 * @returns how many were wrapped; undefined if another node holds the lease
 */
export async function wrapForeignHashes(deps: WrapDeps, goOn: () => boolean = () => true): Promise<number | undefined> {
  const { storage, hashing, holder, now, pauseMs = PAUSE_MS } = deps;
  const { accounts, leases, values } = storage;
  const round = await roundToDo(values);
  if (round === undefined) return 0; // no feed brought any since the last complete round
  let wrapped = 0;
  try {
    for (;;) {
      if ((await leases.acquire('wrap', holder, now() + LEASE_MS, now())) === undefined) return undefined;
      const page = await accounts.search('', round.after, PAGE);
      for (const { id, password } of page) {
        const work = workOf(password?.hash);
        if (work !== OWN_WORK) round.works.add(work);
        if (password !== undefined && isForeignHash(password.hash)) {
          if (!goOn()) break;
          if (await wrapOne(accounts, id, password.hash, await hashing.wrap(password.hash))) wrapped += 1;
          await wait(pauseMs);
        }
        round.after = id;
      }
      if (!goOn()) break;
      if (page.length < PAGE) {
        await endRound(values, round);
        return wrapped;
      }
    }
    await breakOffRound(values, round);
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'busy')) throw error;
    await breakOffRound(values, round); // sign-ins come first
  } finally {
    await leases.release('wrap', holder);
  }
  return wrapped;
}

/** Replaces the hash only if it is still the one that was wrapped: a password that was set meanwhile stays. */
async function wrapOne(
  accounts: WrapDeps['storage']['accounts'],
  id: string,
  from: string,
  to: string,
): Promise<boolean> {
  try {
    const { changed } = await updateAccount(accounts, id, (account) =>
      account.password?.hash === from
        ? { outcome: undefined, account: { ...account, password: { ...account.password, hash: to } } }
        : { outcome: undefined },
    );
    return changed;
  } catch (error) {
    if (error instanceof Problem && error.code === 'account_missing') return false; // deleted meanwhile
    throw error;
  }
}
