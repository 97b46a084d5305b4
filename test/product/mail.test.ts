/** The mail server fails in every way: pages stay as fast as before, and no email is lost. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Behaviour, type Receiver, startReceiver } from '../../demo/receiver.ts';
import { until } from '../support/campus.ts';
import { aPerson, type Person, type Product, startProduct } from '../support/product.ts';
import { described, quantile } from '../support/statistics.ts';

const EACH = 6;
const group = () => Array.from({ length: EACH }, () => aPerson());
const groups = { well: group(), down: group(), slow: group(), later: group(), refused: group(), lost: group() };

let product: Product;
let again: Receiver | undefined;
/** how the receiver answers the attempt that is this one's turn; attempts by Message-ID */
let behave: (attempt: number) => Behaviour | Promise<Behaviour> = () => 'accept';
const attempts = new Map<string, number>();
const answer = ({ messageId }: { messageId: string }) => {
  const attempt = (attempts.get(messageId) ?? 0) + 1;
  attempts.set(messageId, attempt);
  return behave(attempt);
};

let ordinary: number[];
beforeAll(async () => {
  product = await startProduct({ people: Object.values(groups).flat(), behave: answer });
  ordinary = await asked(groups.well);
  await arrived(groups.well);
  console.info(described('the mail server is well', ordinary));
}, 240_000);
afterAll(async () => {
  await product?.stop();
  await again?.close();
});

/** Each asks for a new password, and the front page is looked at; the milliseconds that took. */
async function asked(people: Person[]): Promise<number[]> {
  const times: number[] = [];
  for (const { number } of people) {
    const visitor = product.visitor();
    await visitor.open(`${product.issuer}/forgotten`);
    const started = performance.now();
    const { status, url } = await visitor.press('send-link', { login: number });
    times.push(performance.now() - started);
    expect([status, url]).toEqual([200, `${product.issuer}/forgotten?sent=1`]);
  }
  return times;
}

const lettersTo = ({ personalEmail }: Person) => product.letters.filter(({ to }) => to === personalEmail);
const arrived = (people: Person[]) =>
  until(
    async () => (people.every((person) => lettersTo(person).length > 0) ? true : undefined),
    () => `letters for ${people.filter((person) => lettersTo(person).length > 0).length} of ${people.length}`,
    60_000,
  );
const items = (state: string) => product.server.metric('pedel_outbox_items', { state }, 0); // each node says the same

/** Compared with the same run: a page that waited for the mail server would be slower by much more than this. */
function expectAsQuick(name: string, times: number[]): void {
  console.info(described(name, times));
  expect(quantile(times, 0.5)).toBeLessThan(10 * quantile(ordinary, 0.5) + 200);
}

describe('while the mail server', () => {
  test('holds every email, pages do not wait for it', async () => {
    const { promise, resolve } = Promise.withResolvers<Behaviour>();
    behave = () => promise;
    const times = await asked(groups.slow); // not one letter was taken before all these pages had answered
    expect(groups.slow.flatMap(lettersTo)).toEqual([]);
    behave = () => 'accept';
    resolve('accept');
    await arrived(groups.slow);
    expectAsQuick('the mail server is slow', times);
  }, 240_000);

  test('answers 4xx, emails are sent again with their Message-ID', async () => {
    behave = (attempt) => (attempt === 1 ? 'later' : 'accept');
    expectAsQuick('the mail server answers 451', await asked(groups.later));
    await arrived(groups.later);
    for (const [letter, ...more] of groups.later.map(lettersTo)) {
      expect([attempts.get(letter?.messageId ?? ''), more]).toEqual([2, []]);
    }
  }, 240_000);

  test('answers 5xx, the emails are not sent again, and the failures are visible', async () => {
    behave = () => 'refuse';
    const before = new Set(attempts.keys());
    expectAsQuick('the mail server answers 550', await asked(groups.refused));
    // each is told to its owner at the other address, is refused there as well, and that is the end of it
    const both = 2 * EACH;
    await until(
      async () => ((await items('failed')) === both ? true : undefined),
      () => 'not all were given up',
      30_000,
    );
    const refused = [...attempts].filter(([messageId]) => !before.has(messageId));
    expect(refused.map(([, times]) => times)).toEqual(Array(both).fill(1));
    const lines = () => product.server.output().split('\n');
    const told = () =>
      lines().filter((line) => line.includes('"not delivered"') && line.includes('No such mailbox here'));
    await until(
      async () => (told().length >= both ? true : undefined), // each is stored first, and then told
      () => `the log has ${told().length}`,
    );
    expect(told()).toHaveLength(both);
    expect(told().join()).not.toContain('@example.org'); // whom it was for stays out of the log
    expect(groups.refused.flatMap(lettersTo)).toEqual([]);
  }, 240_000);

  test('accepts an email and disconnects before its answer, it gets the same email again', async () => {
    // once: a server that breaks off again and again counts as down, and is asked less and less often
    let lost = false;
    behave = () => {
      const behaviour = lost ? 'accept' : 'lose-answer';
      lost = true;
      return behaviour;
    };
    expectAsQuick('the mail server breaks off', await asked(groups.lost));
    await until(
      async () => (groups.lost.flatMap(lettersTo).length > EACH ? true : undefined),
      () => 'it did not come again',
      60_000,
    );
    await arrived(groups.lost);
    for (const letters of groups.lost.map(lettersTo))
      expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(1);
  }, 240_000);

  test('is down, emails wait; when it is up again all arrive, each once', async () => {
    behave = () => 'accept';
    await product.receiver.close();
    expectAsQuick('the mail server is down', await asked(groups.down));
    // they are dispatched after the answer
    await until(
      async () => ((await items('waiting')) === EACH ? true : undefined),
      () => 'not all of them wait',
      30_000,
    );
    // while it is away the product is restarted: what waits is in the database
    await product.server.kill('SIGTERM');
    await product.server.start();
    expect(await items('waiting')).toBe(EACH);
    again = await startReceiver({
      port: product.receiver.port,
      store: { put: (letters) => void product.letters.push(...letters) },
      behave: answer,
    });
    await arrived(groups.down);
    expect(groups.down.map((person) => lettersTo(person).length)).toEqual(Array(EACH).fill(1));
  }, 240_000);
});
