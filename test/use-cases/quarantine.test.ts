/** What an import refused while it was applied is among the rows to mend, also where the application was broken off. */
import { expect, test } from '@jest/globals';
import type { ImportRecord } from '../../src/domain/ports/imports.ts';
import { quarantineLater, refusedText } from '../../src/use-cases/import/quarantine.ts';

const reason = 'is taken';
const refused = (person: string) => ({ outcome: 'refused' as const, person, line: 0, column: 'number', reason });

/** A plan that took people of two rows each, p0 at the lines 2 and 3, and of whom each third had another row refused. */
function planOf(count: number) {
  const kept = new Map<string, string>();
  const put = async (_: string, kind: string, number: number, text: string) => void kept.set(`${kind} ${number}`, text);
  const people = Array.from({ length: count }, (_, index) => ({
    person: `p${index}`,
    records: [0, 1].map((row) => ({ line: 2 + 2 * index + row, original: [`p${index}`, `role ${row}`] })),
  }));
  kept.set('records 0', JSON.stringify(people.slice(0, 200)));
  kept.set('records 1', JSON.stringify(people.slice(200)));
  const before = people
    .filter((_, index) => index % 3 === 0)
    .flatMap(({ records: [one, other] }) => [
      { ...one, reason: '' },
      { ...other, reason: 'role must be one of staff' },
    ]);
  kept.set('refused 0', JSON.stringify([['person', 'role'], ...before]));
  const record = { id: 'x', kind: 'csv' as const, parts: { people: 2, records: 2, report: 1, refused: 1 } };
  const progress = async () => ({ done: 2, waiting: '[]', refused: kept.get('progress') ?? '[]' });
  const imports = {
    part: async (_: string, kind: string, n: number) => kept.get(`${kind} ${n}`),
    putPart: put,
    progress,
  };
  const text = async (more: Partial<ImportRecord> = {}) =>
    (await Array.fromAsync(refusedText({ ...record, ...more }, imports))).join('').split('\r\n').slice(1, -1);
  return { kept, record, imports, text };
}

test('all rows of a person are set aside, once, and keep the reason that they had', async () => {
  const { kept, record, imports, text } = planOf(300);
  const events = Array.from({ length: 300 }, (_, index) => refused(`p${index}`));
  const parts = { ...record.parts, refused: await quarantineLater(record, events, imports) };
  const rows = await text({ parts, appliedAt: 1 });
  expect(rows).toHaveLength(600);
  expect(new Set(rows.map((row) => row.split(',')[2])).size).toBe(600);
  expect(rows).toEqual(
    expect.arrayContaining([
      'p0,role 0,2,number is taken',
      'p0,role 1,3,role must be one of staff',
      'p1,role 1,5,number is taken',
      'p299,role 0,600,number is taken',
    ]),
  );
  const after = new Map(kept);
  expect(await quarantineLater(record, events, imports)).toBe(parts.refused);
  expect(kept).toEqual(after);
});

test('are told of an application that was broken off, and of nobody whom it took', async () => {
  const { kept, text } = planOf(3);
  const before = await text();
  expect(before.map((row) => row.split(',')[0])).toEqual(['p0', 'p0']);
  kept.set('progress', JSON.stringify([refused('p1'), { ...refused(''), person: undefined }]));
  expect(await text()).toEqual([...before, 'p1,role 0,4,number is taken', 'p1,role 1,5,number is taken']);
});
