/** Splits entries of feeds off an account, which become that of another person. */
import type { Account } from '../../domain/account/account.ts';
import type { Language } from '../../domain/account/languages.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import type { Source } from '../../domain/feed/source.ts';
import { type SplitRefusal, split } from '../../domain/lifecycle/part.ts';
import { reasonOf } from '../../domain/lifecycle/reason.ts';
import { randomId } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { type Actor, auditActorOf } from '../actor.ts';
import { finishPart } from './finish-move.ts';
import { type Done, entryAbout, haveRole, type MergeDeps, type Planned, refusalOn } from './identity-act.ts';

export type SplitDeps = Omit<MergeDeps, 'sealer'> & {
  sealer: Sealer;
  sources: Source[];
  defaultLanguage: Language;
  invitationSeconds: number;
};

export type SplitAsked = { accountId: string; entries: { source: string; key: string }[] };
/** `rest`, `fresh`: the two accounts; `kept`: numbers that stay, because applications know the account by them. */
export type SplitPlanned = Planned<{ account: Account; rest: Account; fresh: Account; kept: string[] }, SplitRefusal>;

/** What splitting these entries off would do. */
export async function planSplit(
  actor: Actor,
  { accountId, entries }: SplitAsked,
  deps: SplitDeps,
): Promise<SplitPlanned> {
  const account = await deps.accounts.findById(accountId);
  if (account === undefined) return { kind: 'not-found' };
  const refusal = await refusalOn(actor, [account], deps);
  if (refusal !== undefined) return refusal;
  if (await haveRole([account], deps)) return { kind: 'refused', because: 'role' };
  const {
    outcome,
    account: rest,
    effects,
  } = split(account, entries, randomId(deps.randomBytes), contextOf(actor, deps));
  if (outcome.kind === 'refused') return outcome;
  const part = effects?.find((effect) => effect.kind === 'part');
  if (rest === undefined || part === undefined) throw new TypeError('what was taken out is there');
  return { kind: 'planned', account, rest, fresh: part.account, kept: outcome.kept };
}

export type SplitDone = Done<{ kind: 'split'; account: Account; fresh: Account; kept: string[] }, SplitRefusal>;

/** @throws Problem `lost_race` */
export async function splitPerson(
  actor: Actor,
  asked: SplitAsked & { reason: string },
  deps: SplitDeps,
): Promise<SplitDone> {
  const why = reasonOf(asked.reason);
  if (why === undefined) return { kind: 'refused', because: 'no-reason' };
  const planned = await planSplit(actor, asked, deps);
  if (planned.kind !== 'planned') return planned;
  const { accountId, entries } = asked;
  const id = randomId(deps.randomBytes);
  let fresh: Account | undefined;
  const { outcome, account } = await updateAccount(deps.accounts, accountId, (read) => {
    const decision = split(read, entries, id, contextOf(actor, deps));
    if (decision.account === undefined) return decision;
    fresh = decision.effects?.find((effect) => effect.kind === 'part')?.account;
    const names = entries.map(({ source, key }) => `${source}:${key}`).join(' ');
    const entry = entryAbout(actor, read, { action: 'person.split', details: { into: id, entries: names } }, why, deps);
    return { ...decision, effects: [...(decision.effects ?? []), { kind: 'audit', entry }] };
  });
  if (outcome.kind === 'refused') return outcome;
  if (fresh === undefined) throw new TypeError('what was taken out is there');
  await finishPart(accountId, { account: fresh }, deps);
  return { kind: 'split', account, fresh: (await deps.accounts.findById(id)) ?? fresh, kept: outcome.kept };
}

function contextOf(actor: Actor, deps: SplitDeps) {
  const { sources, organisations } = deps;
  const unknown = (id: string): Source => ({
    id,
    organisations: organisations.map((each) => each.id),
    numbers: [],
    domains: [],
    credentials: false,
    identity: 'none',
  });
  return {
    ...deps,
    now: deps.now(),
    by: auditActorOf(actor),
    sourceOf: (id: string) => sources.find((each) => each.id === id) ?? unknown(id),
  };
}
