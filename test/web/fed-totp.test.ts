/** The seed of an authenticator app comes with an import, sealed, and its owner signs in with it (rules 4, 25, 26). */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Source } from '../../src/domain/feed/source.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { beginApply, beginPlan, type ImportPorts, viewImport } from '../../src/use-cases/import/administer-imports.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { PASSWORD, startConsole, type TestConsole } from '../support/console.ts';
import { importingHere } from '../support/importing.ts';

let pedel: TestConsole;
let ports: ImportPorts;
const source: Source = {
  ...{ id: 'old', organisations: ['vives'], numbers: ['r#######'], domains: ['vives.be'] },
  ...{ credentials: true, identity: 'none' },
};
const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const HASH = '$2b$04$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const keyUri = (more = '') => `otpauth://totp/Old:x?secret=${SEED}&issuer=Old%20system${more}`;

beforeAll(async () => {
  pedel = await startConsole({ sources: [source] });
  const { storage, config } = pedel;
  ports = {
    sources: [source, { ...source, id: 'plain', credentials: false }],
    imports: createImports(storage.protocolRecords, storage.values, await pedel.opened(), Date.now),
    importing: importingHere(config, storage, pedel.opened),
    leases: storage.leases,
    now: Date.now,
    randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    failed: () => {},
  };
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

async function imported(rows: string[][], { from = 'old', withCredentials = true } = {}) {
  const header = 'person,number,given_name,family_name,organisation,role,password_hash,totp';
  const text = [header, ...rows.map((row) => row.join(','))].join('\n');
  const actor = systemActor('test');
  const plan = () =>
    beginPlan(actor, { source: from, partial: false, withCredentials }, Readable.from([Buffer.from(text)]), ports);
  let begun = await plan();
  for (; begun.kind === 'busy'; begun = await plan()) await sleep(5); // the one before is ending
  if (begun.kind !== 'begun') throw new Error(JSON.stringify(begun));
  const until = async (state: string) => {
    for (let tries = 0; tries < 1000; tries += 1) {
      const found = await viewImport(actor, begun.id, 'imports:read', ports);
      if (found.kind === 'found' && found.import.state === state && found.import.record) return found.import.record;
      await sleep(5);
    }
    throw new Error(`never ${state}`);
  };
  const planned = await until('planned');
  const report = JSON.parse((await ports.imports.part(begun.id, 'report', 0)) ?? '[]');
  expect(JSON.stringify(report)).not.toContain(SEED);
  await beginApply(actor, begun.id, {}, ports);
  await until('applied');
  return { planned, report };
}
const row = (index: number, hash = HASH, totp = keyUri()) => [
  ...[`p${index}`, `r000000${index}`, 'Wout', 'Claes', 'vives', 'student', hash, totp],
];
const person = async (index: number) => {
  const found = await pedel.storage.accounts.findByLogin(`r000000${index}`);
  if (found === undefined) throw new Error('nobody');
  return found;
};

describe('a seed that a source gives', () => {
  test.each([
    [1, '', { digits: 6, period: 30, algorithm: 'sha1' }],
    [2, '&algorithm=SHA512&digits=8&period=60', { digits: 8, period: 60, algorithm: 'sha512' }],
    [3, '&algorithm=SHA256', { digits: 6, period: 30, algorithm: 'sha256' }],
  ] as const)('opens the account of its owner: %i %s', async (index, more, settings) => {
    await imported([row(index, HASH, keyUri(more))]);
    const account = await person(index);
    expect(account.totps).toMatchObject([{ name: 'Old system', lastStep: 0 }]);
    expect(JSON.stringify(account)).not.toContain(SEED);
    const hash = `plain$${PASSWORD}`; // the double of hashing knows no other
    await pedel.storage.accounts.replace(
      { ...account, revision: account.revision + 1, password: { hash, setAt: 1 } },
      account.revision,
    );
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/account`);
    await browser.press('sign-in', { login: `r000000${index}`, password: PASSWORD });
    expect(browser.page().html).toContain(`data-length="${settings.digits}"`);
    const epoch = Math.floor(Date.now() / 1000);
    const code = (at: number) => generateSync({ secret: SEED, epoch: at, ...settings });
    const late = await browser.press('verify', { code: code(epoch - 3 * settings.period) });
    expect(late.html).toContain('id="verify"');
    await browser.press('verify', { code: code(epoch) });
    expect(browser.page().html).not.toContain('id="verify"');
    const [factor] = (await person(index)).totps;
    expect(factor?.lastStep).toBe(Math.floor(epoch / settings.period));
    const again = pedel.browser();
    await again.open(`${pedel.issuer}/account`);
    await again.press('sign-in', { login: `r000000${index}`, password: PASSWORD });
    await again.press('verify', { code: code(epoch) });
    expect(again.page().html).toContain('id="verify"'); // each step once (rule 4)
  });

  test('rule 26: is taken with a password only, once, and never for an account that was active', async () => {
    const { report } = await imported([row(4, '')]);
    expect(report).toMatchObject([{ notes: expect.arrayContaining([expect.stringContaining('no password')]) }]);
    expect((await person(4)).totps).toEqual([]);
    await imported([row(5)]);
    await imported([row(5, HASH, keyUri('&digits=8'))]);
    expect((await person(5)).totps).toMatchObject([{ name: 'Old system' }]);
    expect((await person(5)).totps[0]?.digits).toBeUndefined();
    await imported([row(6)], { withCredentials: false });
    expect(await person(6)).toMatchObject({ totps: [] });
    expect((await person(6)).activatedAt).toBeUndefined();
  });

  test.each([
    ['of a counter', `otpauth://hotp/x?secret=${SEED}&counter=1`, 'counts uses'],
    ['of no form that is known', SEED, 'must be a key URI'],
    ['too short', 'otpauth://totp/x?secret=JBSWY3DP', '16 to 103 signs'],
    ['of other signs', 'otpauth://totp/x?secret=JBSWY3DPEHPK3PX1', '16 to 103 signs'],
    ['of an unknown algorithm', keyUri('&algorithm=MD5'), 'other than SHA1'],
    ['of seven digits', keyUri('&digits=7'), '6 or 8 digits'],
    ['of a long period', keyUri('&period=3600'), '30 or 60 seconds'],
    ['endless', `otpauth://totp/x?secret=${'A'.repeat(5000)}`, 'must be a key URI'],
  ])('%s is refused, and never repeated', async (_what, totp, reason) => {
    const { report } = await imported([row(7, HASH, totp)]);
    expect(report).toEqual([
      expect.objectContaining({ outcome: 'refused', column: 'totp', reason: expect.stringContaining(reason) }),
    ]);
    expect(JSON.stringify(report)).not.toContain(totp.slice(-16));
  });

  test('of a source that gives no credentials, and one that another row contradicts, is refused', async () => {
    const { report } = await imported([row(8)], { from: 'plain', withCredentials: false });
    expect(report.map((each: { column: string }) => each.column)).toEqual(['password_hash', 'totp']);
    const twice = await imported([row(9), row(9, HASH, keyUri('&digits=8'))]);
    expect(twice.report).toMatchObject([
      { outcome: 'refused', column: 'totp', reason: expect.stringContaining('differs') },
    ]);
  });
});
