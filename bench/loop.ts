/**
 * Which single pieces of work hold up the event loop, in milliseconds of processor: `node bench/loop.ts`. First, median and
 * longest of a series; what runs in other threads or processes is not counted (rule 33).
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import QRCode from 'qrcode';
import { createTranslations } from '../locales/index.ts';
import type { Email } from '../src/domain/account/emails.ts';
import { applicationLinks } from '../src/domain/clients/client-links.ts';
import { matchTotp, newTotpSeed, totpUri } from '../src/domain/factors/totp.ts';
import { newSigningKey } from '../src/domain/signing-keys/signing-key.ts';
import { createEmailRenderer } from '../src/mail/render-email.ts';
import { createMetrics } from '../src/operation/metrics.ts';
import { openStorage } from '../src/storage/open.ts';
import { anAccount } from '../test/support/account.ts';
import { organisations } from '../test/support/organisations.ts';
import { sealerUnder } from '../test/support/sealer.ts';

const TIMES = 40;
const folder = mkdtempSync(join(tmpdir(), 'pedel-loop-'));
const storage = await openStorage(`sqlite:${join(folder, 'pedel.db')}`, { now: Date.now });
const sealer = sealerUnder('a secret that only the measurement knows');
const now = Date.now();
const seed = newTotpSeed(randomBytes);
const renderEmail = createEmailRenderer({
  sealer,
  issuer: 'https://idp.example.edu',
  organisations,
  translations: createTranslations(),
});
const { registry } = createMetrics({
  outbox: storage.outbox,
  now: Date.now,
  hashing: { waiting: () => 0, turnedAway: () => 0, taken: () => ({}) },
  judging: { waiting: () => 0, taken: () => 0 },
  clockAheadMs: () => 0,
  jobs: () => [],
  suspendedRemovals: async () => ({}),
});

async function measure(name: string, work: (index: number) => unknown, times = TIMES): Promise<void> {
  const spent: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const before = process.threadCpuUsage();
    await work(index);
    const { user, system } = process.threadCpuUsage(before);
    spent.push((user + system) / 1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const sorted = spent.toSorted((a, b) => a - b);
  const shown = [spent[0], sorted[sorted.length >> 1], sorted.at(-1)].map((ms) => ms?.toFixed(1));
  console.log(`| ${name} | ${shown.join(' | ')} |`);
}

const uri = totpUri(seed, 'Hogeschool VIVES', 'r0123456');
await measure('QR code of an authenticator app', () => QRCode.toString(uri, { type: 'svg', margin: 4 }));
await measure('TOTP code checked', () => matchTotp(seed, '000000', 0, now));
const email: Email = {
  template: 'password-changed',
  to: 'an@example.edu',
  language: 'nl',
  organisation: 'vives',
  givenName: 'An',
  data: {},
};
await measure('email rendered', () => renderEmail(email, { id: '1', ownerId: 'a', at: now }));
for (const alg of ['ES256', 'RS256'] as const)
  await measure(`signing key made, ${alg}`, () => newSigningKey(alg, 1, sealer, { createdAt: now, usedFrom: now }), 10);
await measure('metrics read', () => registry.metrics());

const client = (id: string) => ({
  id,
  revision: 1,
  metadata: { client_id: id, client_name: id, redirect_uris: [`https://${id}.example.edu/callback`] },
  secrets: [],
  createdAt: now,
  updatedAt: now,
});
await Promise.all(Array.from({ length: 1000 }, (_, index) => storage.clients.put(client(`client-${index}`), 0)));
await measure('links of an account page, 1000 applications', () => applicationLinks(storage.clients, anAccount(), now));

const attempts = (count: number, at: number, prefix: string) =>
  Promise.all(Array.from({ length: count }, (_, index) => storage.attempts.take(`${prefix} ${index}`, at + 1000, at)));
await measure('100 counters taken at once, one commit', (index) => attempts(100, now, `together ${index}`), 20);
await measure(
  '100 accounts stored at once, one commit',
  (round) =>
    Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        storage.accounts.insert(
          anAccount({ id: `a${round}-${index}`, userNumbers: [`u${round}-${index}`], emails: [] }),
        ),
      ),
    ),
  20,
);
await measure('one counter taken, one commit', (index) => attempts(1, now, `single ${index}`));
for (let round = 0; round < 5; round += 1) {
  for (let index = 0; index < 20; index += 1) await attempts(100, now - 10_000, `expired ${round} ${index}`);
  await measure('2000 expired records swept', () => storage.sweep(now), 1);
}
await storage.close();
rmSync(folder, { recursive: true });
