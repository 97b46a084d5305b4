/**
 * Everything that is stored of a person, for that person: one JSON text, made piece by piece, so that a long history takes
 * no memory. Secrets are left out, and what others wrote in confidence.
 */
import type { Account } from '../../domain/account/account.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { givenOf, readable } from '../../domain/account/own-data.ts';
import { openValues } from '../../domain/audit/sealed-audit-values.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ArchiveKind } from '../../domain/ports/archive.ts';
import type { AuditEntry, AuditFilter, AuditLog } from '../../domain/ports/audit-log.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import type { Consents } from '../../domain/ports/consents.ts';
import type { Incidents } from '../../domain/ports/incidents.ts';
import type { Outbox } from '../../domain/ports/outbox.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import { Problem } from '../../domain/problem.ts';
import { isHeldBy } from '../../domain/roles/role.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { knownApplications } from './known-applications.ts';

export type OwnDataPorts = {
  auditLog: Pick<AuditLog, 'page'>;
  clients: Pick<Clients, 'find' | 'list'>;
  consents: Pick<Consents, 'byAccount'>;
  incidents: Pick<Incidents, 'byAccount'>;
  outbox: Pick<Outbox, 'byAccount'>;
  protocolRecords: Pick<ProtocolRecords, 'grantsOf' | 'sessionsOf'>;
  roleGrants: Pick<RoleGrants, 'read'>;
};

export type OwnDataContext = {
  organisations: Organisation[];
  /** as in `Person` of the releasing function */
  domain: string;
  sealer: Pick<Sealer, 'lastingKeys'>;
  /** epoch ms */
  now: number;
  /** sentences at the head of the file: what it is, how long each thing is kept, what is left out */
  about: Record<string, JsonValue>;
};

const AUDIT_PAGE = 200;
/** Emails are stored for a while only, and at most ten an hour can be caused. */
const MOST_EMAILS = 10_000;
const MOST_INCIDENTS = 10_000;

/** In which section each kind of record that is stored stands, or why it stands in none. A new kind has to be placed here. */
export const sectionsOfKinds: Record<ArchiveKind, Section | { none: string }> = {
  accounts: 'account',
  consents: 'consents',
  roleGrants: 'roles',
  sessions: 'sessions',
  protocolRecords: 'applications',
  outbox: 'emails',
  auditLog: 'activity',
  incidents: 'incidents',
  clients: { none: 'of applications; who changed one stands among the acts' },
  clientVersion: { none: 'a number' },
  initialAccessTokens: { none: 'of applications' },
  attempts: { none: 'a count under an HMAC, for a day at most' },
  revokedGrants: { none: 'hashes of identifiers' },
  signingKeys: { none: 'of the installation' },
  values: { none: 'of the installation' },
  leases: { none: 'of the nodes' },
  auditCheckpoints: { none: 'hashes' },
  refusals: { none: 'of applications, without the person' },
  clientUses: { none: 'of applications' },
  webhooks: { none: 'of other systems' },
};
type Section = 'account' | 'consents' | 'roles' | 'sessions' | 'applications' | 'emails' | 'incidents' | 'activity';

/**
 * The pieces of the JSON text, in order.
 * @throws what the storage throws, also between two pieces
 */
export async function* ownData(
  account: Account,
  ports: OwnDataPorts,
  context: OwnDataContext,
): AsyncGenerator<string, void> {
  const { now } = context;
  const of = { organisations: context.organisations, domain: context.domain, now };
  yield `{\n"about": ${json(context.about)},\n"account": ${json(givenOf(account))}`;

  const { grants } = await ports.roleGrants.read();
  yield section(
    'roles',
    grants.filter((grant) => isHeldBy(grant, { kind: 'person', id: account.id })),
  );

  const sessions = await ports.protocolRecords.sessionsOf(account.id);
  yield section('sessions', sessions.map(sessionOf));

  const applications = await knownApplications(account, ports, of);
  const held = await ports.protocolRecords.grantsOf(
    account.id,
    applications.map(({ id }) => id),
    now,
  );
  yield section(
    'applications',
    applications.map(({ logo: _, ...each }) => ({
      ...each,
      grants: held
        .filter(({ clientId }) => clientId === each.id)
        .map(({ iat, refreshes }) => ({ since: (iat ?? 0) * 1000, holdsRefreshToken: refreshes })),
    })),
  );
  yield section('consents', await ports.consents.byAccount(account.id));

  const emails = await ports.outbox.byAccount(account.id, MOST_EMAILS);
  yield section(
    'emails',
    emails
      .filter(({ kind }) => kind === 'letter')
      .map(({ payload: { sealedSecret: _, ...payload }, state, createdAt, finishedAt, lastError }) => {
        return { ...payload, state, createdAt, finishedAt, lastError };
      }),
  );

  const incidents = await ports.incidents.byAccount(account.id, MOST_INCIDENTS);
  yield section(
    'incidents',
    incidents.map(({ account: _, ...incident }) => incident),
  );

  yield ',\n"activity": [';
  yield* entries({ subject: account.id }, (entry) => withValues(entry, account, context), ports);
  yield '],\n"acts": [';
  // What the person did to others, or to applications: whom it was done to is theirs.
  yield* entries(
    { actor: account.id },
    ({ subject, sealedValues: _, ...entry }) => (subject === account.id ? undefined : entry),
    ports,
  );
  yield ']\n}\n';
}

const json = (value: unknown) => JSON.stringify(readable(value as JsonValue), undefined, 1);
const section = (name: Section, values: unknown[]) => `,\n"${name}": ${json(values)}`;

async function* entries(
  filter: AuditFilter,
  told: (entry: AuditEntry) => object | undefined,
  { auditLog }: OwnDataPorts,
): AsyncGenerator<string, void> {
  let separator = '\n';
  for (let before: { at: number; id: string } | undefined; ; ) {
    const page = await auditLog.page(filter, before, AUDIT_PAGE);
    const texts = page.flatMap((entry) => told(entry) ?? []).map((each) => JSON.stringify(readable(each as JsonValue)));
    if (texts.length > 0) yield separator + texts.join(',\n');
    if (texts.length > 0) separator = ',\n';
    const last = page.at(-1);
    if (last === undefined || page.length < AUDIT_PAGE) return;
    before = { at: last.at, id: last.id };
  }
}

/** An entry with the old and new values that are sealed for this person; of somebody else who acted, only in what role. */
function withValues({ sealedValues, ...all }: AuditEntry, account: Account, { sealer }: OwnDataContext) {
  const { network: _, requestId: __, ...others } = all;
  const { id: ___, requestId: ____, ...actor } = all.actor;
  const own = all.actor.kind !== 'person' || all.actor.id === account.id;
  const entry = own ? all : { ...others, actor };
  if (sealedValues === undefined) return entry;
  try {
    return { ...entry, values: openValues(sealer, account, sealedValues) };
  } catch (error) {
    if (error instanceof Problem) return entry; // sealed under a secret that is gone
    throw error;
  }
}

type StoredSession = Awaited<ReturnType<ProtocolRecords['sessionsOf']>>[number];

function sessionOf({ record, expiresAt }: StoredSession) {
  const { loginTs, amr, place, activatedAt, authorizations = {} } = record;
  const since = Number(loginTs) * 1000;
  return { since, expiresAt, amr, place, activatedAt, applications: Object.keys(authorizations) };
}
