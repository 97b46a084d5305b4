/** What an account keeps of its second factors, and of the recovery of a lost one. */

/** Of a seed that a source brought. Absent: SHA-1, 6 digits, steps of 30 seconds. */
export type TotpSettings = { algorithm?: 'sha256' | 'sha512'; digits?: 8; period?: 60 };

export type TotpFactor = TotpSettings & {
  id: string;
  name: string;
  /** the seed, sealed for owner `account.id`, field `totp` */
  sealedSeed: string;
  /** last time step accepted; a step only ever increases (rule 4) */
  lastStep: number;
  createdAt: number;
  lastUsedAt?: number;
};

export type PasskeyFactor = {
  id: string;
  name: string;
  /** base64url credential id; unique in the association */
  credentialId: string;
  /** COSE public key, base64url */
  publicKey: string;
  signCount: number;
  transports: string[];
  /** `swk`: may be synced between devices (backup eligible); `hwk`: bound to one */
  keyType: 'hwk' | 'swk';
  createdAt: number;
  lastUsedAt?: number;
  /**
   * The rest of a credential record (WebAuthn level 3, 4), which is absent of passkeys that were set up before version
   * 0.3. AAGUID: which model or password manager made it, a UUID; all zeros: it does not say.
   */
  aaguid?: string;
  /** the attestation statement format of the registration; `none` unless the authenticator gave one unasked */
  attestationFormat?: string;
  /** whether it may be synced (BE); never changes */
  backupEligible?: boolean;
  /** whether it was synced (BS) at its last use */
  backedUp?: boolean;
  /**
   * whether it has verified its user (UV) at the registration, or since in a sign-in with the password; false: its user
   * verification proves nothing yet
   */
  uvInitialized?: boolean;
};

export type RecoveryCodes = { macs: string[]; createdAt: number };

/**
 * A slow recovery of the second step (slow-recovery.ts). Times in epoch ms. `until`: from when a new one can be set
 * up; `epoch`: `credentialsEpoch` when it began, a higher one ends it; `tellAt`: when something is to be told or cleared next;
 * `stoppedAt`: it is no more, and another begins a day later at the earliest.
 */
export type SlowRecovery = { since: number; until: number; epoch: number; tellAt: number; stoppedAt?: number };
