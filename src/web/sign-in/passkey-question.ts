/** Asks a browser for a passkey and checks the answer. Each challenge can be answered once. */
import { createHash } from 'node:crypto';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { authenticationOptions, relyingPartyOf, verifyAuthentication } from '../../domain/factors/passkey.ts';
import type { Evidence } from '../../domain/sign-in/sign-in.ts';
import type { Web } from '../web.ts';

export type PasskeyEvidence = Extract<Evidence, { kind: 'passkey' }>;

/** No challenge lives longer than an interaction, so the record of its answer need not either. */
const ANSWERED_SECONDS = 60 * 60;

/** WebAuthn options as JSON. Without `account`, any passkey of this site fits. A pending challenge is kept. */
export async function askPasskey(
  web: Web,
  account: Account | undefined,
  challenge: string | undefined,
): Promise<{ options: string; challenge: string }> {
  const made = await authenticationOptions(account, relyingPartyOf(web, ''));
  const options = { ...made, challenge: challenge ?? made.challenge };
  return { options: JSON.stringify(options), challenge: options.challenge };
}

const answerShape = z.looseObject({ id: z.string().max(2000), response: z.looseObject({}) });

/**
 * Checks `typed` (JSON from the browser) against `challenge`. `find` returns the account of a credential.
 * @returns undefined if the answer is not valid, or the challenge was answered before
 */
export async function checkPasskey(
  web: Web,
  typed: string,
  challenge: string | undefined,
  find: (credentialId: string) => Promise<Account | undefined>,
): Promise<{ account: Account; evidence: PasskeyEvidence } | undefined> {
  const answer = answerShape.safeParse(json(typed));
  if (challenge === undefined || !answer.success) return undefined;
  const account = await find(answer.data.id);
  const factor = account?.passkeys.find(({ credentialId }) => credentialId === answer.data.id);
  if (account === undefined || factor === undefined) return undefined;
  const verified = await verifyAuthentication(factor, answer.data as unknown as AuthenticationResponseJSON, {
    expectedChallenge: challenge,
    relyingParty: relyingPartyOf(web, ''),
  });
  if (verified === undefined) return undefined;
  // Authenticators without a counter can give the same bytes twice. Only one of two parallel uses counts.
  const now = web.now();
  const name = `passkey-challenge ${createHash('sha256').update(challenge).digest('base64url')}`;
  if ((await web.attempts.take(name, now + ANSWERED_SECONDS * 1000, now)) !== 1) return undefined;
  return { account, evidence: { kind: 'passkey', keyType: factor.keyType, ...verified } };
}

function json(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return undefined;
  }
}
