/** The association's own applications that have a page to go to: what somebody who has just become active is shown. */
import type { Localized } from '../domain/organisation.ts';
import type { Clients } from '../domain/ports.ts';
import { clientNameOf, isFirstParty } from './client-metadata.ts';

const AT_ONCE = 200;

/** By name. Read from the database each time: activations are rare, and nobody waits for a cache. */
export async function applicationsToGoTo(clients: Pick<Clients, 'list'>): Promise<{ name: Localized; uri: string }[]> {
  const found: { name: Localized; uri: string }[] = [];
  for (let after: string | undefined; ; ) {
    const records = await clients.list(after, AT_ONCE);
    for (const { id, metadata } of records) {
      const { client_name: clientName, client_uri: uri } = metadata;
      if (!isFirstParty(metadata) || typeof uri !== 'string') continue;
      const plain = typeof clientName === 'string' ? clientName : undefined;
      found.push({ name: clientNameOf({ ...metadata, clientId: id, clientName: plain }), uri });
    }
    after = records.at(-1)?.id;
    if (records.length < AT_ONCE) break;
  }
  return found.sort((a, b) => a.name.en.localeCompare(b.name.en));
}
