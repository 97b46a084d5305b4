/**
 * Tells the contacts of an application 30, 7 and 1 days before one of its secrets expires: each address once, whatever nodes
 * look and whatever dies; and operators once a day in the log, and in `/readyz`.
 */

import { createHash } from 'node:crypto';
import { dayAt } from '../domain/account/affiliation.ts';
import { isEmailAddress } from '../domain/account/email-address.ts';
import type { Email } from '../domain/account/emails.ts';
import type { Language } from '../domain/account/languages.ts';
import { letterItem } from '../domain/account/letter-item.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { nameOfClient, ownerOf } from '../domain/clients/client-owner.ts';
import { type EndingSecret, secretsEnding, warningDue } from '../domain/clients/client-secrets.ts';
import { isExpired, isPending } from '../domain/clients/client-validity.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { JobLog } from './log.ts';

const PAGE = 500;
/** Who registers an application may name many; so many are told. */
const MOST_CONTACTS = 10;
/** The day (`YYYY-MM-DD`) on which a node told it last. */
const TOLD = 'secret-ends-told';

export type SecretWarningsDeps = {
  storage: Pick<Storage, 'clients' | 'clientUses' | 'outbox' | 'values'> & {
    accounts: Pick<Storage['accounts'], 'findByLogin'>;
  };
  organisations: Organisation[];
  /** for contacts of whom no account says which language they read */
  defaultLanguage: Language;
  now: () => number;
  log: JobLog;
};

export type SecretWarnings = {
  /** Reads every registration. @returns how many emails are new in the outbox. @throws what the storage throws */
  check(goOn?: () => boolean): Promise<number>;
  /** What an operator should know; undefined: nothing. As of the last check. */
  notice(): string | undefined;
};

type Ending = EndingSecret & { client: ClientRecord };

export function warnOfSecrets({
  storage,
  organisations,
  defaultLanguage,
  now,
  log,
}: SecretWarningsDeps): SecretWarnings {
  const { clients, clientUses, outbox, values, accounts } = storage;
  let soon = 0;

  async function readEnding(goOn: () => boolean): Promise<Ending[] | undefined> {
    const found: Ending[] = [];
    for (let after: string | undefined; ; ) {
      if (!goOn()) return undefined;
      const page = await clients.list(after, PAGE);
      for (const client of page)
        if (!isPending(client) && !isExpired(client, now()))
          found.push(...secretsEnding(client, now()).map((each) => ({ ...each, client })));
      after = page.at(-1)?.id;
      if (page.length < PAGE) return found;
    }
  }

  /** @returns how many addresses are told now */
  async function warn(ending: Ending): Promise<number> {
    const { client, secret } = ending;
    const uses = await clientUses.of([client.id]);
    const used = uses.find(({ of }) => of === secret.id)?.hour;
    let put = 0;
    for (const to of contactsOf(client, organisations)) {
      const language = (await accounts.findByLogin(to.toLowerCase()))?.language ?? defaultLanguage;
      const email = emailOf(ending, { to, language, used, organisations });
      const about = { id: letterId(ending, to, now()), createdAt: now() };
      const stored = await outbox.put(letterItem({ ...email, expiresAt: secret.expiresAt }, about));
      if (stored) put += 1;
    }
    return put;
  }

  /** Of nodes that look at the same moment one tells. */
  async function isFirstToday(): Promise<boolean> {
    const today = dayAt(now());
    const told = await values.get(TOLD);
    return told !== today && (await values.replace(TOLD, today, told));
  }

  return {
    async check(goOn = () => true) {
      const ending = await readEnding(goOn);
      if (ending === undefined) return 0;
      soon = ending.length;
      let put = 0;
      for (const each of ending) put += await warn(each);
      if (soon === 0 || !(await isFirstToday())) return put;
      for (const { client, secret } of ending) {
        const fields = { client: client.id, secret: secret.id, name: secret.name };
        const contacts = contactsOf(client, organisations).length;
        const expires = new Date(secret.expiresAt).toISOString();
        log.warn({ ...fields, expires, contacts }, 'a secret of an application expires soon');
      }
      return put;
    },
    notice: () =>
      soon === 0
        ? undefined
        : `${soon} of the secrets of applications expire within 30 days: see the log, and pedel clients secret list`,
  };
}

/** Those of its registration (RFC 7591, 2); where it names none, those of its organisation. */
export function contactsOf(client: Pick<ClientRecord, 'metadata' | 'origin'>, all: Organisation[]): string[] {
  const { metadata } = client;
  const own = Array.isArray(metadata.contacts) ? metadata.contacts : [];
  const organisation = all.find(({ id }) => id === organisationOf(client));
  const addresses = own.length > 0 ? own : (organisation?.contacts.map(({ email }) => email) ?? []);
  const usable = addresses.filter((each) => typeof each === 'string').filter(isEmailAddress);
  return [...new Map(usable.map((each) => [each.toLowerCase(), each])).values()].slice(0, MOST_CONTACTS);
}

function organisationOf(client: Pick<ClientRecord, 'metadata' | 'origin'>): string | undefined {
  return ownerOf(client) ?? (client.origin?.kind === 'registration' ? client.origin.organisation : undefined);
}

function emailOf(
  { client, secret }: Ending,
  {
    to,
    language,
    used,
    organisations,
  }: { to: string; language: Language; used: number | undefined; organisations: Organisation[] },
): Email {
  return {
    template: 'secret-ends',
    to,
    language,
    organisation: organisationOf(client) ?? organisations[0]?.id ?? '',
    givenName: '',
    data: {
      application: nameOfClient(client, language),
      client: client.id,
      secret: secret.name ?? '',
      // the last moment counts: one that ends at midnight is of the day before
      day: dayAt(secret.expiresAt - 1),
      used: used === undefined ? '' : dayAt(used),
    },
    expiresAt: secret.expiresAt,
  };
}

/** The same for one address, secret and warning, so that the outbox keeps one. */
function letterId(ending: Ending, to: string, now: number): string {
  const what = JSON.stringify([ending.client.id, ending.secret.id, warningDue(ending, now), to.toLowerCase()]);
  return `secret-ends:${createHash('sha256').update(what).digest('hex').slice(0, 32)}`;
}
