/** `/device`: the code that a device shows, what to compare before going on, and how many wrong codes may be tried. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import { createKnownBrowsers } from '../../src/web/sign-in/known-browser.ts';
import { textOf } from '../support/http-visitor.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atLeuven } from './people.ts';

afterEach(closeAll);

const titleOf = (html: string) => /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1]?.trim();

/** A browser that signed in before: it carries the cookie that says so. */
async function knownBrowser(web: RunningWeb, address?: string) {
  const browser = browserOf(web, address);
  const account = atLeuven();
  const written: Record<string, string> = {};
  const cookies = {
    get: () => undefined,
    set: (name: string, value: string) => {
      written[name] = value;
    },
  };
  createKnownBrowsers({ ...web, randomBytes: (size) => new Uint8Array(size).fill(7) }).remember(
    { cookies, req: {}, headers: {}, get: () => '' } as never,
    account,
  );
  for (const [name, value] of Object.entries(written)) browser.cookies.set(name, value);
  return browser;
}

describe('the page of a device', () => {
  test('asks for the code, and leads to what is to be compared by an address that can be reloaded', async () => {
    const web = await startWeb();
    const browser = browserOf(web);
    expect(titleOf((await browser.get('/device?lang=en')).body)).toBe('Sign in on a device');
    const sent = await browser.post('/device', { action: 'go-on', user_code: ' wxyz 3479 ' });
    expect([sent.status, sent.location]).toEqual([303, '/device?user_code=wxyz+3479']);
    const shown = await browser.get(sent.location ?? '');
    expect(titleOf(shown.body)).toBe('Sign in to Printer in the hall on a device?');
    for (const fact of ['WXYZ-3479', '203.0.113.7', 'Printer 7000', '2 minutes ago', 'is one of our own', 'Cancel'])
      expect(textOf(shown.body)).toContain(fact);
    expect(shown.body).toContain('<input type="hidden" name="proof" value="proof-of-it">');
    expect(shown.body).toContain('action="/device/sign-in"');
  });

  test('is there in Dutch', async () => {
    const web = await startWeb();
    const { body } = await browserOf(web).get('/device?user_code=WXYZ-3479&lang=nl');
    expect(titleOf(body)).toBe('Aanmelden bij Printer op de gang op een toestel?');
    expect(textOf(body)).toContain('2 minuten geleden');
  });

  test('says the same of every code that does not work, with what was typed', async () => {
    const web = await startWeb();
    const browser = browserOf(web);
    for (const odd of ['AAAA-AAAA', 'x', '<b>', '🦄']) {
      const { status, body } = await browser.get(`/device?lang=en&user_code=${encodeURIComponent(odd)}`);
      expect([status, titleOf(body)]).toEqual([422, 'Sign in on a device']);
      expect(textOf(body)).toContain('This code does not work, or no longer.');
      expect(body).not.toContain('<b>');
    }
    expect((await browser.post('/device', { action: 'go-on', user_code: ' ' })).status).toBe(422);
    for (const hostile of ['a\u0000b', 'A'.repeat(101)])
      expect((await browser.get(`/device?user_code=${encodeURIComponent(hostile)}`)).status).toBe(400);
  });

  test('is no form for other sites', async () => {
    const web = await startWeb();
    const sent = await browserOf(web).send('/device', {
      method: 'POST',
      body: new URLSearchParams({ user_code: 'x' }),
    });
    expect(sent.status).toBe(403);
  });
});

describe('wrong codes', () => {
  const { tries } = limits.codesPerNetwork;

  async function useUp(browser: Awaited<ReturnType<typeof knownBrowser>>, times: number) {
    for (let n = 0; n < times; n += 1) await browser.get(`/device?user_code=AAAA-${1000 + n}`);
    return (await browser.get('/device?user_code=WXYZ-3479')).status;
  }

  test('are limited per network, and right ones cost nothing', async () => {
    const web = await startWeb();
    for (let n = 0; n < 30; n += 1) expect((await browserOf(web).get('/device?user_code=WXYZ-3479')).status).toBe(200);
    expect(await useUp(browserOf(web), tries)).toBe(429);
    expect(web.limitHits).toMatchObject([{ limit: 'codesPerNetwork' }]);
    expect((await browserOf(web, '198.51.100.9').get('/device?user_code=WXYZ-3479')).status).toBe(200);
  });

  test('of strangers in its network do not keep out a browser that signed in before, which has tries of its own', async () => {
    const web = await startWeb();
    expect(await useUp(browserOf(web), tries)).toBe(429);
    const known = await knownBrowser(web);
    expect((await known.get('/device?user_code=WXYZ-3479')).status).toBe(200);
    expect(await useUp(known, limits.deviceCodesInKnownBrowser.tries)).toBe(429);
  });
});
