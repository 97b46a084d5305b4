/** No value in a request by a stranger leads the visitor, or Pedel, to another host. */
import { request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { mayConnectTo } from '../../src/oidc/outgoing/outgoing.ts';
import { closeAll, product } from './product.ts';

afterEach(closeAll);

/** A path as it stands: a URL would be put in order first. */
function pageAt(address: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(address, { path, headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' } }, (answer) => {
      let html = answer.headers.location ?? '';
      answer.on('data', (chunk) => {
        html += chunk;
      });
      answer.on('end', () => resolve(html));
    })
      .on('error', reject)
      .end();
  });
}

test('a page at //another.host has no link that leads there, neither in its language switch', async () => {
  const { address } = await product();
  for (const path of ['//evil.example/x', '/\\evil.example/x', '///evil.example', '//evil.example/activate?number=1']) {
    const html = await pageAt(address, path);
    expect(html).toContain('hreflang=');
    expect(html).not.toMatch(/href="(?:[a-z]+:)?[/\\]{2}evil/);
  }
  expect(await pageAt(address, '/account')).not.toContain('evil.example');
});

test.each(['::7f00:1', '::a00:1', '4000::1'])('rule 18: %s is no public address', (address) => {
  expect(mayConnectTo(address, [])).toBe(false);
});
