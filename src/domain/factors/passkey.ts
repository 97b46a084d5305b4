/** Passkeys and security keys (WebAuthn level 3): makes what the browser is asked and checks what it answers. */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Account, PasskeyFactor } from '../account/account.ts';

/** EdDSA, ES256, RS256: pinned, because the library's default follows the runtime (ML-DSA on newer ones). */
const ALGORITHMS = [-8, -7, -257];

export type RelyingParty = { id: string; name: string; expectedOrigin: string };

/** The relying party for an issuer URL: its host name, and its origin. */
export function relyingPartyOf(issuer: string, name: string): RelyingParty {
  const url = new URL(issuer);
  return { id: url.hostname, name, expectedOrigin: url.origin };
}

/** Options for `navigator.credentials.create`; keep `challenge` and give it back as `expectedChallenge`. */
export async function registrationOptions(
  account: Account,
  relyingParty: RelyingParty,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: relyingParty.name,
    rpID: relyingParty.id,
    userID: new TextEncoder().encode(account.id),
    userName: account.userNumbers[0] ?? account.emails[0] ?? account.id,
    userDisplayName: `${account.givenName} ${account.familyName}`,
    attestationType: 'none',
    excludeCredentials: account.passkeys.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/** The factor to store; undefined: the browser's answer is not valid. `now`: epoch ms. */
export async function verifyRegistration(
  response: RegistrationResponseJSON,
  trusted: { expectedChallenge: string; relyingParty: RelyingParty; factorId: string; name: string; now: number },
): Promise<PasskeyFactor | undefined> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: trusted.expectedChallenge,
      expectedOrigin: trusted.relyingParty.expectedOrigin,
      expectedRPID: trusted.relyingParty.id,
      requireUserVerification: false, // a security key without a PIN counts as a second factor, but not as both factors
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return undefined;
    const { credential, credentialDeviceType } = registrationInfo;
    return {
      id: trusted.factorId,
      name: trusted.name,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      signCount: credential.counter,
      transports: credential.transports ?? [],
      keyType: credentialDeviceType === 'multiDevice' ? 'swk' : 'hwk',
      createdAt: trusted.now,
    };
  } catch {
    return undefined; // the library throws for a malformed or mismatching answer
  }
}

/**
 * Options for `navigator.credentials.get`. Without an account: any passkey of this site, and user verification is
 * required.
 */
export async function authenticationOptions(
  account: Account | undefined,
  relyingParty: RelyingParty,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: relyingParty.id,
    allowCredentials: (account?.passkeys ?? []).map(({ credentialId, transports }) => ({
      id: credentialId,
      transports,
    })),
    userVerification: account === undefined ? 'required' : 'preferred',
  });
}

/**
 * What the browser's answer proves; undefined: it is not valid. The write that accepts it stores `signCount` by
 * `withPasskeyUse`.
 */
export async function verifyAuthentication(
  factor: PasskeyFactor,
  response: AuthenticationResponseJSON,
  trusted: { expectedChallenge: string; relyingParty: RelyingParty },
): Promise<{ userVerified: boolean; signCount: number } | undefined> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: trusted.expectedChallenge,
      expectedOrigin: trusted.relyingParty.expectedOrigin,
      expectedRPID: trusted.relyingParty.id,
      requireUserVerification: false,
      credential: {
        id: factor.credentialId,
        publicKey: Uint8Array.from(Buffer.from(factor.publicKey, 'base64url')),
        counter: factor.signCount,
      },
    });
    if (!verified) return undefined;
    return { userVerified: authenticationInfo.userVerified, signCount: authenticationInfo.newCounter };
  } catch {
    return undefined;
  }
}

/**
 * The account with that use recorded. Undefined: the passkey is gone, or its counter did not increase, which a copy of
 * the authenticator would cause (WebAuthn 7.2). `now`: epoch ms.
 */
export function withPasskeyUse(
  account: Account,
  credentialId: string,
  signCount: number,
  now: number,
): Account | undefined {
  const factor = account.passkeys.find((each) => each.credentialId === credentialId);
  if (factor === undefined || (factor.signCount > 0 && signCount <= factor.signCount)) return undefined;
  const passkeys = account.passkeys.map((each) => (each === factor ? { ...each, signCount, lastUsedAt: now } : each));
  return { ...account, passkeys };
}
