/** Dispatches the effects that an account's writes left in it: each once, under its own id, even after a crash. */
import type { Account, Effect } from '../domain/account/account.ts';
import { letterItem } from '../domain/account/letter-item.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { AuditInput } from '../domain/audit/audit-entry.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { AuditLog } from '../domain/ports/audit-log.ts';
import type { Outbox } from '../domain/ports/outbox.ts';
import { Problem } from '../domain/problem.ts';

export type EffectDeps = {
  accounts: Pick<Accounts, 'findById' | 'replace'>;
  outbox: Pick<Outbox, 'put'>;
  auditLog: Pick<AuditLog, 'append'>;
  /** Idempotent. Sessions of epoch `olderThanEpoch` or later stay: the person may have signed in again meanwhile. */
  endSessions(accountId: string, reason: string, exceptSessionUid?: string, olderThanEpoch?: number): Promise<unknown>;
  /** Idempotent. Takes away what is stored of an erased person beside the account. */
  forget(accountId: string): Promise<unknown>;
  /** Idempotent. The second half of a merge, and of taking accounts apart. */
  finishMerge(goneId: string, entry: AuditInput): Promise<unknown>;
  finishPart(fromId: string, part: { account: Account; mergedAt?: number }): Promise<unknown>;
  /** Epoch ms. */
  now: () => number;
};

/**
 * Dispatches every effect of this account to the outbox, the audit log or the sessions, then removes exactly those
 * from the account. Repeating it changes nothing: emails and audit entries keep their effect's id, and the first one
 * stays. An effect that only a newer version knows stays for a node of that version.
 * @returns how many emails are new in the outbox
 * @throws the first failure, after the other effects were dispatched; failed effects stay in the account for the sweep
 */
export async function dispatchEffects(account: Account, deps: EffectDeps): Promise<{ letters: number }> {
  const effects = account.effects.filter(isKnown);
  if (effects.length === 0) return { letters: 0 };
  const results = await Promise.allSettled(effects.map((effect) => dispatch(account.id, effect, deps)));
  const dispatched = new Set(effects.filter((_, index) => results[index]?.status === 'fulfilled').map(({ id }) => id));
  if (dispatched.size > 0) await forget(account, dispatched, deps);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return { letters: results.filter((result) => result.status === 'fulfilled' && result.value === 'letter').length };
}

const kinds: Record<Effect['kind'], true> = {
  letter: true,
  audit: true,
  'end-sessions': true,
  forget: true,
  merge: true,
  part: true,
};
const isKnown = ({ kind }: Effect) => Object.hasOwn(kinds, kind);

async function dispatch(accountId: string, effect: Effect, deps: EffectDeps): Promise<'letter' | undefined> {
  switch (effect.kind) {
    case 'letter': {
      const about = { id: effect.id, accountId, createdAt: deps.now() };
      const stored = await deps.outbox.put(letterItem(effect.letter, about));
      return stored ? 'letter' : undefined;
    }
    case 'audit':
      await deps.auditLog.append({ id: effect.id, ...effect.entry });
      return undefined;
    case 'end-sessions':
      await deps.endSessions(accountId, effect.reason, effect.exceptSessionUid, effect.olderThanEpoch);
      return undefined;
    case 'forget':
      await deps.forget(accountId);
      return undefined;
    case 'merge':
      await deps.finishMerge(accountId, effect.entry);
      return undefined;
    case 'part':
      await deps.finishPart(accountId, effect);
      return undefined;
    default:
      return effect satisfies never;
  }
}

async function forget(known: Account, dispatched: Set<string>, deps: EffectDeps): Promise<void> {
  try {
    const without = (account: Account) => {
      const effects = account.effects.filter(({ id }) => !dispatched.has(id));
      return effects.length === account.effects.length
        ? { outcome: undefined }
        : { outcome: undefined, account: { ...account, effects } };
    };
    await updateAccount(deps.accounts, known.id, without, known);
  } catch (error) {
    if (error instanceof Problem && error.code === 'account_missing') return; // deleted meanwhile: nothing to remove
    throw error;
  }
}

const PAGE = 100;

/**
 * Dispatches effects that a crash or a failure left, account by account. A failure is passed to `onFailure` and does
 * not delay other accounts.
 * @returns how many emails are new in the outbox
 * @throws what reading the storage throws
 */
export async function sweepEffects(
  deps: EffectDeps & {
    accounts: Pick<Accounts, 'withEffects'>;
    onFailure(error: unknown, accountId: string): void;
    /** Called after each page of accounts; it may wait where people should go first. `tookMs`: what that page took. */
    afterPage?: (tookMs: number) => Promise<void>;
  },
  goOn: () => boolean | Promise<boolean> = () => true,
): Promise<{ letters: number }> {
  /** Accounts that failed in this round, or have effects that only a newer version can dispatch. */
  const skipped = new Set<string>();
  let letters = 0;
  while (await goOn()) {
    const began = performance.now();
    // Read that many more, so that they never fill the page.
    const page = await deps.accounts.withEffects(PAGE + skipped.size);
    const left = page.filter(({ id }) => !skipped.has(id));
    if (left.length === 0) break;
    const dispatching = left.map(async (account) => {
      if (!account.effects.every(isKnown)) skipped.add(account.id);
      try {
        const { letters: put } = await dispatchEffects(account, deps);
        letters += put;
      } catch (error) {
        skipped.add(account.id);
        deps.onFailure(error, account.id);
      }
    });
    await Promise.all(dispatching); // in parallel, so that their writes share a commit
    await deps.afterPage?.(performance.now() - began);
  }
  return { letters };
}
