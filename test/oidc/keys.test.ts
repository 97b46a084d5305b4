/** Keys and salt are made once, by the first node to start; they are sealed, and picked up without a restart (rule 25). */
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { calculateJwkThumbprint, decodeProtectedHeader, type JWK } from 'jose';
import type { SigningKeyRecord, SigningKeys } from '../../src/domain/ports/signing-keys.ts';
import { Problem } from '../../src/domain/problem.ts';
import { ensureSigningKeys, newSigningKey } from '../../src/domain/signing-keys/signing-key.ts';
import { REREAD_MS } from '../../src/domain/signing-keys/signing-key-schedule.ts';
import { pairwiseSalt } from '../../src/oidc/clients/pairwise.ts';
import { createCookieSigner } from '../../src/oidc/sign-in/cookies.ts';
import { createKeyRing } from '../../src/oidc/tokens/signing-keys.ts';
import { cases } from '../support/cases.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { application, closeAll, type Kit, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const sealer = sealerUnder('a sealing secret of at least 32 characters');

const silent = () => {};

function ringOf(signingKeys: Pick<SigningKeys, 'list'>, under = sealer) {
  const clock = { now: 1 };
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return { clock, ring: createKeyRing({ signingKeys, sealer: under, now: () => clock.now, log }) };
}

const isFirstRsa = ({ alg, generation }: SigningKeyRecord) => alg === 'RS256' && generation === 1;

/** Runs the garbage collector. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

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
    for (const { kid, publicJwk, sealedPrivateJwk } of records) {
      expect(publicJwk.d).toBeUndefined();
      expect(kid).toBe(await calculateJwkThumbprint(publicJwk as JWK));
      expect(() => sealer.open(sealedPrivateJwk, 'another', 'signing-key')).toThrow();
    }
    const stranger = ringOf(storage.signingKeys, sealerUnder('another secret of at least 32 chars'));
    await expect(stranger.ring.read()).rejects.toThrow('PEDEL_SECRET');
    await storage.close();
  });

  test('that were added are taken up by a reload, while what the old one signed still verifies', async () => {
    const kit = await startOidc({ clients: [application('toledo', { id_token_signed_response_alg: 'ES256' })] });
    const browser = visitor();
    const { id_token: before } = await kit.tokens(browser, { client_id: 'toledo' });
    const [old] = (await kit.storage.signingKeys.list()).filter(({ alg }) => alg === 'ES256');
    const at = Date.now() - 1;
    const next = await newSigningKey('ES256', 2, sealer, { createdAt: at, usedFrom: at });
    await kit.storage.signingKeys.insert(next);
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

  test('of another node are published within half a minute, and sign from the very moment on, though no storage answers', async () => {
    setClock(Date.now());
    const storage = await openTestStorage();
    let away = false;
    const list = async () => {
      if (away) throw new Problem('storage_unavailable', 'away');
      return storage.signingKeys.list();
    };
    const kit = await startOidc({
      storage: { ...storage, signingKeys: { ...storage.signingKeys, list } },
      clients: [application('toledo', { id_token_signed_response_alg: 'ES256' })],
    });
    const browser = visitor();
    const signs = async () => decodeProtectedHeader((await kit.tokens(browser, { client_id: 'toledo' })).id_token).kid;
    const pass = (ms: number) => jest.setSystemTime(Date.now() + ms);
    const first = await signs();
    const usedFrom = Date.now() + 90_000;
    const next = await newSigningKey('ES256', 2, sealer, { createdAt: Date.now(), usedFrom });
    await storage.signingKeys.insert(next);
    expect(await published(kit)).not.toContain(next.kid);
    pass(REREAD_MS);
    expect(await published(kit)).toContain(next.kid);
    expect(await signs()).toBe(first);
    away = true;
    jest.setSystemTime(usedFrom - 1000);
    expect(await signs()).toBe(first);
    jest.setSystemTime(usedFrom);
    expect(await signs()).toBe(next.kid);
    expect(kit.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)).toContain(
      'the signing keys could not be read again: those known before are used',
    );
    // and nobody is told to keep what may be old
    const cacheControl = async () => (await fetch(`${kit.issuer}/jwks`)).headers.get('cache-control');
    expect(await cacheControl()).toBe('no-cache');
    away = false;
    pass(10_000);
    expect(await cacheControl()).toBe('public, max-age=3600');
    await storage.close();
  });

  test('may be kept by all for the configured time, and the page that leads to them as well', async () => {
    const kit = await startOidc({ jwksCacheSeconds: 1800 });
    for (const path of ['/jwks', '/.well-known/openid-configuration']) {
      const { headers } = await fetch(kit.issuer + path);
      expect([headers.get('cache-control'), headers.get('set-cookie')]).toEqual(['public, max-age=1800', null]);
    }
    expect((await fetch(`${kit.issuer}/auth`)).headers.get('cache-control')).toContain('no-store');
  });

  test('change without another question to the storage about applications, or to what a registration refers to', async () => {
    const kit = await startOidc({ clients: [application('toledo'), application('webmail')] });
    await kit.tokens(visitor(), { client_id: 'toledo' });
    const find = jest.spyOn(kit.storage.clients, 'find');
    const at = Date.now() - 1;
    await kit.storage.signingKeys.insert(await newSigningKey('RS256', 2, sealer, { createdAt: at, usedFrom: at }));
    setClock(Date.now() + REREAD_MS);
    const { id_token: token } = await kit.tokens(visitor(), { client_id: 'toledo' });
    expect(decodeProtectedHeader(token).kid).not.toBe((await kit.storage.signingKeys.list()).find(isFirstRsa)?.kid);
    expect(find).not.toHaveBeenCalled();
  });

  const times = cases(100);
  test(`may change ${2 * times} times: nothing is left of those before`, async () => {
    const storage = await openTestStorage();
    const kit = await startOidc({ storage, clients: [application('toledo')] });
    const [one, other] = await Promise.all(
      [2, 3].map((generation) => newSigningKey('ES256', generation, sealer, { createdAt: 0, usedFrom: generation })),
    );
    const collect = collector();
    const changeKeys = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const key = (round % 2 === 0 ? one : other) as SigningKeyRecord;
        await storage.signingKeys.insert(key);
        await kit.oidc.reload();
        await storage.signingKeys.remove(key.kid);
        await kit.oidc.reload();
      }
      await fetch(`${kit.issuer}/jwks`);
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await changeKeys(50);
    const after = await changeKeys(times);
    expect((after - before) / 1024 / 1024).toBeLessThan(8); // 200 providers that stay are 14 MB
    await storage.close();
  }, 240_000);
});

describe('the salt of pairwise subjects', () => {
  test('is made once, sealed, and the same on every node', async () => {
    const storage = await openTestStorage();
    const [one, other] = await Promise.all([
      pairwiseSalt(storage.values, sealer, randomBytes),
      pairwiseSalt(storage.values, sealer, randomBytes),
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
