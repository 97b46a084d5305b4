/** The work behind a password that is checked tells nothing of whose it is, counted at the function that does it (rule 1). */
import { createHash, randomBytes } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';

const argon2 = await import('@node-rs/argon2');
const checked: string[] = [];
jest.unstable_mockModule('@node-rs/argon2', () => ({
  ...argon2,
  verify: (stored: string, password: string) => {
    checked.push(stored.slice(0, stored.indexOf('$', '$argon2id$v=19$'.length)));
    return argon2.verify(stored, password);
  },
}));
const { hashPassword, verifyPassword, wrapForeignHash } = await import('../../src/domain/passwords/password-hash.ts');

test('an unknown login costs as much as a wrong password, and so does one whose hash came from another system', async () => {
  const own = '$argon2id$v=19$m=19456,t=2,p=1';
  const salt = Buffer.from('salt');
  const digest = createHash('sha1').update('geheim').update(salt).digest();
  const foreign = `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
  for (const stored of [
    await hashPassword('geheim', randomBytes),
    undefined,
    foreign,
    await wrapForeignHash(foreign, randomBytes),
  ])
    for (const password of ['geheim', 'something else']) {
      checked.length = 0;
      expect((await verifyPassword(stored, password)).matches).toBe(stored !== undefined && password === 'geheim');
      expect(checked).toEqual([own]);
    }
});

test('a password of several Unicode forms costs as much for nobody as for somebody', async () => {
  const foreign = await argon2.hash('geheim', { memoryCost: 4096, timeCost: 3, parallelism: 1 });
  for (const [typed, forms] of [
    ['cafe', 1],
    ['caf\u00e9', 1],
    ['cafe\u0301', 2], // as typed, composed
    ['o\ufb03ce', 2], // as typed, NFKC
    ['cafe\u0301 o\ufb03ce', 2], // NFKC, NFC, as typed: of three the two likeliest
  ] as const)
    for (const stored of [await hashPassword('geheim', randomBytes), undefined, foreign]) {
      checked.length = 0;
      expect((await verifyPassword(stored, typed)).matches).toBe(false);
      expect(checked).toHaveLength(forms);
    }
});

test('the likeliest form is tried first: ours for a hash of ours, what was typed for one of another system', async () => {
  const typed = 'cafe\u0301 o\ufb03ce';
  const foreign = await argon2.hash(typed, { memoryCost: 4096, timeCost: 3, parallelism: 1 });
  for (const stored of [await hashPassword(typed, randomBytes), foreign]) {
    checked.length = 0;
    expect((await verifyPassword(stored, typed)).matches).toBe(true);
    expect(checked).toHaveLength(1);
  }
});
