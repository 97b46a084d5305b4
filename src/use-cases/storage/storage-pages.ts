/** Reads what a storage holds, kind by kind and page by page. */
import type { ArchiveKind, ArchiveRecords } from '../../domain/ports/archive.ts';
import type { Storage } from '../../domain/ports/storage.ts';

const PAGE = 500; // some megabytes at most, whatever the size of the installation

/** What is of use at `at` (epoch ms), in the order of its key. @throws Problem `storage_damaged` */
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

/** The leases held at `now` (epoch ms), by whomever. */
export async function heldLeases(storage: Storage, now: number): Promise<ArchiveRecords['leases'][]> {
  const held: ArchiveRecords['leases'][] = [];
  for await (const records of pagesOf('leases', storage, now))
    held.push(...records.filter(({ holder, heldUntil }) => holder !== undefined && heldUntil > now));
  return held;
}
