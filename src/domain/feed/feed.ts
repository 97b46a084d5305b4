/**
 * Applies a statement to an account: a source changes only what it gave, only when its own value changed, and no
 * account with a role (rule 26).
 */
import { type Account, type Decision, type EffectInput, withEffects } from '../account/account.ts';
import { accessOf, isClosed, isOpen } from '../account/account-access.ts';
import { dayAt, goesOn } from '../account/affiliation.ts';
import { withSourceEvidence } from '../account/assurance.ts';
import { emptyAccount } from '../account/empty-account.ts';
import { withHeldAddresses } from '../account/held-addresses.ts';
import type { Language } from '../account/languages.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import { invitationTo } from '../activation/invitation.ts';
import type { AuditInput } from '../audit/audit-entry.ts';
import { newAuditKey, sealValues } from '../audit/sealed-audit-values.ts';
import type { JsonValue } from '../json-value.ts';
import { opensAt } from '../lifecycle/access.ts';
import { lettersOnChange } from '../lifecycle/end-letters.ts';
import { carryOutEnd, toldOfEnd } from '../lifecycle/expiry-warnings.ts';
import { withWholeSignIn } from '../lifecycle/reopening.ts';
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { FeedMemory } from './fed-records.ts';
import { factorOf, totpNote } from './fed-totp.ts';
import { entryOf, isSameEntry, siblingsOf } from './feed-entries.ts';
import { stateAffiliations, stateEmails, stateNumbers, stateValues } from './feed-fields.ts';
import { stateGroups } from './feed-groups.ts';
import { type FeedRefusal, foreignAddress, joinRefusal, ownerIn } from './feed-refusal.ts';
import type { Statement } from './feed-statement.ts';
import { type Source, sourcesBeyond } from './source.ts';

export type FeedContext = {
  source: Source;
  organisations: Organisation[];
  /** of a person of whom no feed says it */
  defaultLanguage: Language;
  sealer: Sealer;
  now: number;
  randomBytes: RandomBytes;
  invitationSeconds: number;
  /** who brings what the source says, for the audit log; absent: `pedel people import` */
  by?: AuditInput['actor'];
};

/** The note of a statement whose password hash is left out, while the rest of it is taken. */
export const HASH_NOT_TAKEN = 'the password hash is not taken: another source speaks for this account';

/** How the note of a statement begins whose password hash is left out. */
export const HASH_REFUSED = 'the password hash is refused, and the person chooses a password:';

export type FeedOutcome =
  | { kind: 'new' | 'changed' | 'ended' | 'unchanged'; fields: string[]; notes: string[] }
  | FeedRefusal;

/**
 * Rule: a source states a person whom no account fits. Returns the account to insert (revision 1) with its invitation
 * and audit entry.
 */
export function accountFromStatement(statement: Statement, context: FeedContext, id: string): Decision<FeedOutcome> {
  const blank: Account = {
    ...emptyAccount({
      id,
      revision: 1,
      createdAt: context.now,
      auditKey: newAuditKey(context.randomBytes),
      language: context.defaultLanguage,
      credentialsEpoch: 1,
    }),
    feeds: [{ source: context.source.id, key: statement.key, fields: {} }],
  };
  const { outcome, account, effects = [] } = state(blank, statement, context, true);
  if (outcome.kind === 'refused' || account === undefined) return { outcome };
  return { outcome: { ...outcome, kind: 'new' }, account: withEffects(account, effects) };
}

/**
 * Rule: a source states what it knows of a person whose account it fed before, or joins now (see `joinRefusal`). The
 * same statement again changes nothing.
 */
export function applyStatement(account: Account, statement: Statement, context: FeedContext): Decision<FeedOutcome> {
  return state(account, statement, context, false);
}

function state(account: Account, statement: Statement, context: FeedContext, isNew: boolean): Decision<FeedOutcome> {
  const { source, now } = context;
  const memory = entryOf(account, source.id, statement.key);
  const siblings = siblingsOf(account, source.id, statement.key);
  if (memory === undefined) {
    const refusal = joinRefusal(account, statement, source.id);
    if (refusal !== undefined) return { outcome: refusal };
  }
  const foreign = foreignAddress(account, statement, context.organisations);
  if (foreign !== undefined) return { outcome: foreign };

  const beyond = sourcesBeyond(source, account);
  let next: Account = { ...account, claims: structuredClone(account.claims) };
  const said = { ...memory?.fields };
  const notes: string[] = [];
  if (memory === undefined) notes.push(joinNote(account, statement));
  stateValues(next, said, statement, memory, { source, beyond, now, notes });
  stateNumbers(next, said, statement, memory, { source: source.id, beyond });
  stateEmails(next, said, statement, memory, source.id);
  stateAffiliations(next, said, statement, { ...context, source: source.id, notes });
  stateGroups(next, said, statement, source.id);
  const mayActivate = source.credentials && beyond.length === 0;
  const takesPassword = mayActivate && statement.passwordHash !== undefined && account.activatedAt === undefined;
  if (statement.passwordHash !== undefined && account.activatedAt === undefined && !takesPassword)
    notes.push(HASH_NOT_TAKEN);
  if (statement.hashLeft !== undefined && account.activatedAt === undefined)
    notes.push(`${HASH_REFUSED} ${statement.hashLeft}`);
  const takesTotp = takesPassword ? statement.totp : undefined;
  const aboutTotp = totpNote(account, statement, takesPassword);
  if (aboutTotp !== undefined) notes.push(aboutTotp);
  const before = next.evidence;
  const { identity } = source;
  // who was proofed at another organisation is no evidence for the person whom it joins
  const proofs = beyond.length === 0 || account.evidence?.some((each) => each.source === source.id) === true;
  if (proofs) {
    const macOf = ({ key }: { key: string }) => context.sealer.mac('evidence', source.id, key);
    const level = identity === 'none' ? undefined : identity;
    const evidence = { source: source.id, level, mac: macOf(statement), day: dayAt(now) };
    next = withSourceEvidence(next, { ...evidence, others: siblings.map(macOf) });
  }
  const added = next.emails.filter((email) => !account.emails.includes(email));
  if (account.activatedAt !== undefined || beyond.length > 0) next = withHeldAddresses(next, added, now);
  if (takesPassword && statement.passwordHash !== undefined) {
    next.password = { hash: statement.passwordHash, setAt: context.now };
    next.activatedAt = context.now;
    if (takesTotp !== undefined) next.totps = [...next.totps, factorOf(takesTotp, account.id, context)];
    next.tickets = next.tickets.filter(({ purpose }) => purpose !== 'activation');
  }
  // a link that went to a mistaken address, or to one that the person has lost, must stop working (rule 11)
  const onFile = [next.personalEmail, ...next.emails];
  next.tickets = next.tickets.filter(({ purpose, sentTo }) =>
    sentTo === undefined ? purpose !== 'activation' : onFile.includes(sentTo),
  );
  next.feeds = [
    ...account.feeds.filter((feed) => !isSameEntry(feed, { source: source.id, key: statement.key })),
    { ...memory, source: source.id, key: statement.key, fields: sorted(said) },
  ];

  const fields = changedFields(memory, said, takesPassword, statement);
  if (takesTotp !== undefined) fields.push('totp');
  if (next.evidence !== before) fields.push('identity');
  const invitation = invitationTo(account, next, context);
  const invited = invitation.kind === 'sent';
  if (fields.length === 0 && memory !== undefined && (!invited || account.roles.length > 0))
    return { outcome: { kind: 'unchanged', fields, notes } };
  if (account.roles.length > 0) {
    const reason = `this account has a role (${account.roles.join(', ')}), so no feed changes it (would change: ${fields.join(', ')})`;
    return { outcome: { kind: 'refused', reason } };
  }

  if (fields.length > 0) next.claims.updated_at = Math.floor(context.now / 1000);
  const effects: EffectInput[] = [];
  effects.push(...toldOfAddresses(account, next, added, context));
  // not to whom it opens nothing any more
  if (takesPassword && ['open', 'later'].includes(accessOf(next, now).kind))
    effects.push(...notices(next, 'activated-by-feed', { organisation: namedBy(statement) }, context));
  delete next.invitationWaits;
  if (invitation.kind === 'sent') {
    next.tickets = invitation.tickets;
    next.mailedAt = [...next.mailedAt, context.now];
    effects.push(invitation.effect);
    notes.push('invited');
  } else if (invitation.kind === 'no-address') notes.push('not invited: there is no personal e-mail address');
  else if (invitation.kind === 'later') {
    next.invitationWaits = true;
    const waitsFor = invitation.from === undefined ? 'is suspended' : `opens on ${dayAt(invitation.from)}`;
    notes.push(`not invited yet: the account ${waitsFor}, and is invited then`);
  }

  const today = dayAt(context.now);
  const stops = !isNew && staysOn(account, today) && !staysOn(next, today);
  if (next.endsAt !== undefined && (isNew || next.endsAt !== account.endsAt) && !staysOn(next, today)) {
    notes.push(`access ${next.endsAt <= context.now ? 'ended' : 'ends'} on ${dayAt(next.endsAt - 1)} (end of day)`);
  }
  const opens = opensAt(next, context.now);
  if (opens !== undefined && account.activatedAt !== undefined && opens !== opensAt(account, context.now)) {
    notes.push(`closed until ${dayAt(opens)}`);
  }
  if (isClosed(next, context.now)) {
    const ended = carryOutEnd(next, { ...context, wasOpen: isOpen(account, context.now) });
    Object.assign(next, ended.account);
    if (ended.account !== undefined && ended.account.endsAt === undefined) delete next.endsAt;
    effects.push(...(ended.effects ?? []));
  }
  if (!isNew) next = withWholeSignIn(account, next, now);
  const told = isNew ? [] : lettersOnChange(account, next, context);
  effects.push(...told);
  if (told.length > 0) Object.assign(next, toldOfEnd(next, now));
  effects.push(feedAudit(isNew ? 'person.created' : 'person.changed', account, next, fields, context));
  return { outcome: { kind: stops ? 'ended' : 'changed', fields, notes }, account: next, effects };
}

/** The letters about addresses that a feed gave to an active account: to those that it had before. */
function toldOfAddresses(before: Account, next: Account, added: string[], context: FeedContext): EffectInput[] {
  if (before.activatedAt === undefined) return [];
  const organisation = next.affiliations.find(({ source }) => source === context.source.id)?.organisation;
  const of = organisation === undefined ? {} : { organisation };
  const [newAddress] = added;
  const until = next.heldAddresses?.find(({ address }) => address === newAddress)?.until;
  const { proposedAddress } = next;
  return [
    ...(newAddress === undefined || until === undefined
      ? []
      : notices(before, 'institution-address', { newAddress, heldUntil: dayAt(until), ...of }, context)),
    ...(proposedAddress === undefined || proposedAddress === before.proposedAddress
      ? []
      : notices(before, 'address-proposed', { newAddress: proposedAddress.address, ...of }, context)),
  ];
}

const namedBy = ({ affiliations }: Statement) => affiliations[0]?.organisation ?? '';

function joinNote(account: Account, statement: Statement): string {
  const shared = statement.numbers.filter((number) => account.userNumbers.includes(number));
  return `joined with ${ownerIn(account)} by number ${shared.join(', ')}`;
}

function changedFields(
  memory: FeedMemory | undefined,
  said: Record<string, string>,
  takesPassword: boolean,
  statement: Statement,
): string[] {
  const columns = unique([...Object.keys(memory?.fields ?? {}), ...Object.keys(said)]);
  const changed = columns.filter(
    (column) => (memory?.fields[column] ?? '') !== (said[column] ?? '') && column !== 'numbers',
  );
  if ((memory?.fields.numbers ?? '') !== said.numbers && statement.numbers.length > 1) changed.push('other_numbers');
  return takesPassword ? [...changed, 'password_hash'] : changed;
}

// biome-ignore format: a list of words
/** The members whose old and new values the audit log keeps. */
const AUDITED = [
  'givenName', 'familyName', 'userNumbers', 'emails', 'personalEmail', 'phone', 'language', 'claims', 'affiliations',
  'windows', 'groups', 'entitlements', 'orcid', 'heldAddresses', 'proposedAddress',
] as const satisfies (keyof Account)[];

/** Tells what a source changed. Old and new values are personal, so they are sealed for this person (rule 28). */
export function feedAudit(
  action: 'person.created' | 'person.changed',
  before: Account,
  after: Account,
  fields: string[],
  { source, now, sealer, randomBytes, by }: FeedContext,
): EffectInput {
  const valuesOf = (account: Account) => Object.fromEntries(AUDITED.map((member) => [member, account[member]]));
  const values = { ...(action === 'person.created' ? {} : { old: valuesOf(before) }), new: valuesOf(after) };
  return {
    kind: 'audit',
    entry: {
      at: now,
      action,
      actor: by ?? { kind: 'command', id: 'people import' },
      subject: after.id,
      details: { source: source.id, fields: fields.join(' ') },
      sealedValues: sealValues(sealer, after, values as JsonValue, randomBytes),
    },
  };
}

/** Whether any of the person's affiliations goes on. */
const staysOn = ({ affiliations }: Account, today: string) => affiliations.some((each) => goesOn(each, today));

const unique = <Value>(values: Value[]): Value[] => [...new Set(values)];
const sorted = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
