/**
 * A process of its own that writes to a storage, for tests that kill it or run beside it:
 * `node writer.ts URI activate|take|change-client|hold`. Says on standard output what was acknowledged, one line each.
 */
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { openStorage } from '../../src/storage/open.ts';
import { anAccount } from '../support/account.ts';

const [uri = '', task = '', start = '0'] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);

if (task === 'hold') {
  // the write lock itself, as a long import of another program would have it
  const database = new DatabaseSync(uri.replace('sqlite:', ''));
  database.exec('BEGIN IMMEDIATE');
  say('holding');
  setTimeout(() => database.exec('COMMIT'), Number(start));
} else {
  const storage = await openStorage(uri, { now: Date.now });
  say('ready');
  if (task === 'change-client')
    await storage.clients.put({ id: 'c', revision: 1, metadata: {}, secrets: [], createdAt: 0, updatedAt: 0 }, 0);
  if (task === 'take') {
    const results = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const taken: number[] = [];
        for (let turn = 0; turn < 50; turn += 1) taken.push(await storage.attempts.take('k', 1e15, 0));
        return taken;
      }),
    );
    say(JSON.stringify(results.flat()));
  }
  if (task === 'activate')
    await Promise.all(
      Array.from({ length: 20 }, async (_, walker) => {
        for (let number = Number(start) * 1e6 + walker; ; number += 20) {
          const id = `id-${number}`;
          const account = anAccount({ id, userNumbers: [`r${number}`], emails: [], tickets: [ticketOf(id)] });
          await storage.accounts.insert(account);
          say(`inserted ${id}`);
          await updateAccount(storage.accounts, id, (stored) => ({
            outcome: 'activated',
            account: { ...stored, tickets: [], activatedAt: 1, password: { hash: 'h', setAt: 1 } },
            effects: [{ kind: 'end-sessions', reason: 'activated' }],
          }));
          say(`activated ${id}`);
          await storage.outbox.put({ id, kind: 'letter', accountId: id, payload: {}, createdAt: 0 });
          say(`mailed ${id}`);
          await storage.protocolRecords.put('AuthorizationCode', id, {}, 1e15);
          if (await storage.protocolRecords.consume('AuthorizationCode', id, 1000)) say(`consumed ${id}`);
        }
      }),
    );
  await storage.close();
}

function ticketOf(id: string) {
  return { id: `ticket of ${id}`, purpose: 'activation' as const, createdAt: 0, expiresAt: 1e15, tries: 0 };
}
