/** A storage with records of every kind, for copies, backups and checks. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { sealValues } from '../../src/domain/audit/sealed-audit-values.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { numbered } from '../storage/contract/numbered.ts';
import { aWebhook } from '../storage/contract/webhooks.ts';
import { secret, startOfTests } from './command-line.ts';

const HOUR_MS = 3_600_000;

/** Two people, one of them signed in with tokens; one waiting email and one sent email. */
export async function fill(storage: Storage): Promise<void> {
  const { accounts, attempts, clients, protocolRecords, outbox, signingKeys, auditLog, values } = storage;
  const sealer = await openSealer({ secret }, values, randomBytes);
  const totp = {
    id: 't',
    name: 'phone',
    sealedSeed: sealer.seal('SEED', 'id-0000001', 'totp'),
    lastStep: 1,
    createdAt: 0,
  };
  const account = numbered(1, { totps: [totp] });
  await accounts.insert(account);
  await accounts.insert(numbered(2));
  await clients.put({ id: 'toledo', revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 }, 0);
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  await signingKeys.insert({
    kid: 'k',
    alg: 'ES256',
    generation: 1,
    publicJwk: {},
    sealedPrivateJwk: sealer.seal(JSON.stringify(jwk), 'k', 'signing-key'),
    createdAt: 1,
    usedFrom: 1,
  });
  const secrets = [{ sealed: sealer.seal('whsec_', 'one', 'webhook'), createdAt: 1 }];
  await storage.webhooks.put(aWebhook({ secrets }), 0);
  const expiresAt = startOfTests + HOUR_MS;
  await protocolRecords.put('RefreshToken', 'token', { accountId: 'id-0000001' }, expiresAt);
  const record = { uid: 'u', accountId: 'id-0000001' };
  await protocolRecords.saveSession({ key: 'session', record, expiresAt, now: startOfTests });
  await attempts.take('guesses', expiresAt, startOfTests);
  for (const id of ['sent', 'waits'])
    await outbox.put({
      id,
      kind: 'letter',
      accountId: 'id-0000001',
      payload: { sealedSecret: sealer.seal('{}', 'id-0000001', 'letter') },
      createdAt: startOfTests + (id === 'sent' ? 0 : 1),
    });
  await outbox.claim('letter', startOfTests, startOfTests + 9, 1);
  await outbox.done('sent', startOfTests + 9, startOfTests);
  await auditLog.append({
    id: 'e',
    at: 1,
    action: 'consent.given',
    actor: { kind: 'system' },
    subject: 'id-0000001',
    sealedValues: sealValues(sealer, account, { old: 'name' }, randomBytes),
  });
}
