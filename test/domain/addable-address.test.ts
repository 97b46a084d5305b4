/** Which address may be added by one click: strangers choose the addresses that are refused. */
import { describe, expect, test } from '@jest/globals';
import { addableAddress, addressFault, isOfForeignHost } from '../../src/domain/clients/refusals/addable-address.ts';
import { compared } from '../../src/domain/clients/refusals/refusal.ts';

const registered = { redirect_uris: ['https://grafana.kuleuven.be/login/generic_oauth'] };

describe('an address may be added', () => {
  test.each([
    'https://grafana.kuleuven.be/login/generic_oauth/',
    'https://grafana.kuleuven.be/callback',
    'https://grafana.kuleuven.be/login/generic_oauth?tenant=one',
  ])('on a host that is registered: %s', (uri) => {
    expect(addressFault(uri, registered)).toBeUndefined();
  });

  test.each([
    ['https://evil.example/login/generic_oauth', 'host-not-registered'],
    ['https://grafana.kuleuven.be.evil.example/', 'host-not-registered'],
    ['https://grafana.kuleuven.be@evil.example/', 'not-an-address'],
    ['https://user:pass@grafana.kuleuven.be/', 'not-an-address'],
    ['https://evil.example\\@grafana.kuleuven.be/', 'host-not-registered'],
    ['https://grafana.kuleuven.be%2eevil.example/', 'host-not-registered'],
    ['https://xn--grafana-9za.kuleuven.be/', 'host-not-registered'],
    ['http://grafana.kuleuven.be/login/generic_oauth', 'host-not-registered'],
    ['javascript://grafana.kuleuven.be/%0aalert(1)', 'host-not-registered'],
    ['grafana:/callback', 'host-not-registered'],
    ['https://grafana.kuleuven.be/login/generic_oauth', 'registered-already'],
    ['https://grafana.kuleuven.be/#fragment', 'not-an-address'],
    ['https://grafana.kuleuven.be/?code=…', 'not-an-address'],
    [`https://grafana.kuleuven.be/${'x'.repeat(300)}…`, 'not-an-address'],
    ['https://grafana.kuleuven.be/\uFFFD', 'not-an-address'],
    [' https://grafana.kuleuven.be/a', 'not-an-address'],
    ['https://grafana.kuleuven.be/a b', 'not-an-address'],
    ['<script>alert(1)</script>', 'not-an-address'],
    ['', 'not-an-address'],
  ])('and not: %s', (uri, fault) => {
    expect(addressFault(uri, registered)).toBe(fault);
    expect(addableAddress(compared('redirect-uri-unregistered', uri, ''), registered)).toBeUndefined();
  });

  test('only where the redirect URI was refused, and only while a registration has addresses', () => {
    const uri = 'https://grafana.kuleuven.be/callback';
    expect(addableAddress(compared('redirect-uri-unregistered', uri, ''), registered)).toBe(uri);
    expect(addableAddress(compared('redirect-uri-differs', uri, ''), registered)).toBeUndefined();
    expect(addableAddress({ code: 'pkce-missing' }, registered)).toBeUndefined();
    for (const odd of [{}, { redirect_uris: 'x' }, { redirect_uris: [1, null] }])
      expect(addressFault(uri, odd)).toBe('host-not-registered');
  });
});

test('an address of another host is named as such', () => {
  const [known = ''] = registered.redirect_uris;
  expect(isOfForeignHost(compared('redirect-uri-unregistered', 'https://evil.example/', known))).toBe(true);
  expect(isOfForeignHost(compared('redirect-uri-unregistered', `${known}/`, known))).toBe(false);
  expect(isOfForeignHost(compared('redirect-uri-unregistered', 'https://evil.example/', ''))).toBe(false);
  expect(isOfForeignHost(compared('scope-unregistered', 'a', 'b'))).toBe(false);
});
