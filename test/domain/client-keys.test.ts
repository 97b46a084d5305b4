/** Keys by which applications sign in: what is pasted becomes a key of theirs, and what nobody should trust is refused with a remedy. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { type PublicKey, thumbprintOf, useOfKey } from '../../src/domain/clients/keys/client-keys.ts';
import { looksPrivate, readPasted } from '../../src/domain/clients/keys/pasted-keys.ts';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ed = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more }) as PublicKey;
/** Without the lines BEGIN and END. */
const bodyOf = (text: string) => text.replaceAll(/-----.*-----\n/g, '');
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const faultsOf = (given: unknown, algorithm?: string) => {
  const read = readPasted(typeof given === 'string' ? given : JSON.stringify(given), algorithm);
  return 'faults' in read ? read.faults.map(({ place, remedy }) => `${place ?? ''}${remedy}`) : [];
};
const keysOf = (text: string) => {
  const read = readPasted(text);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.keys;
};

describe('what is pasted', () => {
  test.each([
    ['PEM', pem(ec.publicKey)],
    ['PEM as Windows writes it', pem(ec.publicKey).replaceAll('\n', '\r\n')],
    ['a JWK', JSON.stringify(jwk(ec.publicKey))],
    ['a JWK set', JSON.stringify({ keys: [jwk(ec.publicKey, { x5c: ['MII'] })] }, null, 2)],
    ['a list of JWKs', ` \n${JSON.stringify([jwk(ec.publicKey)])}\n`],
  ])('%s becomes a key with its thumbprint for a kid', async (_what, text) => {
    const kid = await calculateJwkThumbprint(jwk(ec.publicKey) as unknown as JWK);
    expect(keysOf(text)).toEqual([jwk(ec.publicKey, { kid })]);
  });

  test('is as many keys as there are, of every type that signs here, with the kid that they have', async () => {
    expect(
      keysOf(`# mine\n${pem(ec.publicKey)}\n${pem(rsa.publicKey)}${pem(ed.publicKey)}`).map(({ kty }) => kty),
    ).toEqual(['EC', 'RSA', 'OKP']);
    expect(keysOf(JSON.stringify(jwk(rsa.publicKey, { kid: 'mine' })))[0]?.kid).toBe('mine');
    for (const key of [ec, rsa, ed])
      expect(thumbprintOf(jwk(key.publicKey))).toBe(await calculateJwkThumbprint(jwk(key.publicKey) as unknown as JWK));
  });

  test.each([
    ['a JWK', JSON.stringify(jwk(ec.privateKey))],
    ['a set', JSON.stringify({ keys: [jwk(ec.publicKey), jwk(rsa.privateKey)] })],
    ['PKCS #8', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
    ['PKCS #1', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string],
    ['SEC 1', ec.privateKey.export({ type: 'sec1', format: 'pem' }) as string],
    ['both halves', pem(ec.publicKey) + ec.privateKey.export({ type: 'pkcs8', format: 'pem' })],
    [
      'an encrypted one',
      ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
    ],
    ['the body of PKCS #8 alone', bodyOf(ec.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)],
    ['the body of PKCS #1 alone', bodyOf(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string)],
    [
      'the body of an encrypted one alone',
      bodyOf(ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string),
    ],
    ['that of PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAAIA==\n'],
  ])('is no private key: %s', (_what, text) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining('remove the private parts')]);
    expect(looksPrivate(text)).toBe(true);
  });

  test.each([
    ['a weak RSA key', jwk(weak.publicKey), '1replace the RSA key of 1024 bits: it is weak, and 2048 are the least'],
    [
      'an RSA key whose exponent signs nothing',
      jwk(rsa.publicKey, { e: 'AQ' }),
      '1replace the RSA key: with its exponent anybody can sign',
    ],
    ['a curve that signs nothing here', jwk(other.publicKey), expect.stringMatching(/^1give a key of type RSA/)],
    ['a symmetric key', { kty: 'oct' }, expect.stringMatching(/^1give a key of type RSA/)],
    ['one for encryption', jwk(ec.publicKey, { use: 'enc' }), expect.stringContaining('"use": "sig"')],
    ['one with other key_ops', jwk(ec.publicKey, { key_ops: ['wrapKey'] }), expect.stringContaining('key_ops')],
    [
      'one with another alg',
      jwk(ec.publicKey, { alg: 'RS256' }),
      '1give ES256 as the alg of this key, or leave alg out',
    ],
    ['a point that is not on its curve', jwk(ec.publicKey, { x: 'AAAA' }), expect.stringContaining('can be read')],
    ['a kid of two lines', jwk(ec.publicKey, { kid: 'a\nb' }), expect.stringContaining('in one line')],
    ['text', 'hello', expect.stringContaining('a JWK set')],
    ['nothing', '', expect.stringContaining('a JWK set')],
    ['an empty set', { keys: [] }, 'give at least one key'],
    ['a set of texts', { keys: ['x', null] }, expect.stringContaining('a JWK set')],
    ['null', null, expect.stringContaining('a JWK set')],
    ['an SSH key', 'ssh-ed25519 AAAAC3 me@example', expect.stringContaining('ssh-keygen')],
    ['half of a PEM', pem(ec.publicKey).slice(0, 60), expect.stringContaining('the whole key')],
    ['PEM that holds something else', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', expect.any(String)],
    ['too much', 'x'.repeat(50_000), 'give 40000 characters at most'],
    ['too many', { keys: Array(11).fill(jwk(ec.publicKey)) }, 'give 10 keys at most'],
  ])('is refused with a remedy: %s', (_what, given, fault) => {
    expect(faultsOf(given)).toEqual([fault]);
  });

  test('faults are told together, and two keys of one type have two names', () => {
    expect(faultsOf({ keys: [jwk(weak.publicKey), jwk(ec.publicKey, { use: 'enc' })] })).toHaveLength(2);
    const second = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect(faultsOf({ keys: [jwk(ec.publicKey, { kid: 'a' }), jwk(second, { kid: 'a' })] })).toEqual([
      'give each key a kid of its own: "a" is there twice',
    ]);
    expect(faultsOf(jwk(rsa.publicKey), 'ES256')).toEqual([expect.stringContaining('give a key for ES256')]);
  });
});

test('a registration, whichever way it comes, has no weak key, and one that it can sign in by', () => {
  const faults = (keys: object[], more: object = {}) => {
    const read = readClientMetadata({
      ...{ client_name: 'x', redirect_uris: ['https://x.example/'], token_endpoint_auth_method: 'private_key_jwt' },
      ...{ jwks: { keys }, ...more },
    });
    return 'faults' in read ? read.faults.map(({ member, remedy }) => `${member}: ${remedy}`) : [];
  };
  expect(faults([jwk(ec.publicKey)])).toEqual([]);
  expect(faults([jwk(ec.publicKey, { use: 'enc' }), jwk(rsa.publicKey, { use: 'sig' })])).toEqual([]);
  expect(faults([jwk(ec.publicKey, { use: 'enc' })])).toEqual([expect.stringContaining('jwks: give a key with "use"')]);
  expect(faults([jwk(ec.publicKey), jwk(weak.publicKey)])).toEqual([expect.stringContaining('it is weak')]);
  expect(faults([jwk(rsa.privateKey)])).toEqual([expect.stringContaining('private parts')]);
  expect(faults([jwk(ec.publicKey, { kid: 'a' }), jwk(ec.publicKey, { kid: 'a' })])).toHaveLength(1);
  expect(faults([jwk(ec.publicKey)], { token_endpoint_auth_signing_alg: 'RS256' })).toHaveLength(1);
});

test('the last use of a key is kept in one of 4,096 places, however many there have been', () => {
  const places = new Set(Array.from({ length: 20_000 }, (_, number) => useOfKey(`key ${number}`)));
  expect(places.size).toBeLessThanOrEqual(4096);
  expect(useOfKey('a')).toMatch(/^key [\w-]{2}$/);
});
