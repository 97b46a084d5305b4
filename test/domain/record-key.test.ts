import { expect, test } from '@jest/globals';
import { recordKeyOf } from '../../src/domain/ports/record-key.ts';

test('the key of a stored record is the SHA-256 of its identifier: what is stored already is found under it', () => {
  // printf session-identifier | openssl dgst -sha256 -binary | basenc --base64url, without =
  expect(recordKeyOf('session-identifier')).toBe('AEBRmbJ4A2BL01uQ1hz7tOf5Ou5Un2DPYZ_eV48sP34');
});
