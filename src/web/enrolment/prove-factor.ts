/**
 * Decides whether the person holds the factor being enrolled, by a TOTP code or by the browser's answer for a passkey.
 */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { proveTotp } from '../../domain/factors/enrolment.ts';
import { factorsOf } from '../../domain/factors/factor.ts';
import { relyingPartyOf, verifyRegistration } from '../../domain/factors/passkey.ts';
import { authenticatorName } from '../authenticator-names.ts';
import type { Web } from '../web.ts';
import type { EnrolmentAnswer } from './enrolment-answer.ts';
import type { EnrolmentHost } from './enrolment-page.ts';

export function createFactorProof(web: Pick<Web, 'sealer' | 'issuer' | 'passkeyDomain' | 'pages' | 'now'>) {
  const { sealer, now } = web;

  function totp(ctx: Koa.Context, { account, pending }: EnrolmentHost, code: string): EnrolmentAnswer {
    const name = freeName(account, web.pages.t(ctx)('account.totp_name'));
    const factor = proveTotp(account, pending, code, name, sealer, now());
    return factor === undefined
      ? { kind: 'refused', refusal: 'wrong-code' }
      : { kind: 'proven', factor: { kind: 'totp', factor } };
  }

  async function passkey(
    ctx: Koa.Context,
    { account, pending, organisation }: EnrolmentHost,
    answer: string,
  ): Promise<EnrolmentAnswer> {
    if (answer === '') return { kind: 'refused', refusal: 'passkey-needs-script' };
    const { challenge, factorId } = pending;
    if (challenge === undefined || factorId === undefined) return { kind: 'keep', pending };
    const factor = await verifyRegistration(parsed(answer), {
      expectedChallenge: challenge,
      relyingParty: relyingPartyOf(web, organisation.name[account.language]),
      factorId,
      name: freeName(account, web.pages.t(ctx)('account.passkey_name')),
      now: now(),
    });
    if (factor === undefined) return { kind: 'refused', refusal: 'passkey-failed' };
    const made = await authenticatorName(factor.aaguid);
    const named = made === undefined ? factor : { ...factor, name: freeName(account, made) };
    return { kind: 'proven', factor: { kind: 'passkey', factor: named } };
  }

  return { totp, passkey };
}

/** `Passkey`, or `Passkey 2` if that name is taken. */
function freeName(account: Account, name: string): string {
  const names = factorsOf(account).map((factor) => factor.name);
  const free = [name, ...names.map((_, index) => `${name} ${index + 2}`)];
  return free.find((each) => !names.includes(each)) ?? name;
}

function parsed(answer: string) {
  try {
    return JSON.parse(answer);
  } catch {
    return {}; // verifyRegistration refuses it
  }
}
