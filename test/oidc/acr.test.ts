/** `acr` follows from the factors, in the order of the requested values. */
import { describe, expect, test } from '@jest/globals';
import { acrDemandOf, acrOf, isMultiFactor, MFA, SFA } from '../../src/domain/sign-in/acr.ts';

const claims = (acr: object) => ({ claims: JSON.stringify({ id_token: { acr } }) });

describe('acr', () => {
  test.each([
    [['pwd'], [], SFA],
    [['pwd'], [MFA], SFA],
    [['pwd'], [MFA, SFA], SFA],
    [['pwd', 'otp', 'mfa'], [], MFA],
    [['pwd', 'otp', 'mfa'], [SFA], SFA],
    [['hwk', 'user', 'mfa'], ['urn:x', MFA], MFA],
    [[], [MFA], undefined],
  ])('of %j, asked for %j, is %s', (amr, requested, acr) => {
    expect(acrOf(amr, requested)).toBe(acr);
  });

  test('two factors count as such only where the sign-in says so', () => {
    expect([['pwd'], ['pwd', 'otp'], ['swk', 'user', 'mfa']].map(isMultiFactor)).toEqual([false, false, true]);
  });
});

describe('a request', () => {
  test.each([
    [{}, {}, undefined, false],
    [{ acr_values: MFA }, {}, 'application-prefers', false],
    [{ acr_values: `${SFA} ${MFA}` }, {}, undefined, false],
    [{ acr_values: MFA }, { ownPage: true }, 'own-page-requires', false],
    [{ acr_values: 'urn:x' }, {}, undefined, false],
    [{}, { acr: MFA }, 'application-requires', false],
    [claims({ value: MFA }), {}, 'application-prefers', false],
    [claims({ essential: true, value: MFA }), {}, 'request-requires', false],
    [claims({ essential: true, values: ['urn:x', MFA] }), {}, 'request-requires', false],
    [claims({ essential: true, values: [MFA, SFA] }), {}, undefined, false],
    [claims({ essential: true, values: ['urn:x'] }), {}, undefined, true],
    [claims({ essential: true }), {}, undefined, false],
    [{ ...claims({ essential: true, value: MFA }), acr_values: SFA }, {}, 'request-requires', false],
    [{ claims: 'not json' }, {}, undefined, false],
    [{ claims: '{"id_token":null}' }, {}, undefined, false],
  ])(
    '%j of a client registered with %j: second factor %s, unobtainable %s',
    (params, registered, secondFactor, unobtainable) => {
      const demand = acrDemandOf(params, registered);
      expect([demand.secondFactor, demand.unobtainable]).toEqual([secondFactor, unobtainable]);
    },
  );
});
