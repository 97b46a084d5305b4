/** Sums up the audit entries that are in no chain, as versions before the chain wrote them. */
import { canonicalHash, NO_HASH } from '../../domain/audit/audit-chain.ts';
import type { LooseEntries } from '../../domain/audit/audit-checkpoint.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';

const PAGE = 500;

/** @param each called for each entry @returns their number, and one hash over all of them, oldest first */
export async function looseIn(
  auditLog: Pick<AuditLog, 'loose'>,
  span: { from: number; to: number },
  each: () => void = () => undefined,
): Promise<LooseEntries> {
  let count = 0;
  let hash = NO_HASH;
  for (let after: { at: number; id: string } | undefined; ; ) {
    const page = await auditLog.loose(span, after, PAGE);
    for (const { entry } of page) {
      hash = canonicalHash({ entry: entry ?? null, previousHash: hash });
      count += 1;
      each();
    }
    after = page.at(-1);
    if (page.length < PAGE || after === undefined) return { ...span, count, hash };
  }
}
