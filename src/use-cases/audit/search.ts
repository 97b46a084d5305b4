/** Searches the audit log as far as somebody may read it: all of it, what concerns one's own organisations, or one's own acts. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { AuditEntry, AuditFilter, AuditLog } from '../../domain/ports/audit-log.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import { type Actor, reachOf } from '../actor.ts';

/** Where a page goes on: the last entry that was looked at. */
export type AuditPlace = { at: number; id: string };
type Reach = 'association' | string[];
export type AuditPorts = {
  auditLog: Pick<AuditLog, 'page'>;
  accounts: Pick<Accounts, 'findById'>;
  clients: Pick<Clients, 'find'>;
};

const READ = 200;
/** Entries that one request looks at where most are another's; then the page says that there may be more. */
const MOST_LOOKED_AT = 2000;

/** Sealed values are never part of it. `next`: there may be more. */
export type AuditFound = { entries: AuditEntry[]; next?: AuditPlace };

export async function searchAudit(
  actor: Actor,
  { filter, before, limit }: { filter: AuditFilter; before?: AuditPlace | undefined; limit: number },
  ports: AuditPorts,
): Promise<AuditFound> {
  const sees = sightOf(actor, ports);
  const entries: AuditEntry[] = [];
  let place = before;
  for (let looked = 0; looked < MOST_LOOKED_AT; ) {
    const page = await ports.auditLog.page(filter, place, READ);
    for (const { sealedValues: _, ...entry } of page) {
      place = { at: entry.at, id: entry.id };
      if (await sees(entry)) entries.push(entry);
      if (entries.length === limit) return { entries, next: place };
    }
    looked += page.length;
    if (page.length < READ) return { entries };
  }
  return { entries, ...(place === undefined ? {} : { next: place }) };
}

/** Whether `actor` may read an entry; what is read to decide it is read once. */
function sightOf(actor: Actor, { accounts, clients }: Omit<AuditPorts, 'auditLog'>) {
  const everything = reachOf(actor, 'audit:read') === 'association';
  const reach = (one: Reach, other: Reach): Reach =>
    one === 'association' || other === 'association' ? 'association' : [...one, ...other];
  const whole = reachOf(actor, 'audit:read');
  const ofClients = reach(whole, reachOf(actor, 'audit:of-clients'));
  const ofPeople = reach(whole, reachOf(actor, 'audit:of-people'));
  const known = new Map<string, Promise<string[]>>();
  const organisationsOf = (key: string, read: () => Promise<string[]>) => {
    const asked = known.get(key) ?? read();
    known.set(key, asked);
    return asked;
  };
  const covers = (held: Reach, organisations: string[]) =>
    held === 'association' || organisations.some((each) => held.includes(each));

  return async ({ actor: who, client, subject }: AuditEntry): Promise<boolean> => {
    if (everything) return true;
    if (who.id === actor.id && who.kind === actor.kind) return true;
    if (client !== undefined && subject === undefined && ofClients.length > 0) {
      const owner = await organisationsOf(`client ${client}`, async () => {
        const found = await clients.find(client);
        const organisation = found && ownerOf(found);
        return organisation === undefined ? [] : [organisation];
      });
      if (covers(ofClients, owner)) return true;
    }
    if (subject === undefined || ofPeople.length === 0) return false;
    const homes = await organisationsOf(`person ${subject}`, async () =>
      ((await accounts.findById(subject))?.affiliations ?? []).map(({ organisation }) => organisation),
    );
    return covers(ofPeople, homes);
  };
}
