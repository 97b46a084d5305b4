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
    [{}, {}, 'none', false],
    [{ acr_values: MFA }, {}, 'preferred', false],
    [{ acr_values: `${SFA} ${MFA}` }, {}, 'none', false],
    [{ acr_values: MFA }, { always: true }, 'demanded', false],
    [{ acr_values: 'urn:x' }, {}, 'none', false],
    [{}, { acr: MFA }, 'demanded', false],
    [claims({ value: MFA }), {}, 'preferred', false],
    [claims({ essential: true, value: MFA }), {}, 'demanded', false],
    [claims({ essential: true, values: ['urn:x', MFA] }), {}, 'demanded', false],
    [claims({ essential: true, values: [MFA, SFA] }), {}, 'none', false],
    [claims({ essential: true, values: ['urn:x'] }), {}, 'none', true],
    [claims({ essential: true }), {}, 'none', false],
    [{ ...claims({ essential: true, value: MFA }), acr_values: SFA }, {}, 'demanded', false],
    [{ claims: 'not json' }, {}, 'none', false],
    [{ claims: '{"id_token":null}' }, {}, 'none', false],
  ])(
    '%j of a client registered with %j: second factor %s, unobtainable %s',
    (params, registered, secondFactor, unobtainable) => {
      expect(acrDemandOf(params, registered)).toMatchObject({ secondFactor, unobtainable });
    },
  );
});
