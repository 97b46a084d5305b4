import { expect, test } from '@jest/globals';
import type { Consent, Consents } from '../../../src/domain/ports/consents.ts';
import { count, crowds, race, together } from './together.ts';

const consent = (change: Partial<Consent> = {}): Consent => ({
  accountId: 'a',
  clientId: 'c',
  scopes: ['openid'],
  claims: [],
  resourceScopes: {},
  givenAt: 1,
  ...change,
});

export function consentsContract(consents: () => Consents, rounds: number): void {
  test('adding is a union, for scopes, claims and each resource', async () => {
    await consents().add(consent({ scopes: ['openid', 'email'], resourceScopes: { mail: ['read'] } }));
    await consents().add(
      consent({ scopes: ['email', 'phone'], claims: ['x'], resourceScopes: { mail: ['send'], b: ['c'] }, givenAt: 2 }),
    );
    expect(await consents().find('a', 'c')).toEqual({
      accountId: 'a',
      clientId: 'c',
      scopes: ['openid', 'email', 'phone'],
      claims: ['x'],
      resourceScopes: { mail: ['read', 'send'], b: ['c'] },
      givenAt: 2,
    });
  });

  test('what the page named is a union too, and absent where no page said it', async () => {
    await consents().add(consent());
    expect(await consents().find('a', 'c')).not.toHaveProperty('shown');
    await consents().add(consent({ shown: ['name'] }));
    await consents().add(consent());
    await consents().add(consent({ shown: ['email', 'name'] }));
    expect((await consents().find('a', 'c'))?.shown).toEqual(['name', 'email']);
  });

  race('of %i added at once, none is lost', crowds, rounds, async (callers, round) => {
    const clientId = `c ${round}`;
    await together(callers, (caller) => {
      const resourceScopes = { mail: [`right-${caller}`] };
      return consents().add(consent({ clientId, scopes: [`scope-${caller}`], resourceScopes, givenAt: caller }));
    });
    const stored = await consents().find('a', clientId);
    expect(new Set(stored?.scopes).size).toBe(callers);
    expect(new Set(stored?.resourceScopes.mail).size).toBe(callers);
    expect(stored?.givenAt).toBe(callers - 1);
  });

  test('each person and client has one of their own', async () => {
    await consents().add(consent());
    await consents().add(consent({ clientId: 'd', scopes: ['email'] }));
    await consents().add(consent({ accountId: 'b' }));
    expect(await consents().find('b', 'd')).toBeUndefined();
    expect((await consents().byAccount('a')).map(({ clientId }) => clientId)).toEqual(['c', 'd']);
    expect(await consents().byAccount('nobody')).toEqual([]);
  });

  test('of 20 who remove one, one is told that it did, and it is forgotten', async () => {
    await consents().add(consent({ scopes: ['openid', 'email'] }));
    expect(count(await together(20, () => consents().remove('a', 'c')), true)).toBe(1);
    expect(await consents().find('a', 'c')).toBeUndefined();
    await consents().add(consent({ scopes: ['phone'] }));
    expect((await consents().find('a', 'c'))?.scopes).toEqual(['phone']);
  });
}
