/** Offers a link while nobody who is an owner can sign in, and makes an owner of who follows it, once. */
import { isOpen } from '../../domain/account/account-access.ts';
import { isEmailAddress } from '../../domain/account/email-address.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { reservedKey } from '../../domain/lifecycle/reserved-names.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Values } from '../../domain/ports/values.ts';
import { Problem } from '../../domain/problem.ts';
import { randomId } from '../../domain/random.ts';
import {
  accountOfFirstOwner,
  type FirstOwner,
  type OwnerLink,
  opensLink,
  withNewLink,
} from '../../domain/roles/first-owner.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { newTicket } from '../../domain/tickets/ticket.ts';
import type { Actor } from '../actor.ts';
import { ownersOf } from './authority.ts';
import type { RoleDeps } from './deps.ts';
import { grantRole } from './grant.ts';

type Ports = RoleDeps['ports'] & {
  values: Pick<Values, 'get' | 'replace'>;
  accounts: Pick<Accounts, 'findById' | 'findHolder' | 'insert' | 'replace'>;
};
export type FirstOwnerDeps = Omit<RoleDeps, 'ports'> & { ports: Ports };

/** The stored links, as JSON. */
const LINKS = 'first-owner-links';
const ATTEMPTS = 50;
/** How long the password and second factor may take, in seconds. */
const SETTING_UP_SECONDS = 3600;

const actor: Actor = { kind: 'system', id: 'first owner', name: 'first owner', grants: [], via: 'console' };

/** The key of a new link. Undefined: there is an owner who can sign in. @throws Problem `lost_race` */
export async function offerFirstOwner(deps: FirstOwnerDeps): Promise<string | undefined> {
  const { ports, now, randomBytes } = deps;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await hasOwner(deps)) return undefined;
    const stored = await ports.values.get(LINKS);
    const { key, links } = withNewLink(linksIn(stored), now(), randomBytes);
    if (await ports.values.replace(LINKS, JSON.stringify(links), stored)) return key;
  }
  throw new Problem('lost_race', 'too many nodes offer a link at once', { retryAfterSeconds: 1 });
}

/** Whether a link opens. */
export async function isOffered(key: string, deps: FirstOwnerDeps): Promise<boolean> {
  return opensLink(linksIn(await deps.ports.values.get(LINKS)), key, deps.now()) && !(await hasOwner(deps));
}

export type FirstOwnerFault = 'name' | 'address' | 'address-taken';
export type MadeFirstOwner =
  /** `ticket`: opens the page that sets the password and the second factor */
  { kind: 'made'; ticket: string } | { kind: 'refused'; fault: FirstOwnerFault } | { kind: 'dead' };

/** Makes the account and grants it owner. Of several who have a link at once, one does, and no link opens afterwards. */
export async function makeFirstOwner(
  key: string,
  person: FirstOwner,
  deps: FirstOwnerDeps & { sealer: Sealer },
): Promise<MadeFirstOwner> {
  const { ports, now, randomBytes } = deps;
  if (!(await isOffered(key, deps))) return { kind: 'dead' };
  const address = normalizeLogin(person.address);
  if (person.givenName === '' || person.familyName === '') return { kind: 'refused', fault: 'name' };
  if (!isEmailAddress(address)) return { kind: 'refused', fault: 'address' };
  const names = [address, reservedKey(address, deps.sealer)];
  const holders = await Promise.all(names.map((name) => ports.accounts.findHolder(name)));
  if (holders.some((holder) => holder !== undefined)) return { kind: 'refused', fault: 'address-taken' };
  if (!(await spend(key, deps))) return { kind: 'dead' };

  const id = randomId(randomBytes);
  const { ticket, token } = newTicket(
    { purpose: 'activation', accountId: id, lifetimeSeconds: SETTING_UP_SECONDS, withCode: false },
    deps.sealer,
    now(),
    randomBytes,
  );
  const account = accountOfFirstOwner({ ...person, address }, { id, now: now(), randomBytes });
  await ports.accounts.insert({ ...account, tickets: [ticket] });
  const wanted = { holder: { kind: 'person', id }, role: 'owner', organisations: 'association' } as const;
  const granted = await grantRole(actor, wanted, deps);
  if (granted.kind !== 'granted') throw new TypeError(`the first owner was not made: ${granted.kind}`);
  return { kind: 'made', ticket: token };
}

/** Every link ends with the first that is used. False: another one was faster. */
async function spend(key: string, { ports, now }: FirstOwnerDeps): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await ports.values.get(LINKS);
    if (!opensLink(linksIn(stored), key, now())) return false;
    if (await ports.values.replace(LINKS, '[]', stored)) return true;
  }
  return false;
}

/** Whether an owner can sign in. */
export async function hasOwner({ ports, now }: FirstOwnerDeps): Promise<boolean> {
  const { grants } = await ports.roleGrants.read();
  for (const id of ownersOf(grants)) {
    const account = await ports.accounts.findById(id);
    if (account !== undefined && isOpen(account, now())) return true;
  }
  return false;
}

const linksIn = (stored: string | undefined): OwnerLink[] => (stored === undefined ? [] : JSON.parse(stored));
