/** Merges two accounts of one person, and undoes that: what would come of it, and the act. */
import { type Account, type EffectInput, withEffects } from '../../domain/account/account.ts';
import { accessByAffiliations } from '../../domain/account/account-access.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import { freeze, type MergeRefusal, mergeRefusal, received } from '../../domain/lifecycle/merge.ts';
import { giveBack, type UndoRefusal, undoRefusal } from '../../domain/lifecycle/part.ts';
import { reasonOf } from '../../domain/lifecycle/reason.ts';
import type { Actor } from '../actor.ts';
import { finishMerge, finishPart } from './finish-move.ts';
import { type Done, entryAbout, haveRole, type MergeDeps, type Planned, refusalOn } from './identity-act.ts';

/** What the account that stays would have then. `accessEnds`: epoch ms of the end of access; absent: none is known. */
export type MergePlan = {
  keep: Account;
  gone: Account;
  /** what comes along */
  numbers: string[];
  emails: string[];
  entries: { source: string; key: string }[];
  affiliations: { organisation: string; role: string }[];
  accessEnds?: number;
};

export type MergePlanned = Planned<{ plan: MergePlan }, MergeRefusal>;

/** What merging `goneId` into `keepId` would do. Somebody who looks after people does it at all organisations of both. */
export async function planMerge(actor: Actor, keepId: string, goneId: string, deps: MergeDeps): Promise<MergePlanned> {
  const [keep, gone] = await Promise.all([keepId, goneId].map((id) => deps.accounts.findById(id)));
  if (keep === undefined || gone === undefined) return { kind: 'not-found' };
  const refusal = await refusalOn(actor, [keep, gone], deps);
  if (refusal !== undefined) return refusal;
  const held = await haveRole([keep, gone], deps);
  const because = mergeRefusal(keep, gone, deps.now()) ?? (held ? 'role' : undefined);
  if (because !== undefined) return { kind: 'refused', because };
  const next = received(keep, gone, { organisations: deps.organisations, now: deps.now() });
  const access = accessByAffiliations(next, deps.now());
  return {
    kind: 'planned',
    plan: {
      keep,
      gone,
      numbers: gone.userNumbers,
      emails: gone.emails,
      entries: gone.feeds.map(({ source, key }) => ({ source, key })),
      affiliations: gone.affiliations.map(({ organisation, role }) => ({ organisation, role })),
      ...(access.kind === 'open' && access.until !== undefined ? { accessEnds: access.until } : {}),
    },
  };
}

export type MergeDone = Done<{ kind: 'merged'; keep: Account; gone: Account }, MergeRefusal>;

/** @throws Problem `lost_race` */
export async function mergePeople(
  actor: Actor,
  { keepId, goneId, reason }: { keepId: string; goneId: string; reason: string },
  deps: MergeDeps,
): Promise<MergeDone> {
  const why = reasonOf(reason);
  if (why === undefined) return { kind: 'refused', because: 'no-reason' };
  const planned = await planMerge(actor, keepId, goneId, deps);
  if (planned.kind !== 'planned') return planned;
  const { keep } = planned.plan;
  const { accounts } = deps;
  const context = () => ({ ...deps, now: deps.now() });
  const entry = entryAbout(actor, keep, { action: 'person.merged-in', details: { from: goneId } }, why, deps);
  const { outcome, account } = await updateAccount(accounts, goneId, (gone) => {
    const decision = freeze(gone, keep, entry, context());
    if (decision.account === undefined) return decision;
    const own = entryAbout(actor, gone, { action: 'person.merged', details: { into: keepId } }, why, deps);
    return { ...decision, effects: [...(decision.effects ?? []), { kind: 'audit', entry: own }] };
  });
  if (outcome.kind === 'refused') return outcome;
  await finishMerge(goneId, entry, { ...deps });
  // where the one that was to stay became part of another at the same moment, both are as before
  if ((await accounts.findById(goneId))?.merged?.into !== keepId) return { kind: 'refused', because: 'gone' };
  return { kind: 'merged', keep: (await accounts.findById(keepId)) ?? keep, gone: account };
}

export type UndoPlanned = Planned<{ keep: Account; gone: Account; before: Account; undoUntil: number }, UndoRefusal>;

/** Whether the merge of `goneId` can be undone, and what it was. */
export async function planUndo(actor: Actor, goneId: string, deps: MergeDeps): Promise<UndoPlanned> {
  const { accounts, now } = deps;
  const gone = await accounts.findById(goneId);
  const keep = gone?.merged === undefined ? undefined : await accounts.findById(gone.merged.into);
  if (gone === undefined || keep === undefined) return { kind: 'not-found' };
  const refusal = await refusalOn(actor, [keep], deps);
  if (refusal !== undefined) return refusal;
  const because = undoRefusal(keep, gone, now());
  if (because !== undefined) return { kind: 'refused', because };
  const { before, undoUntil } = gone.merged as Required<NonNullable<Account['merged']>>;
  return { kind: 'planned', keep, gone, before, undoUntil };
}

export type UndoDone = Done<{ kind: 'undone'; keep: Account; back: Account }, UndoRefusal>;

/** @throws Problem `lost_race` */
export async function undoMerge(
  actor: Actor,
  { goneId, reason }: { goneId: string; reason: string },
  deps: MergeDeps,
): Promise<UndoDone> {
  const why = reasonOf(reason);
  if (why === undefined) return { kind: 'refused', because: 'no-reason' };
  const planned = await planUndo(actor, goneId, deps);
  if (planned.kind !== 'planned') return planned;
  const { gone } = planned;
  const { accounts } = deps;
  let part: Extract<EffectInput, { kind: 'part' }> | undefined;
  const { outcome, account } = await updateAccount(accounts, planned.keep.id, (keep) => {
    const decision = giveBack(keep, gone, { ...deps, now: deps.now() });
    if (decision.account === undefined) return decision;
    const own = entryAbout(actor, keep, { action: 'person.merge-undone', details: { with: goneId } }, why, deps);
    const theirs = entryAbout(actor, gone, { action: 'person.merge-undone', details: { with: keep.id } }, why, deps);
    const effects = (decision.effects ?? []).map((effect) => {
      if (effect.kind !== 'part') return effect;
      part = { ...effect, account: withEffects(effect.account, [{ kind: 'audit', entry: theirs }]) };
      return part;
    });
    return { ...decision, effects: [...effects, { kind: 'audit' as const, entry: own }] };
  });
  if (outcome.kind === 'refused') return outcome;
  if (part === undefined) throw new TypeError('what was taken out is there');
  await finishPart(account.id, part, { ...deps });
  return { kind: 'undone', keep: account, back: (await accounts.findById(goneId)) ?? gone };
}
