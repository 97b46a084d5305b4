/** The MongoDB in memory: with indexes it answers what it answers without them, and without reading a whole collection. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Collection, Document, IndexDescription, Sort } from 'mongodb';
import { quickMongodb, testMongodb } from '../support/mongodb.ts';

const indexes: IndexDescription[] = [
  { key: { a: 1 }, name: 'one field' },
  { key: { a: 1, b: -1 }, name: 'two directions' },
  { key: { b: 1, c: 1, _id: 1 }, name: 'three fields' },
  { key: { several: 1, _id: 1 }, name: 'several values' },
  { key: { c: 1 }, name: 'sparse', sparse: true },
  { key: { a: -1, _id: -1 }, name: 'partial', partialFilterExpression: { c: { $exists: true } } },
  { key: { b: 1, _id: 1 }, name: 'of one value', partialFilterExpression: { a: 'a' } },
  { key: { 'in.it': 1 }, name: 'within' },
  { key: { only: 1 }, name: 'unique', unique: true, sparse: true },
];

type Stored = Document & { _id: string };

if (quickMongodb === undefined) describe.skip('a MongoDB in memory', () => test('there is none', () => undefined));
else {
  const { newUri, databaseOf } = testMongodb(quickMongodb);

  describe('indexes of the MongoDB for the tests', () => {
    const draw = drawing(20261201);
    let plain: Collection<Stored>;
    let indexed: Collection<Stored>;
    const both = (act: (each: Collection<Stored>) => Promise<unknown>) => Promise.all([act(plain), act(indexed)]);

    beforeAll(async () => {
      const db = databaseOf(newUri());
      plain = db.collection('plain');
      indexed = db.collection('indexed');
    });

    test('change no answer', async () => {
      const documents = Array.from({ length: 120 }, (_, n): Stored => ({ _id: `k${n % 7}-${n}`, ...draw.document(n) }));
      await indexed.createIndexes(indexes.slice(0, 4));
      await both((each) => each.insertMany(documents.slice(0, 60)));
      await indexed.createIndexes(indexes); // of what is there
      await both((each) => each.insertMany(documents.slice(60)));
      for (const { _id } of documents.slice(40, 80)) {
        const change = draw.change();
        await both((each) => (change === undefined ? each.deleteOne({ _id }) : each.updateOne({ _id }, change)));
      }
      for (let asked = 0; asked < 300; asked += 1) {
        const { filter, sort, skip, limit } = draw.question();
        const answer = async (each: Collection<Stored>) => ({
          found: await each.find(filter).sort(sort).skip(skip).limit(limit).toArray(),
          count: await each.countDocuments(filter),
          some: (await each.find(filter).limit(3).toArray()).length,
        });
        const [expected, answered] = await both(answer);
        expect({ filter, sort, skip, limit, answered }).toEqual({ filter, sort, skip, limit, answered: expected });
      }
    });

    test('keep what is unique, also among several values', async () => {
      await indexed.insertMany([{ _id: 'one', only: ['x', 'y'] }, { _id: 'none' }, { _id: 'neither' }]);
      await expect(indexed.insertOne({ _id: 'two', only: ['z', 'y'] })).rejects.toMatchObject({ code: 11000 });
      await expect(indexed.insertOne({ _id: 'one' })).rejects.toMatchObject({ code: 11000 });
      await indexed.updateOne({ _id: 'one' }, { $set: { only: ['x', 'z'] } });
      await indexed.insertOne({ _id: 'two', only: ['y'] });
      await expect(indexed.updateOne({ _id: 'two' }, { $set: { only: 'z' } })).rejects.toMatchObject({ code: 11000 });
    });

    test('answer many times faster than the whole collection does', async () => {
      const many = Array.from({ length: 10_000 }, (_, n): Stored => ({ _id: `m${n}`, a: `n${n}`, several: [n, -n] }));
      await both((each) => each.insertMany(many));
      const questions: ((each: Collection<Stored>) => Promise<unknown>)[] = [
        (each) =>
          each
            .find({ a: { $gt: 'n5', $lt: 'n6' } })
            .sort({ a: 1 })
            .limit(5)
            .toArray(),
        (each) => each.find({ several: { $elemMatch: { $gt: 70, $lt: 75 } } }).toArray(),
        (each) => each.countDocuments({ a: { $in: ['n1', 'n2'] } }),
      ];
      for (const question of questions) {
        const times = { plain: 0, indexed: 0 };
        for (let round = 0; round < 10; round += 1) {
          times.plain += await timed(() => question(plain));
          times.indexed += await timed(() => question(indexed));
        }
        expect(times.indexed).toBeLessThan(times.plain / 3);
      }
    });
  });
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** Documents, changes and questions at random, the same in each run. */
function drawing(seed: number) {
  let last = seed;
  const below = (n: number) => {
    last = (last * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(last / 2 ** 16) % n;
  };
  const one = <T>(of: T[]): T => of[below(of.length)] as T;
  const times = <T>(n: number, make: () => T) => Array.from({ length: n }, make);
  const value = () => one<unknown>(['', 'a', 'ab', 'b', 'c', 'd', 0, 1, 2, 3.5, 5, null, true, new Date(5)]);
  const field = () => one(['a', 'b', 'c', 'several', 'in.it']);
  const range = () => ({
    [one(['$gt', '$gte'])]: value(),
    ...(below(2) === 0 ? {} : { [one(['$lt', '$lte'])]: value() }),
  });
  const condition = () =>
    one<() => unknown>([
      value,
      value,
      range,
      range,
      range,
      () => ({ [one(['$lt', '$lte', '$ne'])]: value() }),
      () => ({ $in: times(below(4), value) }),
      () => ({ $exists: below(2) === 0 }),
      () => ({ $not: range() }),
      () => ({ $elemMatch: { $gte: one<unknown>(['a', 1]), $lt: one<unknown>(['c', 4]) } }),
    ])();
  const places = [{ $gt: 'k3' }, 'k5-5', { $in: ['k6-6', 'k2-2', 'k1-1'] }, { $gt: 'k1', $lte: 'k4' }];
  const conditions = () => Object.fromEntries(times(below(3), () => [field(), condition()]));
  return {
    document: (n: number): Document => ({
      ...Object.fromEntries(['a', 'b', 'c'].flatMap((name) => (below(5) === 0 ? [] : [[name, value()]]))),
      ...one<() => Document>([() => ({}), () => ({ several: value() }), () => ({ several: times(below(4), value) })])(),
      ...(below(3) === 0 ? { in: { it: value() } } : {}),
      ...(below(3) === 0 ? { only: n } : {}),
    }),
    change: () =>
      one([
        { $set: { [field()]: value() } },
        { $unset: { [one(['a', 'b', 'c', 'several'])]: '' } },
        { $set: { several: times(2, value) } },
        undefined,
      ] as const),
    question: () => ({
      filter: {
        ...conditions(),
        ...(below(4) === 0 ? { _id: one<unknown>(places) } : {}),
        ...(below(4) === 0 ? { $and: [conditions(), conditions()] } : {}),
        ...(below(5) === 0 ? { $or: [conditions(), { a: 'a' }] } : {}),
      } as object,
      sort: {
        ...Object.fromEntries(times(below(3), () => [one(['a', 'b', 'c']), one([1, -1])])),
        _id: one([1, -1]),
      } as Sort,
      skip: one([0, 0, 0, 2]),
      limit: one([0, 1, 4, 9]),
    }),
  };
}
