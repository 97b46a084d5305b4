/** `/.well-known/security.txt` (RFC 9116): its content, and that it does not exist without a contact. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { options } from '../../src/config/options.ts';
import type { WebDeps } from '../../src/web/web.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const PATH = '/.well-known/security.txt';
const DAY_MS = 86_400_000;

async function asked(change: Partial<WebDeps>, headers: Record<string, string> = {}) {
  const web = await startWeb(change);
  return { web, answer: await browserOf(web).get(PATH, headers) };
}

describe(PATH, () => {
  test('says whom to tell, in order, until when it holds, in which languages, where it belongs and under which policy', async () => {
    const { answer } = await asked({
      issuer: 'https://idp.example.edu',
      securityContact: ['mailto:security@example.edu', 'https://example.edu/security'],
      securityPolicy: 'https://example.edu/security/policy',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(answer.body.split('\n')).toEqual([
      'Contact: mailto:security@example.edu',
      'Contact: https://example.edu/security',
      expect.stringMatching(/^Expires: \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
      'Preferred-Languages: nl, en',
      'Canonical: https://idp.example.edu/.well-known/security.txt',
      'Policy: https://example.edu/security/policy',
      '',
    ]);
  });

  test('expires in the future and within a year, whenever it is asked', async () => {
    const web = await startWeb({ securityContact: ['mailto:security@example.edu'] });
    for (const later of [0, 3 * 365 * DAY_MS]) {
      web.clock.now += later;
      const { body } = await browserOf(web).get(PATH);
      const [, date = ''] = /^Expires: (.+)$/m.exec(body) ?? [];
      expect(Date.parse(date)).toBeGreaterThan(web.clock.now + 30 * DAY_MS);
      expect(Date.parse(date)).toBeLessThan(web.clock.now + 365 * DAY_MS);
    }
  });

  test('takes its own address from the configured issuer, never from the Host header', async () => {
    const { answer } = await asked(
      { issuer: 'https://idp.example.edu', securityContact: ['mailto:security@example.edu'] },
      { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' },
    );
    expect(answer.body).toContain('Canonical: https://idp.example.edu/.well-known/security.txt\n');
    expect(answer.body).not.toContain('evil');
  });

  test('names neither a policy nor, on plain http, an address of its own, because both must be https', async () => {
    const { answer } = await asked({ securityContact: ['tel:+32-16-32-28-00'] });
    expect(answer.body).toMatch(/^Contact: tel:\+32-16-32-28-00\nExpires: .+\nPreferred-Languages: nl, en\n$/);
  });

  test('is a page that does not exist where nobody is named', async () => {
    const { answer } = await asked({ securityContact: [], securityPolicy: 'https://example.edu/security/policy' });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('Contact:');
  });
});

describe('the options of it', () => {
  const contact = options.shape.securityContact;
  const policy = options.shape.securityPolicy;

  test.each(['mailto:security@example.edu', 'https://example.edu', 'https://example.edu/a?b=c', 'tel:+32-16-32-28-00'])(
    '%s is a contact',
    (uri) => expect(contact.safeParse([uri]).success).toBe(true),
  );

  test.each([
    'security@example.edu',
    'http://example.edu/security',
    'https://example.edu/\nExpires: 2000-01-01T00:00:00Z',
    'mailto:security@example.edu\r\nPolicy: https://evil.example',
    'mailto:security@ëxample.edu',
    'tel:016 32 28 00',
  ])('%j is none: it would not be a line of RFC 9116', (uri) => expect(contact.safeParse([uri]).success).toBe(false));

  test('a policy is an https page on one line', () => {
    expect(policy.safeParse('https://example.edu/policy').success).toBe(true);
    expect(policy.safeParse('http://example.edu/policy').success).toBe(false);
    expect(policy.safeParse('https://example.edu/policy\nContact: mailto:x@evil.example').success).toBe(false);
  });
});
