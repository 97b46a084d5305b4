import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { matchTotp, newTotpSeed, totpUri } from '../../src/domain/factors/totp.ts';

const seed = newTotpSeed(randomBytes);
const now = 1_793_404_800_000;
const step = Math.floor(now / 30_000);
const codeAt = (at: number) => generateSync({ secret: seed, epoch: Math.floor(at / 1000) });

describe('rule 4: TOTP', () => {
  test.each([[-1], [0], [1]])('a code of step %i is taken, and names its step', (offset) => {
    expect(matchTotp(seed, codeAt(now + offset * 30_000), 0, now)).toBe(step + offset);
  });

  test.each([[-2], [2]])('a code of step %i is refused', (offset) => {
    expect(matchTotp(seed, codeAt(now + offset * 30_000), 0, now)).toBeUndefined();
  });

  test('a step only ever increases: the same code, and the one before it, are refused afterwards', () => {
    expect(matchTotp(seed, codeAt(now), step, now)).toBeUndefined();
    expect(matchTotp(seed, codeAt(now - 30_000), step, now)).toBeUndefined();
    expect(matchTotp(seed, codeAt(now + 30_000), step, now)).toBe(step + 1);
    expect(matchTotp(seed, codeAt(now + 30_000), step + 1, now)).toBeUndefined();
  });

  test.each([
    { algorithm: 'sha256' as const },
    { algorithm: 'sha512' as const, digits: 8 as const },
    { digits: 8 as const, period: 60 as const },
  ])('a seed of a source has its own settings: %j', (settings) => {
    const period = settings.period ?? 30;
    const own = (at: number) => generateSync({ secret: seed, epoch: Math.floor(at / 1000), ...settings });
    const latest = Math.floor(now / 1000 / period);
    expect(matchTotp(seed, own(now), 0, now, settings)).toBe(latest);
    expect(matchTotp(seed, own(now - period * 1000), 0, now, settings)).toBe(latest - 1);
    expect(matchTotp(seed, own(now - 2 * period * 1000), 0, now, settings)).toBeUndefined();
    expect(matchTotp(seed, own(now), latest, now, settings)).toBeUndefined();
    expect(matchTotp(seed, own(now), 0, now)).toBeUndefined();
  });

  test('spaces and dashes are forgiven, full-width digits too', () => {
    const code = codeAt(now);
    expect(matchTotp(seed, ` ${code.slice(0, 3)} ${code.slice(3)}-`, 0, now)).toBe(step);
    const wide = [...code].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('');
    expect(matchTotp(seed, wide, 0, now)).toBe(step);
  });

  test.each(['', '12345', '1234567', 'abcdef', '\u0000', '١٢٣٤٥٦'])('%j is refused, not thrown at', (typed) => {
    expect(matchTotp(seed, typed, 0, now)).toBeUndefined();
  });

  test('a clock set far back causes no error when the stored step is in the future', () => {
    expect(matchTotp(seed, codeAt(now), step + 1000, now)).toBeUndefined();
  });

  test('the seed has 160 bits and the URI what applications need', () => {
    expect(seed).toMatch(/^[A-Z2-7]{32}$/);
    expect(totpUri(seed, 'KU Leuven', 'q0123456')).toContain('otpauth://totp/KU%20Leuven:q0123456?secret=');
  });
});
