/** Asks a browser for a passkey and checks the answer. Each challenge can be answered once. */
import { createHash } from 'node:crypto';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import {
  authenticationOptions,
  counterWentBack,
  relyingPartyOf,
  tellCounterWentBack,
  verifyAuthentication,
} from '../../domain/factors/passkey.ts';
import type { Proof, ProofOutcome } from '../../domain/sign-in/proof.ts';
import type { Evidence } from '../../domain/sign-in/sign-in.ts';
import type { Web } from '../web.ts';

export type PasskeyEvidence = Extract<Evidence, { kind: 'passkey' }>;

const CHALLENGE_BYTES = 32;
/** No challenge lives longer than an interaction, so the record of its answer need not either. */
const ANSWERED_SECONDS = 60 * 60;
/** How often an owner is told that there may be a copy. */
const TOLD_SECONDS = 24 * 60 * 60;

/** WebAuthn options as JSON. Without `account`, any passkey of this site fits. A pending challenge is kept. */
export function askPasskey(
  web: Web,
  account: Account | undefined,
  challenge: string | undefined,
): { options: string; challenge: string } {
  const asked = challenge ?? Buffer.from(web.randomBytes(CHALLENGE_BYTES)).toString('base64url');
  return { options: JSON.stringify(authenticationOptions(account, relyingPartyOf(web, ''), asked)), challenge: asked };
}

/**
 * The challenge on the first page of a sign-in, which nobody can foresee and which needs no write: many open that page and
 * leave. Whatever answer to it verifies is kept as used, so the page asks with a challenge of its own afterwards.
 */
export function firstChallenge(web: Pick<Web, 'sealer'>, interaction: { uid: string }): string {
  return web.sealer.mac('passkey-question', interaction.uid);
}

const answerShape = z.looseObject({ id: z.string().max(2000), response: z.looseObject({}) });

export type PasskeyAnswer = Pick<Proof, 'place' | 'client'> & {
  /** JSON from the browser */
  typed: string;
  /** that of the question on the page */
  challenge: string | undefined;
  /** whether it stands in for the password too, so that it must have verified its user */
  alone?: boolean;
  /** the account of a credential */
  find(credentialId: string): Promise<Account | undefined>;
};

type Unverified = Extract<ProofOutcome, 'unverified' | 'newly-verified'>;

/**
 * Checks a passkey's answer, has `accept` spend it, and leaves its trace. It has no rate limit (rule 2).
 * @returns why it is refused: `passkey` whatever was wrong with the answer, that its user was not verified, or what
 *   `accept` says
 * @throws what `accept` and the storage throw
 */
export async function provePasskey<Refusal extends Extract<ProofOutcome, 'used' | 'changed' | 'other-account'>>(
  web: Web,
  ctx: Koa.Context,
  answer: PasskeyAnswer,
  accept: (account: Account, evidence: PasskeyEvidence) => Promise<Refusal | undefined>,
): Promise<'passkey' | Unverified | Exclude<Refusal, 'used'> | undefined> {
  const { place, client } = answer;
  const { outcome, account, refusal } = await judge();
  await web.trace(ctx, {
    place,
    factor: 'passkey',
    outcome,
    ...(account === undefined ? {} : { account: account.id }),
    ...(client === undefined ? {} : { client }),
  });
  if (outcome === 'right') return undefined;
  return outcome === 'unverified' || outcome === 'newly-verified' ? outcome : (refusal ?? 'passkey');

  async function judge(): Promise<{ outcome: ProofOutcome; account?: Account; refusal?: Exclude<Refusal, 'used'> }> {
    const checked = await checkPasskey(web, answer);
    if (checked.kind === 'refused') return checked;
    const { account, evidence } = checked;
    if (answer.alone === true && !evidence.userVerified) {
      return { outcome: evidence.newlyVerified === true ? 'newly-verified' : 'unverified', account };
    }
    if (account.activatedAt === undefined) return { outcome: 'not-active', account };
    const refused = await accept(account, evidence);
    if (refused === undefined) return { outcome: 'right', account };
    if (refused === 'used') return { outcome: await whyUsed(web, ctx, account, evidence), account };
    return { outcome: refused, account, refusal: refused as Exclude<Refusal, 'used'> };
  }
}

/** The owner is told once a day for each passkey that there may be a copy of it. */
async function whyUsed(
  web: Web,
  ctx: Koa.Context,
  account: Account,
  evidence: PasskeyEvidence,
): Promise<'used' | 'counter-went-back'> {
  const factor = account.passkeys.find(({ credentialId }) => credentialId === evidence.credentialId);
  // as it was when the question was answered: of two uses at once, the slower one is no copy
  if (factor === undefined || !counterWentBack(factor, evidence.signCount)) return 'used';
  const now = web.now();
  const times = await web.attempts.take(`counter-went-back ${account.id} ${factor.id}`, now + TOLD_SECONDS * 1000, now);
  const acting = web.acting(ctx);
  if (times === 1) await web.update(account.id, (each) => tellCounterWentBack(each, evidence, acting));
  return 'counter-went-back';
}

type Checked =
  | { kind: 'valid'; account: Account; evidence: PasskeyEvidence }
  | { kind: 'refused'; outcome: ProofOutcome; account?: Account };

/** `expired`: no question is open; `used`: it was answered before. */
async function checkPasskey(web: Web, { typed, challenge, find }: PasskeyAnswer): Promise<Checked> {
  const answer = answerShape.safeParse(json(typed));
  if (challenge === undefined) return { kind: 'refused', outcome: 'expired' };
  if (!answer.success) return { kind: 'refused', outcome: 'wrong' };
  const account = await find(answer.data.id);
  const factor = account?.passkeys.find(({ credentialId }) => credentialId === answer.data.id);
  if (account === undefined) return { kind: 'refused', outcome: 'unknown' };
  if (factor === undefined) return { kind: 'refused', outcome: 'unknown', account };
  const verified = await verifyAuthentication(factor, answer.data as unknown as AuthenticationResponseJSON, {
    expectedChallenge: challenge,
    relyingParty: relyingPartyOf(web, ''),
  });
  if (verified === undefined) return { kind: 'refused', outcome: 'wrong', account };
  // Authenticators without a counter can give the same bytes twice. Only one of two parallel uses counts.
  const now = web.now();
  const name = `passkey-challenge ${createHash('sha256').update(challenge).digest('base64url')}`;
  const times = await web.attempts.take(name, now + ANSWERED_SECONDS * 1000, now);
  if (times !== 1) return { kind: 'refused', outcome: 'used', account };
  return { kind: 'valid', account, evidence: { kind: 'passkey', keyType: factor.keyType, ...verified } };
}

function json(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return undefined;
  }
}
