/** Keys and the salt: made once whoever starts first, sealed, and taken up without stopping (rule 25). */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import type { SigningKeyRecord } from '../../src/domain/ports.ts';
import { createSealer } from '../../src/domain/sealed.ts';
import { createCookieSigner } from '../../src/oidc/cookies.ts';
import { pairwiseSalt } from '../../src/oidc/pairwise.ts';
import { ensureSigningKeys, newSigningKey, signingJwks } from '../../src/oidc/signing-keys.ts';
import { openTestStorage } from '../support/storage.ts';
import { application, closeAll, type Kit, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const sealer = createSealer('a sealing secret of at least 32 characters');

async function published(kit: Kit): Promise<string[]> {
  const { keys } = (await (await fetch(`${kit.issuer}/jwks`)).json()) as { keys: Record<string, string>[] };
  for (const key of keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
  return keys.map(({ kid = '' }) => kid);
}

describe('signing keys', () => {
  test('of two nodes that start together one makes them', async () => {
    const storage = await openTestStorage();
    await Promise.all([
      ensureSigningKeys(storage.signingKeys, sealer, 1),
      ensureSigningKeys(storage.signingKeys, sealer, 1),
    ]);
    expect((await storage.signingKeys.list()).map(({ alg, generation }) => [alg, generation]).sort()).toEqual([
      ['ES256', 1],
      ['RS256', 1],
    ]);
    await storage.close();
  });

  test('are sealed in storage, open only for their own kid, and not under another secret', async () => {
    const storage = await openTestStorage();
    await ensureSigningKeys(storage.signingKeys, sealer, 1);
    const records = await storage.signingKeys.list();
    expect(JSON.stringify(records)).not.toMatch(/"d"/);
    for (const { publicJwk, sealedPrivateJwk } of records) {
      expect(publicJwk.d).toBeUndefined();
      expect(() => sealer.open(sealedPrivateJwk, 'another', 'signing-key')).toThrow();
    }
    await expect(
      signingJwks(storage.signingKeys, createSealer('another secret of at least 32 chars'), 1),
    ).rejects.toThrow('PEDEL_SECRET');
    await storage.close();
  });

  test('stand in the order in which the right one signs: in use, to come, retired', async () => {
    const key = async (
      generation: number,
      usedFrom: number,
      usedUntil?: number,
      removedAt?: number,
    ): Promise<SigningKeyRecord> => ({
      ...(await newSigningKey('ES256', generation, sealer, 0)),
      kid: `k${generation}`,
      sealedPrivateJwk: sealer.seal('{}', `k${generation}`, 'signing-key'),
      usedFrom,
      ...(usedUntil === undefined ? {} : { usedUntil }),
      ...(removedAt === undefined ? {} : { removedAt }),
    });
    const records = [await key(1, 0, 50, 80), await key(2, 0, 50), await key(3, 50), await key(4, 200)];
    const order = async (now: number) =>
      (await signingJwks({ list: async () => [...records] }, sealer, now)).map((jwk) => (jwk as { kid: string }).kid);
    expect(await order(60)).toEqual(['k3', 'k4', 'k1', 'k2']);
    expect(await order(90)).toEqual(['k3', 'k4', 'k2']);
    expect((await order(210))[0]).toBe('k4');
  });

  test('that were added are taken up by a reload, while what the old one signed still verifies', async () => {
    const kit = await startOidc({ clients: [application('toledo', { id_token_signed_response_alg: 'ES256' })] });
    const browser = visitor();
    const { id_token: before } = await kit.tokens(browser, { client_id: 'toledo' });
    const [old] = (await kit.storage.signingKeys.list()).filter(({ alg }) => alg === 'ES256');
    const next = await newSigningKey('ES256', 2, sealer, Date.now() - 1);
    await kit.storage.signingKeys.insert(next);
    await kit.storage.signingKeys.update(old?.kid ?? '', { usedUntil: Date.now() - 1 });
    await kit.oidc.reload();
    const { id_token: after } = await kit.tokens(browser, { client_id: 'toledo' });
    expect(decodeProtectedHeader(before).kid).toBe(old?.kid);
    expect(decodeProtectedHeader(after).kid).toBe(next.kid);
    expect(await published(kit)).toEqual(expect.arrayContaining([old?.kid, next.kid]));
    // and a hint signed with the old one is still known
    expect(await kit.authorize(browser, { client_id: 'toledo', prompt: 'none', id_token_hint: before })).toMatchObject({
      code: expect.anything(),
    });
  });
});

describe('the salt of pairwise subjects', () => {
  test('is made once, sealed, and the same on every node', async () => {
    const storage = await openTestStorage();
    const [one, other] = await Promise.all([
      pairwiseSalt(storage.values, sealer),
      pairwiseSalt(storage.values, sealer),
    ]);
    expect(one.equals(other)).toBe(true);
    expect(one).toHaveLength(32);
    expect(await storage.values.get('pairwise-salt')).not.toContain(one.toString('base64url'));
    await storage.close();
  });
});

describe('cookie signatures', () => {
  test('are made with the current key and accepted under both', () => {
    const [current, previous, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    const signer = createCookieSigner([current, previous]);
    const signed = (key: Buffer) => createCookieSigner([key]).sign('a=b');
    expect(signer.sign('a=b')).toBe(signed(current));
    expect([current, previous, foreign].map((key) => signer.index('a=b', signed(key)))).toEqual([0, 1, -1]);
    expect([signer.verify('a=c', signed(current)), signer.verify('a=b', ''), signer.verify('a=b', 'x')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
