/** What a stranger learns from /activate, and how many attempts there are (rules 1, 4). */
import { afterEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import {
  alumna,
  counted,
  errorOf,
  expectPage,
  lastLetter,
  lettersTo,
  startActivation,
  stored,
  visitor,
  wordsOf,
} from '../support/activation.ts';
import { openTestStorage } from '../support/storage.ts';
import { closeAll } from '../support/web.ts';

afterEach(closeAll);

const ADDRESS = 'an.peeters@example.org';

async function withAlumna(deps: Parameters<typeof startActivation>[0] = {}) {
  const web = await startActivation(deps);
  await web.storage.accounts.insert(alumna());
  return web;
}

const post = (url: string, fields: Record<string, string>, address = '203.0.113.1') =>
  fetch(`${url}/activate`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers: { 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address, 'accept-language': 'en' },
  });

describe('rule 1: the e-mail step', () => {
  test('right and wrong address: same status, same place, same page afterwards; only the right one is mailed', async () => {
    const seen: unknown[] = [];
    for (const email of [ADDRESS, 'stranger@example.org']) {
      const web = await withAlumna();
      const answer = await post(web.url, { action: 'send-code', number: 'q0123456', email });
      const page = await visitor(web).at('/activate?number=q0123456');
      seen.push([answer.status, answer.headers.get('location'), await answer.text(), page.status, wordsOf(page)]);
      expect(await lettersTo(web, 'alumna')).toHaveLength(email === ADDRESS ? 1 : 0);
    }
    expect(seen[0]).toEqual(seen[1]);
  });

  test('and the same work: what is asked of the storage does not differ', async () => {
    const seen: unknown[] = [];
    for (const email of [ADDRESS, 'stranger@example.org']) {
      const calls: Record<string, number> = {};
      const storage = await openTestStorage();
      const ports = { accounts: counted(storage.accounts, calls), attempts: counted(storage.attempts, calls) };
      const web = await startActivation(ports);
      await storage.accounts.insert(alumna());
      await post(web.url, { action: 'send-code', number: 'q0123456', email });
      seen.push(calls);
      await storage.close();
    }
    expect(seen[0]).toEqual(seen[1]);
  });

  test('a wrong code says the same whether a code was ever sent, is used up, or is another', async () => {
    const sentences: string[] = [];
    for (const email of [ADDRESS, 'stranger@example.org']) {
      const web = await withAlumna();
      const him = visitor(web);
      await him.at('/activate?number=q0123456&lang=en');
      await him.press('send-code', { email });
      for (let n = 0; n < 12; n += 1) {
        const page = await him.press('verify', { code: 'WRNGCDE2' });
        sentences.push(`${page.status} ${errorOf(page)}`);
      }
    }
    expect(new Set(sentences).size).toBe(1);
  });

  test('where unknown numbers are not told apart, unknown, active and waiting ones go through the same pages', async () => {
    const web = await withAlumna({ hideUnknownNumbers: true });
    await web.storage.accounts.insert(
      alumna({ id: 'active', userNumbers: ['q0000001'], activatedAt: 1, personalEmail: 'active@example.org' }),
    );
    const seen: unknown[] = [];
    for (const number of ['q0123456', 'q0000001', 'q9999999']) {
      const him = visitor(web);
      const pages = [await him.at(`/activate?number=${number}&lang=en`)];
      pages.push(await him.press('send-code', { email: 'active@example.org' }));
      pages.push(await him.press('verify', { code: 'WRNGCDE2' }));
      pages.push(await him.at(`/activate?number=${number}&lang=en`));
      seen.push(pages.map((page) => [page.status, wordsOf(page).replaceAll(number, 'NUMBER')]));
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    // the owner of an active account is told in a letter
    expect((await lettersTo(web, 'active')).map(({ template }) => template)).toEqual(['already-active']);
    expect(await lettersTo(web, 'alumna')).toEqual([]);
  });
});

describe('how often', () => {
  test('codes are asked for five times an hour for one number from one network; from elsewhere the owner still can', async () => {
    const web = await withAlumna();
    const ask = (address: string) =>
      post(web.url, { action: 'send-code', number: 'q0123456', email: 'x@example.org' }, address);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await ask('203.0.113.5')).status);
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429]);
    const refused = await ask('203.0.113.5');
    expect(refused.headers.get('retry-after')).toBe('3600');
    expect(await refused.text()).toContain('Too many attempts from your network');
    expect(
      (await post(web.url, { action: 'send-code', number: 'q0123456', email: ADDRESS }, '203.0.113.6')).status,
    ).toBe(303);
    expect(await lettersTo(web, 'alumna')).toHaveLength(1);
    web.clock.now += 3_600_001;
    expect((await ask('203.0.113.5')).status).toBe(303);
  });

  test('parallel resends from many networks: five letters an hour, exactly, and the page does not tell', async () => {
    const web = await withAlumna();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        post(web.url, { action: 'send-code', number: 'q0123456', email: ADDRESS }, `203.0.113.${n}`),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(303));
    expect(await lettersTo(web, 'alumna')).toHaveLength(5);
    const account = await stored(web, 'alumna');
    // every link that was mailed opens; of the codes the newest counts
    expect([account.tickets.length, account.mailedAt.length]).toEqual([5, 5]);
    expect(account.tickets.filter(({ codeMac }) => codeMac !== undefined)).toHaveLength(1);
  });

  test('parallel resends from one network: five go through', async () => {
    const web = await withAlumna();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(web.url, { action: 'send-code', number: 'q0123456', email: ADDRESS })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  test('the page is no phone book: a network tries a hundred numbers an hour, and a reload costs nothing', async () => {
    const web = await withAlumna();
    const look = async (number: string, address = '203.0.113.9') =>
      (await fetch(`${web.url}/activate?number=${number}`, { headers: { 'x-forwarded-for': address } })).status;
    for (let n = 0; n < 150; n += 1) expect(await look('q0123456')).toBe(200);
    const { tries } = limits.numbersPerNetwork;
    for (let n = 1; n < tries; n += 1) expect(await look(`q${1_000_000 + n}`)).toBe(200);
    expect(await look('q2000000')).toBe(429);
    expect(await look('q2000000')).toBe(429);
    expect(await look('q0123456')).toBe(200); // who began before goes on, whatever others at this address do
    expect((await post(web.url, { action: 'verify', number: 'q2000001', code: 'X' }, '203.0.113.9')).status).toBe(429);
    expect(await look('q0123456', '203.0.113.10')).toBe(200);
  });

  test('rule 4: of 20 parallel wrong codes ten are counted, exactly; then the right one is refused and the link goes on', async () => {
    const web = await withAlumna();
    await post(web.url, { action: 'send-code', number: 'q0123456', email: ADDRESS });
    const { code, link } = await lastLetter(web, 'alumna');
    const type = (typed: string) => post(web.url, { action: 'verify', number: 'q0123456', code: typed });
    const answers = await Promise.all(Array.from({ length: 20 }, () => type('WRNG-CDE2')));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(422));
    expect((await stored(web, 'alumna')).tickets[0]?.tries).toBe(10);
    expect((await type(code)).status).toBe(422);
    const her = visitor(web);
    await her.at(`${link}&lang=en`);
    expectPage(await her.press('continue'), 'Choose your password');
  });

  test('a network tries a hundred codes an hour, whosever they are; right ones cost nothing', async () => {
    const web = await withAlumna();
    const now = web.clock.now;
    const { tries, windowSeconds } = limits.codesPerNetwork;
    for (let n = 1; n < tries; n += 1) {
      await web.attempts.take('codesPerNetwork 203.0.113.1', now + windowSeconds * 1000, now);
    }
    await post(web.url, { action: 'send-code', number: 'q0123456', email: ADDRESS });
    const { code } = await lastLetter(web, 'alumna');
    const type = (typed: string) => post(web.url, { action: 'verify', number: 'q0123456', code: typed });
    for (let n = 0; n < 3; n += 1) expect((await type(code)).status).toBe(303);
    expect((await type('WRNGCDE2')).status).toBe(422);
    expect((await type(code)).status).toBe(429);
  });
});
