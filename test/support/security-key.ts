/** An ES256 key pair as an authenticator holds it and as Pedel stores it, which answers without a browser. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { PasskeyFactor } from '../../src/domain/factors/factor-records.ts';

/** `passkey` lives on a device and may be synced; `key` is a security key. */
export function newKey(kind: 'passkey' | 'key', accountId: string, rpId = 'localhost') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  // COSE_Key (RFC 9053): EC2, ES256, P-256
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  const credentialId = randomBytes(16);
  const id = credentialId.toString('base64url');
  const factor: PasskeyFactor = {
    id: `factor-${id}`,
    name: kind,
    credentialId: id,
    publicKey: cose.toString('base64url'),
    signCount: 0,
    transports: kind === 'passkey' ? ['internal'] : ['usb'],
    keyType: kind === 'passkey' ? 'swk' : 'hwk',
    createdAt: 1,
  };
  /** for `WebAuthn.addCredential` of a virtual authenticator */
  const held = {
    credentialId: credentialId.toString('base64'),
    isResidentCredential: kind === 'passkey',
    rpId,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    ...(kind === 'passkey' ? { userHandle: Buffer.from(accountId).toString('base64') } : {}),
    signCount: 1,
  };

  /**
   * What a browser would post (WebAuthn level 3, 6.1 and 7.2). `signCount` 0: an authenticator without a counter.
   */
  function answer(
    challenge: string,
    about: {
      origin: string;
      userVerified?: boolean;
      signCount?: number;
      backupEligible?: boolean;
      backedUp?: boolean;
      rpId?: string;
    },
  ): string {
    const { origin, userVerified = true, signCount = 0, backupEligible = false, backedUp = false } = about;
    const clientData = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false }));
    const count = Buffer.alloc(4);
    count.writeUInt32BE(signCount);
    const flags = Buffer.from([0x01 | (userVerified ? 0x04 : 0) | (backupEligible ? 0x08 : 0) | (backedUp ? 0x10 : 0)]);
    const rpIdHash = createHash('sha256')
      .update(about.rpId ?? rpId)
      .digest();
    const authenticatorData = Buffer.concat([rpIdHash, flags, count]);
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()]);
    return JSON.stringify({
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        authenticatorData: authenticatorData.toString('base64url'),
        clientDataJSON: clientData.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
      },
    });
  }
  return { factor, held, answer };
}
