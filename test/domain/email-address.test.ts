import { describe, expect, test } from '@jest/globals';
import { isEmailAddress, withAsciiDomain } from '../../src/domain/account/email-address.ts';
import { normalizeLogin } from '../../src/domain/account/login.ts';

const label = 'a'.repeat(63);

describe('an e-mail address', () => {
  test.each([
    'an.peeters@kuleuven.be',
    "O'Brien+toledo@student.kuleuven.be",
    'u0000001@alum.kuleuven.be',
    `${'a'.repeat(64)}@example.org`,
    `a@${label}.example.org`,
    'a@xn--bcher-kva.example',
  ])('%s is one', (text) => {
    expect(isEmailAddress(text)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['no @', 'an.peeters'],
    ['two @', 'an@peeters@kuleuven.be'],
    ['no dot in the domain', 'root@localhost'],
    ['nothing before @', '@kuleuven.be'],
    ['a dot before @', 'an.@kuleuven.be'],
    ['a dot in front', '.an@kuleuven.be'],
    ['a space', 'an peeters@kuleuven.be'],
    ['a name beside it', 'An <an@kuleuven.be>'],
    ['two addresses', 'an@kuleuven.be,bo@kuleuven.be'],
    ['a line end, behind which a header could follow', 'an@kuleuven.be\nBcc: x@y.be'],
    ['an address literal', 'an@[192.0.2.7]'],
    ['letters beyond ASCII', 'ana@bücher.example'],
    ['65 characters before @', `${'a'.repeat(65)}@example.org`],
    ['255 characters', `a@${`${label}.`.repeat(4).slice(0, 249)}.org`],
  ])('%s is none', (_what, text) => {
    expect(isEmailAddress(text)).toBe(false);
  });
});

test('the letters of a domain become ASCII, wherever an address is typed; nothing else is touched', () => {
  expect(withAsciiDomain('ana@bücher.example')).toBe('ana@xn--bcher-kva.example');
  expect(normalizeLogin(' ANA@BÜCHER.example')).toBe('ana@xn--bcher-kva.example');
  for (const text of [
    'ana@example.org',
    'änä@example.org',
    'r0123456',
    '',
    '@',
    'a@b/ü',
    'a@ü:80',
    'a@ü b',
    'a@ü..x?',
  ]) {
    const [local = '', domain] = text.split('@');
    const ascii = withAsciiDomain(text);
    expect([ascii.startsWith(local), domain === undefined || ascii === text]).toEqual([true, true]);
  }
});
