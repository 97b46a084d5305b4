/** Dispatches what an account's last writes want to happen: each effect once, under its own id, whatever crashes between. */
import type { Account, Effect, JsonValue } from '../domain/account/account.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { AuditLog } from '../domain/ports/audit-log.ts';
import type { Outbox } from '../domain/ports/outbox.ts';
import { Problem } from '../domain/problem.ts';

export type EffectDeps = {
  accounts: Pick<Accounts, 'findById' | 'replace'>;
  outbox: Pick<Outbox, 'put'>;
  auditLog: Pick<AuditLog, 'append'>;
  /** Idempotent; sessions of `olderThanEpoch` or a later epoch stay: the person may have signed in again before this. */
  endSessions(accountId: string, reason: string, exceptSessionUid?: string, olderThanEpoch?: number): Promise<unknown>;
  /** epoch ms */
  now: () => number;
};

/**
 * Moves every effect of this account to the outbox, the audit log or the sessions, then takes exactly those away from
 * it. Repeating any part is invisible: letters and audit entries keep their effect's id, and the first one stays. An effect
 * of a kind that only a newer version knows stays for a node of that version.
 * @returns how many letters went to the outbox for the first time
 * @throws what failed, after the others were dispatched; what failed stays in the account for the sweep
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

const kinds: Record<Effect['kind'], true> = { letter: true, audit: true, 'end-sessions': true };
const isKnown = ({ kind }: Effect) => Object.hasOwn(kinds, kind);

async function dispatch(accountId: string, effect: Effect, deps: EffectDeps): Promise<'letter' | undefined> {
  switch (effect.kind) {
    case 'letter': {
      const { letter } = effect;
      const stored = await deps.outbox.put({
        id: effect.id,
        kind: 'letter',
        accountId,
        payload: { ...letter } as Record<string, JsonValue>, // its secret stays sealed until it is delivered (rule 25)
        createdAt: deps.now(),
        ...(letter.expiresAt === undefined ? {} : { expiresAt: letter.expiresAt }),
      });
      return stored ? 'letter' : undefined;
    }
    case 'audit':
      await deps.auditLog.append({ id: effect.id, ...effect.entry });
      return undefined;
    case 'end-sessions':
      await deps.endSessions(accountId, effect.reason, effect.exceptSessionUid, effect.olderThanEpoch);
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
    if (error instanceof Problem && error.code === 'account_missing') return; // deleted since: nothing to take away
    throw error;
  }
}

const PAGE = 100;

/**
 * Dispatches what a crash or a failure left, account by account. One that fails is told to `onFailure` and does not keep
 * the others waiting.
 * @returns how many letters went to the outbox
 */
export async function sweepEffects(
  deps: EffectDeps & { accounts: Pick<Accounts, 'withEffects'>; onFailure(error: unknown, accountId: string): void },
  goOn: () => boolean = () => true,
): Promise<{ letters: number }> {
  /** those that failed in this round, or hold what a newer version is to hand on */
  const passed = new Set<string>();
  let letters = 0;
  while (goOn()) {
    // the page grows by them, so that they never fill it
    const page = await deps.accounts.withEffects(PAGE + passed.size);
    const left = page.filter(({ id }) => !passed.has(id));
    if (left.length === 0) break;
    const handing = left.map(async (account) => {
      if (!account.effects.every(isKnown)) passed.add(account.id);
      try {
        const { letters: put } = await dispatchEffects(account, deps);
        letters += put;
      } catch (error) {
        passed.add(account.id);
        deps.onFailure(error, account.id);
      }
    });
    await Promise.all(handing); // at once: their writes share a commit
  }
  return { letters };
}
