/**
 * Deletes the applications that a file looked after and names no more, with 30 days' way back. Those of other files, and those
 * that nothing looks after, are never touched.
 */
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { Actor } from '../actor.ts';
import { type EndPorts, endClient, REMOVED_AFTER_DAYS } from './end-client.ts';

/** `removeAt`: epoch ms */
export type PrunedClient = { client: string; removeAt: number };
export type PrunePorts = EndPorts & { clients: Pick<Clients, 'find' | 'put' | 'list'> };

const PAGE = 500;
const DAY_MS = 86_400_000;

/** @param wanted `named`: every application that the file names, refused ones too @throws Problem `lost_race` */
export async function pruneClients(
  actor: Actor,
  { managedBy, named, dryRun }: { managedBy: string; named: ReadonlySet<string>; dryRun: boolean },
  ports: PrunePorts,
): Promise<PrunedClient[]> {
  const gone: PrunedClient[] = [];
  const goes = ({ id, metadata, disabled }: ClientRecord) =>
    metadata.pedel_managed_by === managedBy && !named.has(id) && disabled?.removeAt === undefined;
  for (let after: string | undefined; ; ) {
    const page = await ports.clients.list(after, PAGE);
    for (const record of page.filter(goes)) {
      const ended = dryRun ? { kind: 'done' as const, record } : await endAsItIs(actor, record, goes, ports);
      if (ended.kind === 'done')
        gone.push({
          client: record.id,
          removeAt: ended.record.disabled?.removeAt ?? ports.now() + REMOVED_AFTER_DAYS * DAY_MS,
        });
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return gone;
  }
}

/** Who changes it meanwhile may have taken it from the file. */
async function endAsItIs(
  actor: Actor,
  record: ClientRecord,
  goes: (record: ClientRecord) => boolean,
  ports: PrunePorts,
): ReturnType<typeof endClient> {
  for (let seen = record; ; ) {
    const ended = await endClient(actor, { id: seen.id, revision: seen.revision, act: 'delete' }, ports);
    if (ended.kind !== 'stale') return ended;
    if (!goes(ended.current)) return { kind: 'unchanged', record: ended.current };
    seen = ended.current;
  }
}
