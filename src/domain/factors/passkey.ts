/** Passkeys and security keys (WebAuthn level 3): makes what the browser is asked and checks what it answers. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Account, Decision } from '../account/account.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { PasskeyFactor } from './factor-records.ts';

/** EdDSA, ES256, RS256: pinned, because the library's default follows the runtime (ML-DSA on newer ones). */
const ALGORITHMS = [-8, -7, -257];

/** 230 modules of certificates, which a node does not need before somebody has a passkey. */
const library = () => import('@simplewebauthn/server');

/** Loads what checks answers (a tenth of a second), so that the first person with a passkey does not wait for it. */
export async function preparePasskeys(): Promise<void> {
  await library();
}

export type RelyingParty = { id: string; name: string; expectedOrigin: string };

/**
 * The relying party: passkeys belong to `passkeyDomain`, and are asked for and answered on pages of `issuer` only, also
 * where other origins are related to the domain (`relatedOrigins`): none of our pages is there.
 */
export function relyingPartyOf(
  { issuer, passkeyDomain }: { issuer: string; passkeyDomain: string },
  name: string,
): RelyingParty {
  return { id: passkeyDomain, name, expectedOrigin: new URL(issuer).origin };
}

/** Options for `navigator.credentials.create`; keep `challenge` and give it back as `expectedChallenge`. */
export async function registrationOptions(
  account: Account,
  relyingParty: RelyingParty,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await library();
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
  const { verifyRegistrationResponse } = await library();
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
    const { credential, credentialDeviceType, credentialBackedUp, aaguid, fmt, userVerified } = registrationInfo;
    const backupEligible = credentialDeviceType === 'multiDevice';
    return {
      id: trusted.factorId,
      name: trusted.name,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      signCount: credential.counter,
      transports: credential.transports ?? [],
      keyType: backupEligible ? 'swk' : 'hwk',
      createdAt: trusted.now,
      aaguid,
      attestationFormat: fmt,
      backupEligible,
      backedUp: credentialBackedUp,
      uvInitialized: userVerified,
    };
  } catch {
    return undefined; // the library throws for a malformed or mismatching answer
  }
}

/**
 * Options for `navigator.credentials.get` (WebAuthn level 3, 5.10.2, as JSON). Without an account: any passkey of this
 * site, and user verification is required. On every page that asks for a password, so without the library.
 * @param challenge base64url of at least 16 random bytes
 */
export function authenticationOptions(
  account: Account | undefined,
  relyingParty: RelyingParty,
  challenge: string,
): PublicKeyCredentialRequestOptionsJSON {
  return {
    rpId: relyingParty.id,
    challenge,
    allowCredentials: (account?.passkeys ?? []).map(({ credentialId, transports }) => ({
      id: credentialId,
      transports,
      type: 'public-key',
    })),
    timeout: 60_000,
    userVerification: account === undefined ? 'required' : 'preferred',
  };
}

/** What a use of a passkey proves, and what the write that accepts it stores by `withPasskeyUse`. */
export type PasskeyUse = {
  credentialId: string;
  signCount: number;
  /** it verified its user, and that counts */
  userVerified: boolean;
  /**
   * it verified its user, but never did before: whoever found it may have given it the PIN, so this counts for nothing
   * (WebAuthn level 3, 4, `uvInitialized`)
   */
  newlyVerified?: boolean;
  backupEligible?: boolean;
  backedUp?: boolean;
};

/**
 * What the browser's answer proves; undefined: it is not valid, or the passkey is no longer synced or bound to one device
 * as it was when it was set up (7.2, step 20).
 */
export async function verifyAuthentication(
  factor: PasskeyFactor,
  response: AuthenticationResponseJSON,
  trusted: { expectedChallenge: string; relyingParty: RelyingParty },
): Promise<PasskeyUse | undefined> {
  const { verifyAuthenticationResponse } = await library();
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
        counter: 0, // the rule that accepts it compares counters, so that one that went back can be told
      },
    });
    if (!verified) return undefined;
    const { userVerified, newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo;
    const backupEligible = credentialDeviceType === 'multiDevice';
    if (backupEligible !== (factor.backupEligible ?? backupEligible)) return undefined;
    const newlyVerified = userVerified && factor.uvInitialized === false;
    return {
      credentialId: factor.credentialId,
      signCount: newCounter,
      userVerified: userVerified && !newlyVerified,
      ...(newlyVerified ? { newlyVerified } : {}),
      backupEligible,
      backedUp: credentialBackedUp,
    };
  } catch {
    return undefined;
  }
}

/** Whether the counter did not go up since the last use: a copy of the authenticator may be in use (WebAuthn 7.2, step 22). */
export function counterWentBack(factor: PasskeyFactor, signCount: number): boolean {
  return factor.signCount > 0 && signCount <= factor.signCount;
}

/** Rule: a passkey's counter went back. Its owner gets an email, and the desk reads it in the audit log. */
export function tellCounterWentBack(
  account: Account,
  { credentialId, signCount }: Pick<PasskeyUse, 'credentialId' | 'signCount'>,
  context: { organisations: Organisation[]; network: string; now: number },
): Decision<'told'> {
  const factor = account.passkeys.find((each) => each.credentialId === credentialId);
  if (factor === undefined) return { outcome: 'told' };
  return {
    outcome: 'told',
    effects: [
      ...notices(account, 'passkey-copied', { factor: factor.name }, context),
      {
        kind: 'audit',
        entry: {
          at: context.now,
          action: 'passkey.counter-went-back',
          actor: { kind: 'anonymous' },
          subject: account.id,
          network: context.network,
          details: { factor: factor.id, last: String(factor.signCount), now: String(signCount) },
        },
      },
    ],
  };
}

/**
 * The account with that use recorded. Undefined: the passkey is gone, or its counter did not increase, which a copy of
 * the authenticator would cause (WebAuthn 7.2).
 * @param context `now`: epoch ms; `password`: the same person has proven the password, so that a verification of the user
 *   that is the passkey's first counts from its next use on
 */
export function withPasskeyUse(
  account: Account,
  { credentialId, signCount, newlyVerified, backupEligible, backedUp }: PasskeyUse,
  { now, password }: { now: number; password: boolean },
): Account | undefined {
  const factor = account.passkeys.find((each) => each.credentialId === credentialId);
  if (factor === undefined || counterWentBack(factor, signCount)) return undefined;
  const used: PasskeyFactor = {
    ...factor,
    signCount,
    lastUsedAt: now,
    ...(backupEligible === undefined ? {} : { backupEligible }),
    ...(backedUp === undefined ? {} : { backedUp }),
    ...(newlyVerified === true && password ? { uvInitialized: true } : {}),
  };
  return { ...account, passkeys: account.passkeys.map((each) => (each === factor ? used : each)) };
}
