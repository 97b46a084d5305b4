/** The port for what applications were refused, for the people who run them: hints, of which a few may be lost. */
import type { NotedRefusal, RefusalRecord } from '../clients/refusals/refusal.ts';

export type Refusals = {
  /**
   * Counts what is known already, and adds what is new while its hour has room (`slotsFor`); what it has no room for is
   * counted as `further`. Of one application the `MOST_KEPT` that happened last stay. After a failure a part may be
   * stored, so a second try may count it twice.
   */
  add(noted: readonly NotedRefusal[]): Promise<void>;
  /**
   * Newest first, by (lastAt, id): of one application, of requests that name none (`unknown`), or of all. `before`: the
   * last one of the page before.
   */
  page(
    of: { client: string } | 'unknown' | 'all',
    before: { lastAt: number; id: string } | undefined,
    limit: number,
  ): Promise<RefusalRecord[]>;
};
