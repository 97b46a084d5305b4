/** Reads the records of a storage kind by kind and page by page. */
import type { ArchiveKind, ArchiveRecords } from '../../domain/ports/archive.ts';
import type { Storage } from '../../domain/ports/storage.ts';

const PAGE = 500; // a few megabytes at most, whatever the size of the installation

/** The records of a kind that have not expired at `at` (epoch ms). @throws Problem `storage_damaged` */
export async function* pagesOf<Kind extends ArchiveKind>(
  kind: Kind,
  { archive }: Storage,
  at: number,
): AsyncGenerator<ArchiveRecords[Kind][]> {
  for (let after: string | undefined; ; ) {
    const { records, next } = await archive.page(kind, at, after, PAGE);
    yield records;
    if (next === undefined) return;
    after = next;
  }
}

/** All leases that are held at `now` (epoch ms). @throws Problem `storage_damaged` */
export async function heldLeases(storage: Storage, now: number): Promise<ArchiveRecords['leases'][]> {
  const held: ArchiveRecords['leases'][] = [];
  for await (const records of pagesOf('leases', storage, now))
    held.push(...records.filter(({ holder, heldUntil }) => holder !== undefined && heldUntil > now));
  return held;
}
