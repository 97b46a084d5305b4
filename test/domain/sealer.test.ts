import { describe, expect, test } from '@jest/globals';
import { createSealer } from '../../src/domain/sealing/sealer.ts';
import { sealerUnder } from '../support/sealer.ts';

const secret = 'a secret of more than thirty-two characters';
const next = 'the secret after that one, just as long as it';

describe('sealing', () => {
  test('what was sealed opens for its owner and field', () => {
    const sealer = sealerUnder(secret);
    expect(sealer.open(sealer.seal('zaadje 🌱', 'account-1', 'totp'), 'account-1', 'totp')).toBe('zaadje 🌱');
  });

  test('what version 0.2 sealed still opens', () => {
    const sealed = 's1.5S7mghehrY9warF650_cH9koktdKt1gleGPAHx4Nd3asPA';
    expect(sealerUnder(secret).open(sealed, 'account-1', 'totp')).toBe('zaadje');
  });

  test('the IV is 12 of the random bytes given, and new for each value', () => {
    const drawn = [1, 2];
    const sealer = createSealer({ secrets: [secret] }, (size) => Buffer.alloc(size, drawn.shift()));
    const ivs = ['x', 'x'].map((plain) => Buffer.from(sealer.seal(plain, 'a', 'totp').slice(3), 'base64url'));
    expect(ivs.map((bytes) => bytes.subarray(0, 12))).toEqual([Buffer.alloc(12, 1), Buffer.alloc(12, 2)]);
  });

  test('two sealings of one value differ, so equal seeds cannot be told apart', () => {
    const sealer = sealerUnder(secret);
    expect(sealer.seal('x', 'a', 'totp')).not.toBe(sealer.seal('x', 'a', 'totp'));
  });

  test.each([
    ['another owner', 'account-2', 'totp'],
    ['another field', 'account-1', 'letter'],
    ['owner and field run together', 'account-', '1totp'],
  ])('a value copied to %s does not open', (_, owner, field) => {
    const sealer = sealerUnder(secret);
    const sealed = sealer.seal('seed', 'account-1', 'totp');
    expect(() => sealer.open(sealed, owner, field)).toThrow(expect.objectContaining({ code: 'sealed_unreadable' }));
  });

  test.each(['', 's1.', 's1.AAAA', 'plain text', 's1.\u0000'])('%j is refused with a stable code', (broken) => {
    expect(() => sealerUnder(secret).open(broken, 'a', 'b')).toThrow(
      expect.objectContaining({ code: 'sealed_unreadable' }),
    );
  });

  test('one changed character is noticed', () => {
    const sealer = sealerUnder(secret);
    const sealed = sealer.seal('seed', 'a', 'totp');
    const at = sealed.length - 2;
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    expect(() => sealer.open(changed, 'a', 'totp')).toThrow(expect.objectContaining({ code: 'sealed_unreadable' }));
  });

  test('after a change of secret the previous one still opens and matches, and no longer once it is dropped', () => {
    const before = sealerUnder(secret);
    const sealed = before.seal('seed', 'a', 'totp');
    const mac = before.mac('code', 'a', 'ABCD');
    const during = sealerUnder(next, secret);
    expect(during.open(sealed, 'a', 'totp')).toBe('seed');
    expect(during.macMatches(mac, 'code', 'a', 'ABCD')).toBe(true);
    expect(during.mac('code', 'a', 'ABCD')).not.toBe(mac);
    const after = sealerUnder(next);
    expect(() => after.open(sealed, 'a', 'totp')).toThrow(expect.objectContaining({ code: 'sealed_unreadable' }));
    expect(after.macMatches(mac, 'code', 'a', 'ABCD')).toBe(false);
  });

  test('each field has keys of its own, and what is sealed is not to be read', () => {
    const sealer = sealerUnder(secret);
    const keys = ['seal', 'cookies', 'audit', 'totp'].flatMap((field) => [
      ...sealer.keys(field),
      ...sealerUnder(next).lastingKeys(field),
    ]);
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(8);
    for (const field of [
      'totp',
      'letter',
      'signing-key',
      'recovery-codes',
      'pairwise-salt',
      'lasting-key',
      'ticket-code',
    ])
      for (const stored of [sealer.seal('JBSWY3DP', 'a', field), sealer.mac(field, 'a', 'JBSWY3DP')]) {
        const read = `${stored} ${Buffer.from(stored.replace('s1.', ''), 'base64url').toString('latin1')}`;
        expect(read).not.toContain('JBSWY3DP');
      }
  });

  test('the current secret seals, so that nothing new needs the previous one', () => {
    const sealed = sealerUnder(next, secret).seal('seed', 'a', 'totp');
    expect(sealerUnder(next).open(sealed, 'a', 'totp')).toBe('seed');
  });

  test('a mac is bound to its field and to where each part ends', () => {
    const sealer = sealerUnder(secret);
    const mac = sealer.mac('code', 'ab', 'c');
    expect(sealer.macMatches(mac, 'code', 'ab', 'c')).toBe(true);
    expect(sealer.macMatches(mac, 'code', 'a', 'bc')).toBe(false);
    expect(sealer.macMatches(mac, 'other', 'ab', 'c')).toBe(false);
    expect(sealer.macMatches('', 'code', 'ab', 'c')).toBe(false);
  });
});
