/** The protocol stands before our own pages, takes only its own paths, and shares their language. */
import { afterEach, expect, test } from '@jest/globals';
import { closeAll, product } from '../attack/product.ts';

afterEach(closeAll);

test('the protocol answers its paths as the library spells them, and no page of ours', async () => {
  const { address } = await product();
  const asked = async (path: string, method = 'GET') => {
    const { status, headers } = await fetch(address + path, { method, redirect: 'manual' });
    return [status, headers.get('location') ?? headers.get('content-type')?.split(';')[0]];
  };
  expect(await asked('/jwks')).toEqual([200, 'application/jwk-set+json']);
  expect(await asked('/JWKS/')).toEqual([200, 'application/jwk-set+json']);
  expect(await asked('/Token', 'POST')).toEqual([400, 'application/json']);
  expect(await asked('/auth/no-such-request')).toEqual([303, expect.stringContaining('/interaction/')]);
  expect(await asked('/token')).toEqual([404, 'text/html']);
  expect(await asked('/tokens', 'POST')).toEqual([404, 'text/html']);
  expect(await asked('/.well-known/change-password')).toEqual([302, expect.anything()]);
  expect(await asked('/')).toEqual([200, 'text/html']);
  expect(await asked('/healthz')).toEqual([200, 'text/plain']);
});

test('an error page of the protocol speaks the language that the visitor chose, else that of the browser', async () => {
  const { address } = await product();
  const spoken = async (query: string, headers: Record<string, string>) => {
    const answer = await fetch(`${address}/auth?client_id=nobody${query}`, {
      headers: { accept: 'text/html', ...headers },
    });
    return [
      /<html lang="(\w+)/.exec(await answer.text())?.[1],
      /pedel_language=(\w+)/.exec(String(answer.headers.getSetCookie()))?.[1],
    ];
  };
  expect(await spoken('', {})).toEqual(['nl', undefined]);
  expect(await spoken('', { 'accept-language': 'en' })).toEqual(['en', undefined]);
  expect(await spoken('', { 'accept-language': 'nl', cookie: 'pedel_language=en' })).toEqual(['en', undefined]);
  expect(await spoken('&lang=en', { 'accept-language': 'nl' })).toEqual(['en', 'en']);
});
