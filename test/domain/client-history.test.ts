import { expect, test } from '@jest/globals';
import { historyAfter, MOST_BYTES, MOST_REVISIONS, statesOf } from '../../src/domain/clients/client-history.ts';
import type { ClientRecord, ClientRevision } from '../../src/domain/ports/clients.ts';

const record = (
  revision: number,
  metadata: ClientRecord['metadata'],
  more: Partial<ClientRecord> = {},
): ClientRecord => ({
  id: 'toledo',
  revision,
  metadata,
  secrets: [],
  createdAt: 1,
  updatedAt: revision,
  ...more,
});

function historyOf(records: ClientRecord[]): ClientRevision[] {
  return records.reduce<ClientRevision[]>(
    (history, each, index) => historyAfter(history, records[index - 1], each, undefined),
    [],
  );
}

test('every revision is brought back from the history as it was', () => {
  const records = [
    record(1, { client_name: 'A', scope: 'openid' }),
    record(2, { client_name: 'B', __proto__: null, scope: 'openid', contacts: ['a@b.c'] }, { validUntil: 86_400_000 }),
    record(3, { scope: 'openid email', contacts: ['a@b.c', 'd@e.f'] }, { disabled: { at: 5 } }),
    record(4, { scope: 'openid email' }, { validUntil: 5 }),
  ];
  const last = records[3] as ClientRecord;
  expect(statesOf(last, historyOf(records))).toEqual(
    records.toReversed().map(({ revision, metadata, validUntil }) => ({
      revision,
      metadata,
      ...(validUntil === undefined ? {} : { validUntil }),
    })),
  );
});

test('nothing is brought back over a revision that another version wrote, or whose values were too large', () => {
  const records = [1, 2, 3, 4].map((each) => record(each, { client_name: `${each}` }));
  const last = records[3] as ClientRecord;
  const history = historyOf(records);
  const gap = history.filter(({ revision }) => revision !== 3);
  expect(statesOf(last, gap).map(({ revision }) => revision)).toEqual([4, 3]);
  const unnoted = history.slice(0, 3);
  expect(statesOf(last, unnoted).map(({ revision }) => revision)).toEqual([4]);
  const large = historyOf([...records, record(5, { client_name: 'x'.repeat(MOST_BYTES) })]);
  expect(large.at(-1)).toEqual({ revision: 5, at: 5, changes: [{ member: 'client_name' }], withoutValues: true });
  expect(statesOf(record(5, {}), large).map(({ revision }) => revision)).toEqual([5]);
});

test('a history has an end: as many revisions and bytes as there is room for, the newest of them', () => {
  const many = Array.from({ length: MOST_REVISIONS + 5 }, (_, index) => record(index + 1, { scope: `${index}` }));
  const kept = historyOf(many);
  expect([kept.length, kept[0]?.revision]).toEqual([MOST_REVISIONS, 6]);
  const wide = Array.from({ length: 9 }, (_, index) => record(index + 1, { scope: `${index}`.repeat(MOST_BYTES / 8) }));
  const fewer = historyOf(wide);
  expect(fewer.length).toBeLessThan(5);
  expect(JSON.stringify(fewer).length).toBeLessThan(MOST_BYTES + 100);
  expect(fewer.at(-1)?.revision).toBe(9);
});
