/** All promises of `src/domain/ports/`, for every backend, without exceptions. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { accountsContract } from './contract/accounts.ts';
import { archiveContract } from './contract/archive.ts';
import { attemptsContract } from './contract/attempts.ts';
import { auditLogContract } from './contract/audit-log.ts';
import { auditedChangesContract } from './contract/audited.ts';
import { clientUsesContract } from './contract/client-uses.ts';
import { clientsContract } from './contract/clients.ts';
import { consentsContract } from './contract/consents.ts';
import { incidentsContract } from './contract/incidents.ts';
import { initialAccessTokensContract } from './contract/initial-access-tokens.ts';
import { leasesContract } from './contract/leases.ts';
import { outboxContract } from './contract/outbox.ts';
import { protocolRecordsContract } from './contract/protocol-records.ts';
import { refusalsContract } from './contract/refusals.ts';
import { roleGrantsContract } from './contract/role-grants.ts';
import { sessionsContract } from './contract/sessions.ts';
import { signingKeysContract } from './contract/signing-keys.ts';
import { NOW } from './contract/together.ts';
import { valuesContract } from './contract/values.ts';
import { watchingContract } from './contract/watching.ts';
import { webhooksContract } from './contract/webhooks.ts';
import { storageAsAWholeContract } from './contract/whole.ts';

type Chapter = (storage: () => Storage, rounds: number) => void;

const chapters: Record<string, Chapter> = {
  accounts: (storage, rounds) => accountsContract(() => storage().accounts, rounds),
  clients: (storage, rounds) => clientsContract(() => storage().clients, rounds),
  'client uses': clientUsesContract,
  consents: (storage, rounds) => consentsContract(() => storage().consents, rounds),
  'initial access tokens': initialAccessTokensContract,
  'role grants': roleGrantsContract,
  attempts: (storage, rounds) => attemptsContract(() => storage().attempts, rounds),
  'protocol records': (storage, rounds) => protocolRecordsContract(() => storage().protocolRecords, rounds),
  sessions: (storage, rounds) => sessionsContract(() => storage().protocolRecords, rounds),
  'signing keys': (storage, rounds) => signingKeysContract(() => storage().signingKeys, rounds),
  values: (storage, rounds) => valuesContract(() => storage().values, rounds),
  outbox: (storage, rounds) => outboxContract(() => storage().outbox, rounds),
  leases: (storage, rounds) => leasesContract(() => storage().leases, rounds),
  'audit log': (storage) => auditLogContract(() => storage().auditLog),
  refusals: refusalsContract,
  incidents: incidentsContract,
  'trials and watches': (storage) => watchingContract(() => storage().protocolRecords),
  webhooks: (storage, rounds) => webhooksContract(() => storage().webhooks, rounds),
  'audited changes': auditedChangesContract,
  archive: archiveContract,
  'as a whole': storageAsAWholeContract,
};

/**
 * `open` gives a fresh, empty storage whose clock is `now` (epoch ms).
 * @param rounds how often each race is run (`roundsOr`); 0 where another run of the contract has the races
 * @param chosen which chapters; all, unless another file beside this one has the others
 */
export function storageContract(
  name: string,
  rounds: number,
  open: (options: { now: () => number }) => Promise<Storage>,
  chosen: (chapter: string) => boolean = () => true,
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

    for (const [chapter, tell] of Object.entries(chapters))
      if (chosen(chapter)) describe(chapter, () => tell(storage, rounds));
  });
}
