/** What applications know and hold of a person, as that person sees it, and how the person takes it back (rules 16, 32). */
import type { Account } from '../../domain/account/account.ts';
import { inEveryLanguage, type Localized } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { logoOf } from '../../domain/clients/client-logo.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { type ReleaseMembers, release, released, releasingClient } from '../../domain/clients/release/release.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientLogo, ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { Consent, Consents } from '../../domain/ports/consents.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';

export type KnownApplication = {
  id: string;
  name: Localized;
  logo?: ClientLogo;
  /** epoch ms of the last consent; absent: one of the association, which asks for none, or one that holds a token only */
  consentedAt?: number;
  /** a session of the person is signed in to it now */
  signedIn: boolean;
  /** it can go on without the person, because it has a refresh token that outlives a session */
  holds: boolean;
  /** the personal claims that it is told, by the releasing function, if it asks for all that it may have */
  told: string[];
};

type Ports = {
  clients: Pick<Clients, 'find' | 'list'>;
  consents: Pick<Consents, 'byAccount'>;
  protocolRecords: Pick<ProtocolRecords, 'grantsOf' | 'sessionsOf'>;
};

const CLIENTS_PAGE = 500;

/**
 * Every application that the person consented to, is signed in to, or that holds a token: by name in the person's language.
 * `now` in epoch ms; `domain`: as in `Person` of the releasing function.
 * @throws what the storage throws
 */
export async function knownApplications(
  account: Account,
  ports: Ports,
  { organisations, domain, now }: { organisations: Organisation[]; domain: string; now: number },
): Promise<KnownApplication[]> {
  const consents = new Map((await ports.consents.byAccount(account.id)).map((each) => [each.clientId, each]));
  const signedIn = new Set<string>();
  for (const { record, expiresAt } of await ports.protocolRecords.sessionsOf(account.id))
    for (const [id, { sid }] of Object.entries(record.authorizations ?? {}))
      if (expiresAt > now && typeof sid === 'string') signedIn.add(id); // without one it was taken back
  const holding = await holders(account.id, ports, now);
  const ids = new Set([...consents.keys(), ...signedIn, ...holding]);
  ids.delete(ownClientId);
  const known: KnownApplication[] = [];
  for (const id of ids) {
    const client = await ports.clients.find(id);
    if (client === undefined) continue;
    const consent = consents.get(id);
    // a consent to a client of that id that was removed since is none to this one
    const given = consent !== undefined && consent.givenAt >= client.createdAt ? consent : undefined;
    const logo = logoOf(client);
    known.push({
      id,
      name: nameOf(client),
      ...(logo === undefined ? {} : { logo }),
      ...(given === undefined ? {} : { consentedAt: given.givenAt }),
      signedIn: signedIn.has(id),
      holds: holding.has(id),
      told: toldTo(client, given, { account, organisations, domain, now }),
    });
  }
  const { language } = account;
  return known.sort((a, b) => a.name[language].localeCompare(b.name[language], language));
}

/** The clients that have a refresh token of the person. */
async function holders(accountId: string, { clients, protocolRecords }: Ports, now: number): Promise<Set<string>> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await clients.list(after, CLIENTS_PAGE);
    for (const { id, metadata } of page)
      if ((metadata.grant_types as string[] | undefined)?.includes('refresh_token')) ids.push(id);
    after = page.at(-1)?.id;
    if (page.length < CLIENTS_PAGE) break;
  }
  const grants = await protocolRecords.grantsOf(accountId, ids, now);
  return new Set(grants.filter(({ refreshes }) => refreshes).map(({ clientId }) => clientId));
}

function toldTo(
  { metadata }: ClientRecord,
  consent: Consent | undefined,
  person: { account: Account; organisations: Organisation[]; domain: string; now: number },
): string[] {
  const client = releasingClient(metadata as ReleaseMembers);
  const ofHouse = metadata.pedel_first_party === true;
  if (!ofHouse && consent === undefined) return [];
  const scopes = ofHouse || consent === undefined ? client.scopes : new Set(consent.scopes);
  const claims = ofHouse || consent === undefined ? client.allowed : new Set(consent.claims);
  const shown = consent?.shown;
  const unshown = new Set(
    ofHouse || shown === undefined ? [] : [...client.allowed].filter((each) => !shown.includes(each)),
  );
  const asked = { scopes: [...client.scopes], claims: [], consent: { scopes, claims, unshown } };
  const told = release(client, { ...person, pairwise: () => '' }, asked, 'userinfo');
  return Object.keys(released(told)).filter((claim) => claim !== 'sub');
}

function nameOf({ id, metadata }: ClientRecord): Localized {
  const text = (member: string) => (typeof metadata[member] === 'string' ? metadata[member] : undefined);
  const name = text('client_name') ?? id;
  return inEveryLanguage((language) => text(`client_name#${language}`) ?? name);
}

/**
 * The person takes back what was allowed to an application: consent, grants, tokens and its part of each session end, and it is
 * told. One entry of the audit log, whichever of it there was. Done again after a crash it ends what is left.
 * @returns false: there was nothing
 * @throws what the storage throws
 */
export async function takeBack(
  accountId: string,
  clientId: string,
  deps: {
    consents: Pick<Consents, 'remove'>;
    /** @see Withdrawal of the protocol */
    withdraw(clientId: string, accountId: string, because: 'consent-missing', entry: ChangeEntry): Promise<boolean>;
    now: () => number;
    randomBytes: RandomBytes;
  },
): Promise<boolean> {
  const entry: ChangeEntry = {
    id: randomId(deps.randomBytes),
    at: deps.now(),
    action: 'access.withdrawn',
    actor: { kind: 'person', id: accountId },
    subject: accountId,
    client: clientId,
    details: { because: 'taken-back' },
  };
  // first what tells the application; the same entry twice is kept once
  const withdrawn = await deps.withdraw(clientId, accountId, 'consent-missing', entry);
  const removed = await deps.consents.remove(accountId, clientId, entry);
  return withdrawn || removed;
}
