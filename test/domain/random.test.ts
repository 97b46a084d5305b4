import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { randomId } from '../../src/domain/random.ts';

describe('an identifier from random bytes', () => {
  test('is a UUID of version 4 in the form of RFC 9562', () => {
    expect(randomId(randomBytes)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('all bits but the six that are fixed are those given', () => {
    expect(randomId((size) => Buffer.alloc(size, 0xff))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(randomId((size) => Buffer.alloc(size, 0))).toBe('00000000-0000-4000-8000-000000000000');
    const counted = (size: number) => Uint8Array.from({ length: size }, (_, index) => index);
    expect(randomId(counted)).toBe('00010203-0405-4607-8809-0a0b0c0d0e0f');
  });

  test('what was given stays as it is', () => {
    const given = Buffer.alloc(16, 0xff);
    randomId(() => given);
    expect(given).toEqual(Buffer.alloc(16, 0xff));
  });
});
