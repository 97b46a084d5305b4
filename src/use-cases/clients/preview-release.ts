/**
 * Says what an application would learn of a person, claim by claim and why, and whether it is open to the person at all: by the
 * function that decides it when tokens are issued, so that the two cannot differ.
 */
import type { Account } from '../../domain/account/account.ts';
import { type AccessRefusal, accessRuleOf, whyNotAllowed } from '../../domain/clients/access-rule.ts';
import {
  type Person,
  type Release,
  type ReleaseMembers,
  release,
  releasingClient,
} from '../../domain/clients/release/release.ts';
import { samplePeople } from '../../domain/clients/sample-people.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { type Actor, may, reachOf } from '../actor.ts';
import { type Denied, deniedTo } from './client-authority.ts';
import { type Edit, type EditFault, type EditPorts, prepare } from './edit-client.ts';

/** `number`: a user number or institution address, or a `sub`. */
export type Previewed = { kind: 'sample'; id: string } | { kind: 'self' } | { kind: 'person'; number: string };
export type PreviewRequest = {
  id: string;
  person: Previewed;
  /** what the application asks; absent: all the scopes that its registration names, and no single claims */
  asked?: { scopes: readonly string[]; claims: readonly string[] };
  /** the registration as it would be after this change, which nobody stores */
  draft?: Edit['change'];
};
export type Preview =
  | {
      kind: 'preview';
      client: ClientRecord;
      /** name and user number of whom it is about */
      person: { name: string; number: string | undefined; sample: boolean };
      scopes: readonly string[];
      /** why the person may not use it, whatever it would learn; undefined: he or she may */
      closed: AccessRefusal | undefined;
      idToken: Release[];
      userinfo: Release[];
    }
  | { kind: 'unknown-person' }
  | { kind: 'refused'; faults: EditFault[] }
  | Denied;

export type PreviewPorts = EditPorts &
  Pick<Person, 'organisations' | 'domain' | 'pairwise'> & {
    accounts: Pick<Accounts, 'findById' | 'findHolder'>;
  };

/** As if the person consented to all that is asked. */
export async function previewRelease(actor: Actor, request: PreviewRequest, ports: PreviewPorts): Promise<Preview> {
  const stored = await ports.clients.find(request.id);
  // who looks after people need not see applications
  const ofPeople = request.person.kind === 'person' && reachOf(actor, 'preview:people').length > 0;
  const denied = ofPeople ? undefined : deniedTo(actor, 'clients:read', stored);
  if (denied !== undefined || stored === undefined) return denied ?? { kind: 'not-found' };
  const found = await accountFor(actor, stored, request.person, ports);
  if ('kind' in found) return found;
  const drafted = request.draft === undefined ? { record: stored } : await drawn(actor, stored, request.draft, ports);
  if ('kind' in drafted) return drafted;
  const { account, sample } = found;
  const { metadata } = drafted.record;
  const client = releasingClient(metadata as ReleaseMembers);
  const { scopes, claims } = request.asked ?? { scopes: [...client.scopes], claims: [] };
  const { organisations, domain, pairwise } = ports;
  const person: Person = { account, organisations, domain, pairwise, now: ports.now() };
  const asked = { scopes, claims, consent: { scopes: client.scopes, claims: client.allowed } };
  return {
    kind: 'preview',
    client: drafted.record,
    person: { name: `${account.givenName} ${account.familyName}`.trim(), number: account.userNumbers[0], sample },
    scopes,
    closed: whyNotAllowed(accessRuleOf(metadata), account, ports.now()),
    idToken: release(client, person, asked, 'id_token'),
    userinfo: release(client, person, asked, 'userinfo'),
  };
}

/** Nothing is fetched for a draft, and nothing stored. */
async function drawn(actor: Actor, stored: ClientRecord, change: Edit['change'], ports: EditPorts) {
  const denied = deniedTo(actor, 'clients:write', stored);
  return denied ?? prepare(actor, stored, { change, changeSubjects: true }, { ...ports, fetchLogo: undefined });
}

type Found = { account: Account; sample: boolean };

async function accountFor(
  actor: Actor,
  client: ClientRecord,
  wanted: Previewed,
  { accounts, organisations }: Pick<PreviewPorts, 'accounts' | 'organisations'>,
): Promise<Found | { kind: 'unknown-person' } | Denied> {
  if (wanted.kind !== 'person') {
    const own = deniedTo(actor, 'preview:self', client);
    if (own !== undefined) return own;
  }
  const sample = samplePeople(organisations).find(({ id }) => wanted.kind === 'sample' && id === wanted.id);
  if (sample !== undefined) return { account: sample.account, sample: true };
  if (wanted.kind === 'sample') return { kind: 'unknown-person' };
  const account =
    wanted.kind === 'self'
      ? await (actor.kind === 'person' ? accounts.findById(actor.id) : undefined)
      : ((await accounts.findHolder(wanted.number.trim().toLowerCase())) ?? (await accounts.findById(wanted.number)));
  if (wanted.kind === 'self') return found(account);
  if (isOneself(actor, account) && deniedTo(actor, 'preview:self', client) === undefined) return found(account);
  if (may(actor, 'preview:any', undefined) === 'yes') return found(account);
  // whoever may not look at people learns nothing of who is known
  const theirs = account?.affiliations.map(({ organisation }) => organisation) ?? [];
  return theirs.some((organisation) => may(actor, 'preview:people', organisation) === 'yes')
    ? found(account)
    : { kind: 'not-allowed' };
}

const isOneself = (actor: Actor, account: Account | undefined) => actor.kind === 'person' && actor.id === account?.id;

const found = (account: Account | undefined): Found | { kind: 'unknown-person' } =>
  account === undefined ? { kind: 'unknown-person' } : { account, sample: false };
