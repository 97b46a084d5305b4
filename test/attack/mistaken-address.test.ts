/** An invitation that went to a wrong mailbox: once the address is corrected, nothing that its reader did counts. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { activationStage, keepPassword } from '../../src/domain/activation/activation.ts';
import { type CommandLine, openCommandLine, startOfTests } from '../commands/command-line.ts';
import { organisations } from '../support/organisations.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const COLUMNS = 'person,number,given_name,family_name,email,personal_email,language,organisation,role,from';
const about = { organisations, now: startOfTests };

async function feed(number: string, personalEmail: string, organisation: 'vives' | 'alum') {
  const row = `p1,${number},Wout,Claes,,${personalEmail},nl,${organisation},student,2026-09-21`;
  const { status, err } = await shell.run('people', 'import', shell.file('people.csv', `${COLUMNS}\n${row}\n`));
  expect([status, err]).toEqual([0, '']);
  return shell.withStorage(async ({ accounts }) => {
    const account = await accounts.findByLogin(number);
    if (account === undefined) throw new Error('nobody');
    return account;
  });
}

test('rule 6: a password that the wrong reader left waiting is not what the right one activates with', async () => {
  const wrong = await feed('r0011111', 'wrong@example.org', 'vives');
  const [ticket] = wrong.tickets;
  await shell.withStorage(({ accounts }) =>
    updateAccount(accounts, wrong.id, (read) => keepPassword(read, ticket?.id ?? '', 'the hash of a stranger', about)),
  );
  const right = await feed('r0011111', 'right@example.org', 'vives');
  expect(right.tickets.map(({ sentTo, pending }) => [sentTo, pending])).toEqual([['right@example.org', undefined]]);
  expect(JSON.stringify(right)).not.toContain('the hash of a stranger');
  expect(activationStage(right, ticket?.id ?? '', about)).toEqual({ kind: 'expired' });
});

test('rule 11: where people activate by code, the link that the wrong reader got dies with the correction', async () => {
  const wrong = await feed('q0011111', 'wrong@example.org', 'alum');
  const sent = {
    id: 'f'.repeat(64),
    purpose: 'activation' as const,
    createdAt: startOfTests,
    expiresAt: startOfTests + 3_600_000,
    tries: 0,
    sentTo: 'wrong@example.org',
  };
  await shell.withStorage(({ accounts }) =>
    updateAccount(accounts, wrong.id, (read) => ({ outcome: undefined, account: { ...read, tickets: [sent] } })),
  );
  const right = await feed('q0011111', 'right@example.org', 'alum');
  expect(activationStage(right, sent.id, about)).toEqual({ kind: 'expired' });
});
