/** Finds the sealed values in stored records, with the owner and field each was sealed for (rule 25). */
import type { Account } from '../account/account.ts';
import type { ArchiveKind, ArchiveRecords } from '../ports/archive.ts';
import type { OutboxEntry } from '../ports/outbox.ts';
import { SIGNING_KEY_FIELD } from '../signing-keys/signing-key.ts';
import type { Ticket } from '../tickets/ticket-record.ts';
import { WEBHOOK_FIELD } from '../webhooks/webhook.ts';
import { lastingValues, VALUES_OWNER } from './lasting-key.ts';

export type SealedValue = { sealed: string; owner: string; field: string };

/** Every sealed value of a record, except those of the audit log, which need the account's key (`openValues`). */
export function sealedValuesOf<Kind extends ArchiveKind>(kind: Kind, record: ArchiveRecords[Kind]): SealedValue[] {
  const found: SealedValue[] = [];
  replaceSealedValues(kind, record, (value) => {
    found.push(value);
    return value.sealed;
  });
  return found;
}

/** The record with each of those values replaced by what `replacement` returns. */
export function replaceSealedValues<Kind extends ArchiveKind>(
  kind: Kind,
  record: ArchiveRecords[Kind],
  replacement: (value: SealedValue) => string,
): ArchiveRecords[Kind] {
  const place = places[kind] as Place<Kind> | undefined;
  if (place === undefined) return record;
  return place(record, (holder, member, owner, field) => {
    const sealed = holder[member];
    return typeof sealed === 'string' ? { ...holder, [member]: replacement({ sealed, owner, field }) } : holder;
  });
}

/** Replaces the value of that member, where there is one. */
type Replace = <Holder extends object>(holder: Holder, member: keyof Holder, owner: string, field: string) => Holder;
type Place<Kind extends ArchiveKind> = (record: ArchiveRecords[Kind], replace: Replace) => ArchiveRecords[Kind];

const places: { [Kind in ArchiveKind]?: Place<Kind> } = {
  accounts: inAccount,
  signingKeys: (key, replace) => replace(key, 'sealedPrivateJwk', key.kid, SIGNING_KEY_FIELD),
  values: (value, replace) =>
    lastingValues.some((name) => name === value.name) ? replace(value, 'value', VALUES_OWNER, value.name) : value,
  outbox: (entry, replace): OutboxEntry =>
    entry.accountId === undefined
      ? entry
      : { ...entry, payload: replace(entry.payload, 'sealedSecret', entry.accountId, 'letter') },
  webhooks: (webhook, replace) => ({
    ...webhook,
    secrets: webhook.secrets.map((secret) => replace(secret, 'sealed', webhook.id, WEBHOOK_FIELD)),
  }),
};

function inAccount(account: Account, replace: Replace): Account {
  const { merged } = account;
  return {
    ...account,
    totps: account.totps.map((totp) => replace(totp, 'sealedSeed', account.id, 'totp')),
    tickets: account.tickets.map((ticket) => inTicket(ticket, account.id, replace)),
    effects: account.effects.map((effect) => {
      if (effect.kind === 'part') return { ...effect, account: inAccount(effect.account, replace) };
      if (effect.kind !== 'letter') return effect;
      return { ...effect, letter: replace(effect.letter, 'sealedSecret', account.id, 'letter') };
    }),
    ...(merged?.before === undefined ? {} : { merged: { ...merged, before: inAccount(merged.before, replace) } }),
  };
}

/** The values of an activation or enrolment that wait in the ticket. */
function inTicket(ticket: Ticket, owner: string, replace: Replace): Ticket {
  if (ticket.pending === undefined) return ticket;
  const pending = replace(ticket.pending, 'sealedSeed', owner, 'totp');
  if (pending.enrolment === undefined) return { ...ticket, pending };
  const enrolment = replace(pending.enrolment, 'sealedSeed', owner, 'totp');
  return { ...ticket, pending: { ...pending, enrolment: replace(enrolment, 'sealedCodes', owner, 'recovery-codes') } };
}
