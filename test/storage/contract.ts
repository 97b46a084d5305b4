/** Every promise of `src/domain/ports.ts`, for every backend, without exceptions. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import type { Storage } from '../../src/domain/ports.ts';
import { accountsContract } from './contract/accounts.ts';
import { attemptsContract } from './contract/attempts.ts';
import { auditLogContract } from './contract/audit-log.ts';
import { clientsContract } from './contract/clients.ts';
import { consentsContract } from './contract/consents.ts';
import { leasesContract } from './contract/leases.ts';
import { outboxContract } from './contract/outbox.ts';
import { protocolRecordsContract } from './contract/protocol-records.ts';
import { sessionsContract } from './contract/sessions.ts';
import { signingKeysContract } from './contract/signing-keys.ts';
import { NOW } from './contract/together.ts';
import { valuesContract } from './contract/values.ts';
import { storageAsAWholeContract } from './contract/whole.ts';

/** `open` gives a fresh, empty storage whose clock is `now` (epoch ms). */
export function storageContract(name: string, open: (options: { now: () => number }) => Promise<Storage>): void {
  describe(`${name} keeps the contract of storage:`, () => {
    let current: Storage | undefined;
    const storage = () => {
      if (current === undefined) throw new TypeError('no storage is open outside a test');
      return current;
    };
    beforeEach(async () => {
      current = await open({ now: () => NOW });
    });
    afterEach(async () => {
      await current?.close();
      current = undefined;
    });

    describe('accounts', () => accountsContract(() => storage().accounts));
    describe('clients', () => clientsContract(() => storage().clients));
    describe('consents', () => consentsContract(() => storage().consents));
    describe('attempts', () => attemptsContract(() => storage().attempts));
    describe('protocol records', () => protocolRecordsContract(() => storage().protocolRecords));
    describe('sessions', () => sessionsContract(() => storage().protocolRecords));
    describe('signing keys', () => signingKeysContract(() => storage().signingKeys));
    describe('values', () => valuesContract(() => storage().values));
    describe('outbox', () => outboxContract(() => storage().outbox));
    describe('leases', () => leasesContract(() => storage().leases));
    describe('audit log', () => auditLogContract(() => storage().auditLog));
    describe('as a whole', () => storageAsAWholeContract(storage));
  });
}
