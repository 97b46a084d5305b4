/** The domain of passkeys stays when the issuer moves, unless an operator names another one. */
import { expect, test } from '@jest/globals';
import { isWithin, passkeyDomainOf, settlePasskeyDomain } from '../../src/domain/factors/passkey-domain.ts';
import type { Values } from '../../src/domain/ports/values.ts';

function installation(anyPasskey: boolean) {
  const stored = new Map<string, string>();
  const values: Values = {
    get: async (name) => stored.get(name),
    async getOrInsert(name, value) {
      if (!stored.has(name)) stored.set(name, value);
      return stored.get(name) ?? value;
    },
    async replace(name, value, expected) {
      if (stored.get(name) !== expected) return false;
      stored.set(name, value);
      return true;
    },
  };
  return (configured: { issuer: string; passkeyDomain?: string }) =>
    settlePasskeyDomain(configured, values, { anyPasskey: async () => anyPasskey });
}

const before = { issuer: 'https://idp.example.edu' };
const elsewhere = { issuer: 'https://login.example.org' };

test('without the option it is the host of the issuer', () => {
  expect(passkeyDomainOf({ issuer: 'https://idp.example.edu:8443' })).toBe('idp.example.edu');
  expect(passkeyDomainOf({ ...before, passkeyDomain: 'example.edu' })).toBe('example.edu');
});

test('hosts below it are within it, and others are not', () => {
  expect(isWithin('https://idp.example.edu', 'idp.example.edu')).toBe(true);
  expect(isWithin('https://idp.example.edu:8443', 'example.edu')).toBe(true);
  for (const domain of ['ample.edu', 'a.idp.example.edu', 'example.org'])
    expect(isWithin(before.issuer, domain)).toBe(false);
});

test('an issuer that moved is refused while people have passkeys, each time, and the domain stays', async () => {
  const settle = installation(true);
  expect(await settle(before)).toBeUndefined();
  for (let start = 0; start < 2; start += 1)
    await expect(settle(elsewhere)).rejects.toMatchObject({
      code: 'passkeys_lost',
      message: expect.stringContaining(
        'set passkeyDomain: idp.example.edu, and relatedOrigins: [https://login.example.org]; to give them up, set passkeyDomain: login.example.org',
      ),
    });
  await expect(settle({ issuer: 'https://new.idp.example.edu' })).rejects.toMatchObject({
    message: expect.not.stringContaining('relatedOrigins'),
  });
  expect(await settle({ ...elsewhere, passkeyDomain: 'idp.example.edu' })).toBeUndefined();
});

test('an operator who names another domain gives them up, and is told once', async () => {
  const settle = installation(true);
  await settle(before);
  const given = { ...elsewhere, passkeyDomain: 'login.example.org' };
  expect(await settle(given)).toBe('idp.example.edu');
  expect(await settle(given)).toBeUndefined();
  expect(await settle(elsewhere)).toBeUndefined();
});

test('nothing is asked while nobody has a passkey', async () => {
  const settle = installation(false);
  await settle(before);
  expect(await settle(elsewhere)).toBeUndefined();
});
