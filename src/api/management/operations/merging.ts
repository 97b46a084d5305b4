/** Operations that make one account of two of the same person, undo that, and split off what is another person's. */
import { dayAt } from '../../../domain/account/affiliation.ts';
import type { MergeRefusal } from '../../../domain/lifecycle/merge.ts';
import type { SplitRefusal, UndoRefusal } from '../../../domain/lifecycle/part.ts';
import type { PersonRefusal } from '../../../use-cases/people/act-on-person.ts';
import { type MergePlan, mergePeople, planMerge, planUndo, undoMerge } from '../../../use-cases/people/merge.ts';
import { planSplit, type SplitDeps, splitPerson } from '../../../use-cases/people/split.ts';
import { viewPerson } from '../../../use-cases/people/view-person.ts';
import { mergeAskedShape, mergeShape, splitAskedShape, splitShape, unmergeShape } from '../merging-schemas.ts';
import { type ApiParts, type Asked, type Operation, operation } from '../operation.ts';
import { Refused } from '../problem.ts';

const tag = 'People';

// None asks for If-Match: a person's revision changes at each sign-in, and the write looks again at what stands in the way.
const merge = operation({
  operationId: 'mergePerson',
  method: 'POST',
  path: '/people/{id}/merge',
  tag,
  summary:
    'Makes another account part of this one: numbers, addresses, entries of sources and affiliations come along.',
  description:
    'The other one signs in nowhere any more, and applications that knew it by its sub do not know this one by it. It can be undone for 30 days. Ask with dry_run first.',
  permission: 'people:write',
  body: mergeAskedShape,
  status: 200,
  answer: mergeShape,
  problems: ['conflict'],
  audit: 'person.merged',
  async act(asked, parts) {
    const { actor, body } = asked;
    const [keepId, goneId] = [asked.path.id ?? '', body.other];
    const { deps, lost } = depsOf(parts);
    const planned = await planMerge(actor, keepId, goneId, deps);
    if (planned.kind !== 'planned') throw await refusedWith(planned, mergeRefusals, asked, parts);
    const answer = { dry_run: body.dry_run === true, ...shownPlan(planned.plan) };
    if (body.dry_run) return { body: answer };
    const done = await mergePeople(actor, { keepId, goneId, reason: body.reason }, deps);
    if (done.kind !== 'merged') throw await refusedWith(done, mergeRefusals, asked, parts);
    parts.dispatchEffects(done.gone, done.keep);
    return { body: { ...answer, not_moved: lost } };
  },
});

const unmerge = operation({
  operationId: 'unmergePerson',
  method: 'POST',
  path: '/people/{id}/unmerge',
  tag,
  summary: 'Undoes a merge within 30 days: both are accounts of their own again, with what their sources said since.',
  description: 'All sessions of both end. `merged` of the person names the accounts that can be taken out again.',
  permission: 'people:write',
  body: mergeAskedShape,
  status: 200,
  answer: unmergeShape,
  problems: ['conflict'],
  audit: 'person.merge-undone',
  async act(asked, parts) {
    const { actor, path, body } = asked;
    const { deps, lost } = depsOf(parts);
    const found = await planUndo(actor, body.other, deps);
    const isOfPath = found.kind !== 'planned' || found.keep.id === path.id;
    const planned = isOfPath ? found : { kind: 'not-found' as const };
    if (planned.kind !== 'planned') throw await refusedWith(planned, undoRefusals, asked, parts);
    const answer = { dry_run: body.dry_run === true, id: planned.keep.id, other: planned.gone.id };
    if (body.dry_run) return { body: answer };
    const done = await undoMerge(actor, { goneId: body.other, reason: body.reason }, deps);
    if (done.kind !== 'undone') throw await refusedWith(done, undoRefusals, asked, parts);
    parts.dispatchEffects(done.keep, done.back);
    return { body: { ...answer, not_moved: lost } };
  },
});

const split = operation({
  operationId: 'splitPerson',
  method: 'POST',
  path: '/people/{id}/split',
  tag,
  summary: 'Makes entries of sources that are another person’s an account of their own, and invites that person.',
  description:
    'The new account has the numbers, addresses and affiliations that these entries alone gave. A number by which applications know the account in use stays. Merging the new account into this one undoes it.',
  permission: 'people:write',
  body: splitAskedShape,
  status: 200,
  answer: splitShape,
  problems: ['conflict'],
  audit: 'person.split',
  async act({ actor, path, body }, parts) {
    const { deps, lost } = depsOf(parts);
    const asked = { accountId: path.id ?? '', entries: body.entries };
    const planned = await planSplit(actor, asked, deps);
    if (planned.kind !== 'planned') throw refusedBy(planned, splitRefusals);
    const { fresh, kept } = planned;
    const shown = { numbers: fresh.userNumbers, emails: fresh.emails };
    const answer = { dry_run: body.dry_run === true, id: asked.accountId, stays: kept };
    if (body.dry_run) return { body: { ...answer, new_account: shown } };
    const done = await splitPerson(actor, { ...asked, reason: body.reason }, deps);
    if (done.kind !== 'split') throw refusedBy(done, splitRefusals);
    parts.dispatchEffects(done.account, done.fresh);
    const { id, userNumbers: numbers, emails } = done.fresh;
    return {
      body: { ...answer, new_account: { id, numbers, emails }, not_moved: lost },
      location: `/people/${id}`,
    };
  },
});

/** `lost` fills with what did not come along, because another account had it first. */
function depsOf(parts: ApiParts): { deps: SplitDeps; lost: string[] } {
  const { storage, sealer, organisations, now, randomBytes, defaultLanguage, invitationSeconds } = parts;
  const lost: string[] = [];
  const deps: SplitDeps = {
    accounts: storage.accounts,
    roleGrants: storage.roleGrants,
    sealer,
    organisations,
    sources: [...parts.importing.sources],
    defaultLanguage,
    invitationSeconds,
    now,
    randomBytes,
    onLost: (_, names) => lost.push(...names),
  };
  return { deps, lost };
}

function shownPlan({ keep, gone, numbers, emails, entries, affiliations, accessEnds }: MergePlan) {
  return {
    id: keep.id,
    other: gone.id,
    numbers,
    emails,
    entries,
    affiliations,
    access_ends: accessEnds === undefined ? undefined : dayAt(accessEnds - 1),
  };
}

type Told = string | Fault;
/** `pointer`: what of the body is to be changed. */
type Fault = { pointer: string; detail: string; remedy: string };
const reasonFault: Fault = {
  pointer: '/reason',
  detail: 'it is empty, or longer than one line of 500 characters',
  remedy: 'say why in one line; it goes into the audit log, and the person is not told it',
};
const hasRole = 'an account with a role is neither merged nor split: revoke the role first';
const isGone = 'one of them was erased, or is part of another account already';

const mergeRefusals: Record<MergeRefusal | 'no-reason', Told> = {
  same: { pointer: '/other', detail: 'it is this account', remedy: 'give the id of the other account' },
  gone: isGone,
  role: hasRole,
  suspended: 'the account that would go is suspended: lift that first, or suspend the one that stays',
  held: 'the account that would go has a legal hold: release that first',
  'keep-not-active': 'only the account that would go is in use: merge the other way round',
  'no-reason': reasonFault,
};
const undoRefusals: Record<UndoRefusal | 'no-reason', Told> = {
  'not-merged': 'it was not merged, or no longer is',
  'too-late':
    'it was merged more than 30 days ago, or the account of which it is part is no more: nothing is left to undo',
  role: hasRole,
  'no-reason': reasonFault,
};
const splitRefusals: Record<SplitRefusal | 'no-reason', Told> = {
  gone: isGone,
  role: hasRole,
  unknown: {
    pointer: '/entries',
    detail: 'the account has no such entry',
    remedy: 'give entries as the person shows them',
  },
  all: { pointer: '/entries', detail: 'nothing would be left', remedy: 'leave at least one entry where it is' },
  faulty: 'what the source said of this entry makes no account: have the source say it again first',
  'no-reason': reasonFault,
};

const notAllowed = {
  'no-right': 'only who looks after people at all organisations of the person does this',
  himself: 'nobody does this to himself',
  'higher-role': 'the person has a higher role',
} as const;

function refusedBy<Because extends string>(
  refusal: { kind: 'refused'; because: Because } | PersonRefusal,
  told: Record<Because, Told>,
): Refused {
  if (refusal.kind === 'not-found') return new Refused('not-found');
  if (refusal.kind === 'not-allowed') return new Refused('not-allowed', { detail: notAllowed[refusal.because] });
  const said = told[refusal.because];
  if (typeof said === 'string') return new Refused('conflict', { detail: said });
  return new Refused('invalid', { errors: [{ code: refusal.because, ...said }] });
}

const unknownPerson = () =>
  new Refused('invalid', {
    errors: [
      {
        pointer: '/other',
        code: 'unknown-person',
        detail: 'it is nobody whom you may merge with this person, or take out again',
        remedy: 'give the id of an account, as listPeople and the person show it',
      },
    ],
  });

/** What is not there is this person, or the other one: whoever sees the first is told that it is the second. */
async function refusedWith<Because extends string>(
  refusal: { kind: 'refused'; because: Because } | PersonRefusal,
  told: Record<Because, Told>,
  { actor, path }: Pick<Asked<unknown, unknown>, 'actor' | 'path'>,
  { storage, now }: ApiParts,
): Promise<Refused> {
  if (refusal.kind !== 'not-found') return refusedBy(refusal, told);
  const viewed = await viewPerson(actor, path.id ?? '', { accounts: storage.accounts, now });
  return viewed.kind === 'found' ? unknownPerson() : new Refused('not-found');
}

export const mergingOperations: readonly Operation[] = [merge, unmerge, split];
