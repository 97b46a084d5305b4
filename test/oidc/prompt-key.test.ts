/** Keys that sign at once: other code verifies what they sign, and nobody gets the private part from them. */
import { generateKeyPairSync, type webcrypto } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { compactVerify } from 'jose';
import { ExternalSigningKey } from 'oidc-provider';
import { promptKey } from '../../src/oidc/tokens/prompt-key.ts';

const jwkOf = (key: { export(options: { format: 'jwk' }): object }, more: object) =>
  ({ ...key.export({ format: 'jwk' }), kid: 'k1', use: 'sig', ...more }) as webcrypto.JsonWebKey;

test('ES256: the signature is the one of JOSE, and the key tells its public part only', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = jwkOf(privateKey, { alg: 'ES256' });
  const key = promptKey(jwk) as ExternalSigningKey;
  expect(key).toBeInstanceOf(ExternalSigningKey);
  const input = ['{"alg":"ES256"}', 'Zoë'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const signature = Buffer.from(await key.sign(Buffer.from(input))).toString('base64url');
  const { payload } = await compactVerify(`${input}.${signature}`, publicKey);
  expect(Buffer.from(payload).toString()).toBe('Zoë');
  const { kid, alg, use, kty, crv, x, y } = key;
  expect({ kid, alg, use, kty, crv, x, y }).toEqual(jwkOf(publicKey, { alg: 'ES256' }));
  expect(JSON.stringify(key)).not.toContain((jwk as { d: string }).d);
  expect((await key.keyObject()).type).toBe('public');
});

test('RSA: the library has a thread sign', () => {
  const jwk = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, {});
  expect(promptKey(jwk)).toBe(jwk);
});
