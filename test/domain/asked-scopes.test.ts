/** Which scopes of a request go on, and why others do not. */
import { describe, expect, test } from '@jest/globals';
import {
  narrowScopes,
  remedyOfDrop,
  scopeDropReasons,
  whyNoRefresh,
} from '../../src/domain/clients/release/asked-scopes.ts';

describe('a request', () => {
  test.each([
    ['openid email', ['openid', 'email'], 'openid email', ''],
    ['openid email phone', ['openid', 'email'], 'openid email', 'phone'],
    ['phone address', ['openid'], '', 'phone address'],
    ['openid offline_access', ['openid'], 'openid', 'offline_access'],
    // of a resource, perhaps: not ours to drop
    ['openid courses:read', ['openid'], 'openid courses:read', ''],
    ['openid email', undefined, 'openid email', ''],
  ])('for "%s" of a registration with %j keeps "%s" and drops "%s"', (asked, registered, kept, dropped) => {
    const narrowed = narrowScopes(asked.split(' '), registered);
    expect([narrowed.kept.join(' '), narrowed.dropped.join(' ')]).toEqual([kept, dropped]);
  });

  const good = { mayRefresh: true, givesCode: true, firstParty: false, asksConsent: true };
  test.each([
    [good, undefined],
    [{ ...good, asksConsent: false, firstParty: true }, undefined],
    [{ ...good, asksConsent: false }, 'refresh-without-consent-prompt'],
    [{ ...good, firstParty: true, givesCode: false }, 'refresh-without-code'],
    [{ ...good, firstParty: true, mayRefresh: false }, 'refresh-not-registered'],
  ])('for offline_access %j is refused for the reason %s', (request, because) => {
    expect(whyNoRefresh(request)).toBe(because);
  });
});

test('every reason says what to do', () => {
  const remedies = scopeDropReasons.map(remedyOfDrop);
  expect(new Set(remedies).size).toBe(scopeDropReasons.length);
});
