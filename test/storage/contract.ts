/** Every promise of `src/domain/ports.ts`, for every backend, without exceptions. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import type { Storage } from '../../src/domain/ports.ts';
import { accountsContract } from './contract/accounts.ts';
import { archiveContract } from './contract/archive.ts';
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

/**
 * `open` gives a fresh, empty storage whose clock is `now` (epoch ms).
 * @param rounds how often each race is run (`roundsOr`); 0 where another run of the contract has the races
 */
export function storageContract(
  name: string,
  rounds: number,
  open: (options: { now: () => number }) => Promise<Storage>,
): void {
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

    describe('accounts', () => accountsContract(() => storage().accounts, rounds));
    describe('clients', () => clientsContract(() => storage().clients, rounds));
    describe('consents', () => consentsContract(() => storage().consents, rounds));
    describe('attempts', () => attemptsContract(() => storage().attempts, rounds));
    describe('protocol records', () => protocolRecordsContract(() => storage().protocolRecords, rounds));
    describe('sessions', () => sessionsContract(() => storage().protocolRecords, rounds));
    describe('signing keys', () => signingKeysContract(() => storage().signingKeys, rounds));
    describe('values', () => valuesContract(() => storage().values, rounds));
    describe('outbox', () => outboxContract(() => storage().outbox, rounds));
    describe('leases', () => leasesContract(() => storage().leases, rounds));
    describe('audit log', () => auditLogContract(() => storage().auditLog));
    describe('archive', () => archiveContract(storage));
    describe('as a whole', () => storageAsAWholeContract(storage));
  });
}
