/** The seed of an authenticator app comes with an import, sealed, and its owner signs in with it (rules 4, 25, 26). */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { generateSync, ScureBase32Plugin } from 'otplib';
import { fedTotpIn } from '../../src/domain/feed/fed-totp.ts';
import type { Source } from '../../src/domain/feed/source.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { beginApply, beginPlan, type ImportPorts, viewImport } from '../../src/use-cases/import/administer-imports.ts';
import { seedBlanker } from '../../src/use-cases/import/blank-seeds.ts';
import type { FeedKind } from '../../src/use-cases/import/feed-text.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { PASSWORD, startConsole, type TestConsole } from '../support/console.ts';
import { importingHere } from '../support/importing.ts';

let pedel: TestConsole;
let ports: ImportPorts;
const source: Source = {
  ...{ id: 'old', organisations: ['vives'], numbers: ['r#######'], domains: ['vives.be'] },
  ...{ credentials: true, identity: 'none' },
};
/** What privacyIDEA calls them. */
const exported: Source = {
  ...source,
  id: 'exported',
  columns: { otpkey: 'totp_seed', type: 'totp_type', otplen: 'totp_digits', timeStep: 'totp_period' },
};
const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const HEX = Buffer.from('12345678901234567890').toString('hex'); // RFC 6238, appendix B
const HASH = '$2b$04$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const keyUri = (more = '') => `otpauth://totp/Old:x?secret=${SEED}&issuer=Old%20system${more}`;

beforeAll(async () => {
  pedel = await startConsole({ sources: [source, exported] });
  const { storage, config } = pedel;
  ports = {
    sources: [source, exported, { ...source, id: 'plain', credentials: false }],
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

const HEADER = 'person,number,given_name,family_name,organisation,role,password_hash';
async function imported(rows: string[][], { from = 'old', withCredentials = true, columns = 'totp' } = {}) {
  const text = [`${HEADER},${columns}`, ...rows.map((row) => row.join(','))].join('\n');
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
  const mend = (await ports.imports.part(begun.id, 'refused', 0)) ?? '';
  for (const seed of [SEED, HEX]) expect(JSON.stringify(report) + mend).not.toContain(seed);
  await beginApply(actor, begun.id, {}, ports);
  await until('applied');
  return { planned, report, mend };
}
const row = (index: number, hash = HASH, totp = keyUri()) => [
  ...[`p${index}`, `r${String(index).padStart(7, '0')}`, 'Wout', 'Claes', 'vives', 'student', hash, totp],
];
const person = async (index: number) => {
  const found = await pedel.storage.accounts.findByLogin(`r${String(index).padStart(7, '0')}`);
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
    ['of another type', `otpauth://motp/x?secret=${SEED}`, 'another type'],
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

  test.each([
    [11, 'totp', '6', '30', HEX, {}],
    [12, 'TOTP', '8', '60', HEX.toUpperCase(), { digits: 8, period: 60 }],
    [13, 'totp', '6', '30', HEX + HEX.slice(0, 24), { algorithm: 'sha256' }],
    [14, '', '', '', `${HEX.repeat(3)}${HEX.slice(0, 8)}`, { algorithm: 'sha512' }],
  ])(
    'in columns of its own, as privacyIDEA has it, is the same factor: %i',
    async (index, type, digits, step, seed, as) => {
      const cells = [...row(index).slice(0, -1), ` ${seed}`, ` ${type}`, ` ${digits}`, ` ${step}`];
      await imported([cells], { from: 'exported', columns: 'otpkey, type, otplen, timeStep' });
      const { totps, id } = await person(index);
      const [factor] = totps;
      expect(factor).toEqual({ ...factor, ...as, name: 'TOTP', lastStep: 0 });
      expect(Object.keys(factor ?? {}).sort()).toEqual(
        ['createdAt', 'id', 'lastStep', 'name', 'sealedSeed', ...Object.keys(as)].sort(),
      );
      const opened = (await pedel.opened()).open(factor?.sealedSeed ?? '', id, 'totp');
      expect(Buffer.from(new ScureBase32Plugin().decode(opened)).toString('hex')).toBe(seed.toLowerCase());
    },
  );

  test.each([
    ['no hexadecimal', SEED, 'totp', '6', '30', 'in hexadecimal'],
    ['short', HEX.slice(0, 18), 'totp', '6', '30', 'in hexadecimal'],
    ['of a hash that no app has', HEX + HEX.slice(0, 16), 'totp', '6', '30', 'other than SHA1'],
    ['of ten digits', HEX, 'totp', '10', '30', '6 or 8 digits'],
    ['of seconds that smuggle another setting', HEX, 'totp', '6', '30&digits=8', '30 or 60 seconds'],
    ['of another type', HEX, 'motp', '6', '30', 'another type'],
  ])('in columns of its own that is %s is refused', async (_what, seed, type, digits, step, reason) => {
    const cells = [...row(17).slice(0, -1), seed, type, digits, step];
    const options = { from: 'exported', columns: 'otpkey,type,otplen,timeStep' };
    const { report, mend } = await imported([cells], options);
    expect(report).toEqual([
      expect.objectContaining({ outcome: 'refused', column: 'otpkey', reason: expect.stringContaining(reason) }),
    ]);
    expect(mend).toContain('r0000017');
    expect(mend).not.toContain(seed);
  });

  test('with half a character beside it, as JSON can hold, is refused', () => {
    const read = fedTotpIn({ totp_seed: HEX, totp_period: '\ud800' });
    expect(read).toEqual({ column: 'totp_seed', fault: expect.stringContaining('other than 30 or 60 seconds:') });
  });

  test.each([
    ['totp', [`otpauth://hotp/x?secret=${SEED}&counter=1`]],
    ['otpkey,type', [HEX, 'hotp']],
  ])('of a code that counts uses is left out, and its person goes in: %s', async (columns, cells) => {
    const index = columns === 'totp' ? 18 : 19;
    const rows = [[...row(index, '').slice(0, -1), ...cells]];
    const { report } = await imported(rows, { from: 'exported', columns });
    expect(report).toMatchObject([
      { outcome: 'new', notes: expect.arrayContaining([expect.stringContaining('counts uses (hotp)')]) },
    ]);
    expect(await person(index)).toMatchObject({ totps: [] });
  });

  test('in a file of its own is not taken, and it says why: who has a password is active', async () => {
    const late = (notes: string) => [{ notes: expect.arrayContaining([expect.stringContaining(notes)]) }];
    await imported([row(21, HASH, '')]);
    expect((await imported([row(21, '')])).report).toMatchObject(late('active already'));
    expect((await imported([row(21)])).report).toMatchObject(late('active already'));
    expect((await person(21)).totps).toEqual([]);
    // before the password it waits for nothing, and comes along with it
    expect((await imported([row(22, '')])).report).toMatchObject(late('no password is taken with it'));
    await imported([row(22, HASH, ''), row(22, '')]);
    expect((await person(22)).totps).toHaveLength(1);
    expect(JSON.stringify((await imported([row(22)])).report)).not.toContain('second step');
  });

  test('rule 25: is in no record that is to be mended, wherever it stands', async () => {
    const refused = row(23).with(5, 'king');
    expect((await imported([refused])).mend).toMatch(/r0000023.*left-out/);
    // mended without its seed, it is not taken without one unnoticed
    const unmended = await imported([row(23, HASH, 'left-out')]);
    expect(unmended.report).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('copy it') }]);
    expect((await imported([row(23, '', '').with(5, 'king')])).mend).not.toContain('left-out');
    const shifted = [...row(24), 'x'];
    expect((await imported([shifted])).mend).toContain('r0000024');
    const cells = (index: number) => [...row(index).slice(0, -1), HEX];
    const columns = 'totp_seed';
    expect((await imported([['x', ...cells(25)]], { columns })).mend).toContain('r0000025');
    // the others of a refused person are mended with it
    expect((await imported([cells(26), cells(26).with(5, 'king')], { columns })).mend).toContain('r0000026');
  });

  test.each<[FeedKind, string, string]>([
    ['jsonl', `{"person":"x","otpkey":"${HEX}","affiliations":[{"otpkey":"${HEX}"}]}`, '"person":"x"'],
    ['jsonl', `{"person":"x","otpkey" : "${HEX}","totp":"${keyUri()}`, '"person":"x"'],
    ['jsonl', JSON.stringify({ unread: `{'otpkey' : x, "otpkey":"${HEX}","totp":"${keyUri()}` }), 'x, '],
    ['ldif', `dn: x\nuid: x\notpkey: ${HEX}\nOTPKEY:: ${HEX}\ntotp ${keyUri()}`, 'uid: x'],
  ])('rule 25: nor in a record of %s', (kind, text, rest) => {
    const blank = seedBlanker(kind, [], (name) => (/^otpkey$/i.test(name) ? 'totp_seed' : name));
    const kept = String(blank(text));
    expect(kept).toContain(rest);
    expect(kept).not.toContain(HEX);
    expect(kept).not.toContain(SEED);
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
