/** `pedel keys`: the list of keys, rotation by command, and the change of PEDEL_SECRET. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compactVerify, createLocalJWKSet, type JWK } from 'jose';
import type { Account } from '../../src/domain/account/account.ts';
import { openValues, sealValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { matchRecoveryCode, newRecoveryCodes } from '../../src/domain/factors/recovery-code.ts';
import type { AuditEntry } from '../../src/domain/ports/audit-log.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { sealedValuesOf } from '../../src/domain/sealing/sealed-values.ts';
import type { Sealer } from '../../src/domain/sealing/sealer.ts';
import { ensureSigningKeys } from '../../src/domain/signing-keys/signing-key.ts';
import { publishedKeys } from '../../src/domain/signing-keys/signing-key-schedule.ts';
import { matchCode, newTicket } from '../../src/domain/tickets/ticket.ts';
import { pairwiseSalt } from '../../src/oidc/clients/pairwise.ts';
import { aWebhook } from '../storage/contract/webhooks.ts';
import { anAccount } from '../support/account.ts';
import { sealerUnder } from '../support/sealer.ts';
import { type CommandLine, openCommandLine, secret } from './command-line.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NEW = 'the secret after that one, of more than 32 characters';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

type Listed = { kid: string; alg: string; state: string; from?: string; until?: string; leaves?: string };
const listed = async () => JSON.parse((await shell.run('keys', 'list', '--json')).out) as Listed[];
const states = async () => (await listed()).map(({ alg, state }) => `${alg} ${state}`);
const kidOf = async (alg: string, state: string) =>
  (await listed()).find((key) => key.alg === alg && key.state === state)?.kid ?? '';
const iso = (at: number) => new Date(at).toISOString();

/** Makes the first keys, as the first start does. */
const begin = () =>
  shell.withStorage(async ({ signingKeys, values }) =>
    ensureSigningKeys(signingKeys, await openSealer({ secret }, values, randomBytes), shell.clock.now),
  );

describe('pedel keys', () => {
  test('list prints nothing before the first start, and then the state of each key without its private part', async () => {
    expect((await shell.run('keys', 'list')).out).toContain('no key yet');
    await begin();
    expect(await states()).toEqual(['ES256 signing', 'RS256 signing']);
    const { out } = await shell.run('keys', 'list');
    expect(out).toMatch(/^alg +state +signs from +until +removed +kid\nES256 +signs +2026-10-01 12:00 +[\w-]{43}\n/);
    expect(JSON.stringify(await listed())).not.toMatch(/sealed|"d"/);
  });

  test('rotate publishes the next keys, which sign a day later; running it again changes nothing', async () => {
    await begin();
    const { out, status } = await shell.run('keys', 'rotate');
    expect(status).toBe(0);
    expect(out).toContain('The newest keys sign from 2026-10-02 12:00');
    expect(out).toContain('until 2026-10-10 12:00'); // session 7 days and 24 hours
    expect(await states()).toEqual(['ES256 signing', 'RS256 signing', 'ES256 next', 'RS256 next']);
    shell.clock.now += HOUR;
    const before = await listed();
    await shell.run('keys', 'rotate');
    expect(await listed()).toEqual(before);
    shell.clock.now += DAY;
    expect(await states()).toEqual(['ES256 signing', 'RS256 signing', 'ES256 retired', 'RS256 retired']);
  });

  test('rotate --now lets the keys sign in a minute, and says which applications break, if any', async () => {
    await begin();
    const hurried = await shell.run('keys', 'rotate', '--now');
    expect(hurried.out).toContain('refuse sign-ins for up to 60 minutes');
    expect((await listed()).map(({ from }) => from)).toEqual(
      [0, 0, 60_000, 60_000].map((ms) => iso(shell.clock.now + ms)),
    );
    shell.clock.now += 60_000;
    expect(await states()).toEqual(['ES256 signing', 'RS256 signing', 'ES256 retired', 'RS256 retired']);
    // a planned key is brought forward once applications have had the time to fetch it
    await shell.run('keys', 'rotate');
    shell.clock.now += 2 * HOUR;
    const planned = await kidOf('ES256', 'next');
    expect((await shell.run('keys', 'rotate', '--now')).out).toContain('nothing breaks');
    shell.clock.now += 60_000;
    expect(await kidOf('ES256', 'signing')).toBe(planned);
  });

  test('rotate --retire withdraws a key at once, and replaces it if it was signing', async () => {
    await begin();
    const leaked = await kidOf('ES256', 'signing');
    const { out, status } = await shell.run('keys', 'rotate', '--retire', leaked);
    expect(status).toBe(0);
    expect(out).toContain('within half a minute');
    expect(await states()).toEqual(['ES256 signing', 'RS256 signing', 'ES256 gone']);
    expect((await listed()).find(({ kid }) => kid === leaked)).toMatchObject({
      until: iso(shell.clock.now),
      leaves: iso(shell.clock.now),
    });
    const again = await shell.run('keys', 'rotate', '--retire', leaked);
    expect([again.status, again.err]).toEqual([1, expect.stringContaining('no published key has the kid')]);
    expect((await shell.run('keys', 'rotate', '--retire', leaked, '--now')).status).toBe(1);
  });

  test('rotate --retire must be run again after an older backup is restored, also before any node starts', async () => {
    await begin();
    const leaked = await kidOf('ES256', 'signing');
    const backup = `${shell.folder}/backup.db`;
    await shell.run('storage', 'backup', backup);
    await shell.run('keys', 'rotate', '--retire', leaked);
    shell.environment.PEDEL_STORAGE = `sqlite:${shell.folder}/restored.db`;
    expect((await shell.run('storage', 'restore', backup)).status).toBe(0);
    expect(await kidOf('ES256', 'signing')).toBe(leaked);
    await shell.run('keys', 'rotate', '--retire', leaked);
    expect(await states()).toEqual(['ES256 signing', 'RS256 signing', 'ES256 gone']);
    expect((await listed()).find(({ kid }) => kid === leaked)?.state).toBe('gone');
  });

  test('each change is in the audit log, as done by the command', async () => {
    await begin();
    await shell.run('keys', 'rotate', '--now');
    await shell.run('keys', 'rotate', '--retire', await kidOf('RS256', 'next'));
    const entries = (await shell.run('audit', '--json')).out.trim().split('\n');
    const actions = entries.map((line) => JSON.parse(line) as { action: string; actor: object });
    expect(actions.map(({ action }) => action).sort()).toEqual([
      'signing-key.brought-forward',
      'signing-key.brought-forward',
      'signing-key.published',
      'signing-key.published',
      'signing-key.scheduled',
      'signing-key.scheduled',
      'signing-key.withdrawn',
    ]);
    for (const { actor } of actions) expect(actor).toEqual({ kind: 'command', id: 'keys rotate' });
  });
});

/** An account with a sealed value in every place where there can be one. */
function sealedEverywhere(id: string, sealer: Sealer, now: number) {
  const { codes, stored } = newRecoveryCodes(sealer, id, now, randomBytes);
  const made = newTicket(
    { purpose: 'activation', accountId: id, lifetimeSeconds: 3600, withCode: true },
    sealer,
    now,
    randomBytes,
  );
  const seal = (field: string) => sealer.seal(`${field} of ${id}`, id, field);
  const account: Account = anAccount({
    id,
    userNumbers: [`r${id}`],
    emails: [],
    auditKey: `audit key of ${id}`,
    totps: [{ id: 't', name: 'App', sealedSeed: seal('totp'), lastStep: 0, createdAt: now }],
    recoveryCodes: stored,
    tickets: [
      {
        ...made.ticket,
        pending: {
          since: now,
          sealedSeed: seal('totp'),
          enrolment: {
            accountId: id,
            epoch: 1,
            since: now,
            sealedSeed: seal('totp'),
            sealedCodes: seal('recovery-codes'),
          },
        },
      },
    ],
    effects: [
      {
        id: `${id}:1:0`,
        kind: 'letter',
        letter: {
          template: 'reset',
          to: 'a@example.org',
          language: 'en',
          organisation: 'kuleuven',
          givenName: 'A',
          data: {},
          sealedSecret: seal('letter'),
        },
      },
    ],
  });
  return {
    account,
    recoveryCode: codes[0] ?? '',
    ticketCode: made.code ?? '',
    audited: sealValues(sealer, account, ['old'], randomBytes),
  };
}

/** Sets PEDEL_SECRET, PEDEL_PREVIOUS_SECRET and PEDEL_NEXT_SECRET for the commands that follow. */
function secrets(current: string, others: { previous?: string; next?: string } = {}) {
  shell.environment.PEDEL_SECRET = current;
  shell.environment.PEDEL_PREVIOUS_SECRET = others.previous;
  shell.environment.PEDEL_NEXT_SECRET = others.next;
}

describe('a change of secret', () => {
  test('goes from secret to secret with everything still open, and at the end the old one opens nothing', async () => {
    await begin();
    const made = await shell.withStorage(async (storage) => {
      const sealer = await openSealer({ secret }, storage.values, randomBytes);
      const all = Array.from({ length: 450 }, (_, index) => sealedEverywhere(`a${index}`, sealer, shell.clock.now));
      await Promise.all(all.map(({ account }) => storage.accounts.insert(account)));
      await storage.outbox.put({
        id: 'letter',
        kind: 'letter',
        accountId: 'a1',
        payload: { sealedSecret: sealer.seal('{}', 'a1', 'letter') },
        createdAt: shell.clock.now,
      });
      await storage.webhooks.put(
        aWebhook({ secrets: [{ sealed: sealer.seal('W', 'one', 'webhook'), createdAt: 1 }] }),
        0,
      );
      return { all, salt: await pairwiseSalt(storage.values, sealer, randomBytes) };
    });

    // 1. all nodes can also open what the next secret seals
    secrets(secret, { next: NEW });
    const oldNode = await shell.withStorage(({ values }) =>
      openSealer({ secret, nextSecret: NEW }, values, randomBytes),
    );
    expect((await shell.run('keys', 'reseal', '--check')).status).toBe(0);
    // 2. the secrets are swapped
    secrets(NEW, { previous: secret });
    const before = await shell.run('keys', 'reseal', '--check', '--json');
    expect(before.status).toBe(2);
    expect(JSON.parse(before.out)).toEqual({
      accounts: { looked: 450, old: 450, unreadable: 0 },
      signingKeys: { looked: 2, old: 2, unreadable: 0 },
      values: { looked: 2, old: 2, unreadable: 0 },
      webhooks: { looked: 1, old: 1, unreadable: 0 },
      letters: { looked: 1, old: 1, unreadable: 0 },
    });
    // 3. everything is sealed anew; a waiting email is counted until it has been sent
    const resealed = await shell.run('keys', 'reseal');
    expect([resealed.status, resealed.out]).toEqual([2, expect.stringContaining('Emails leave by themselves')]);
    expect(resealed.out).toMatch(/accounts +450 +450 +0 +0\n/);
    await shell.withStorage(async ({ outbox }) => {
      const [entry] = await outbox.claim('letter', shell.clock.now, shell.clock.now + 1000, 1);
      await outbox.done('letter', entry?.leasedUntil ?? 0, shell.clock.now);
    });
    // a node with the old secret writes in between, and can read what was sealed anew
    await shell.withStorage(async ({ accounts }) => {
      const read = (await accounts.findById('a7')) as Account;
      expect(oldNode.open(read.totps[0]?.sealedSeed ?? '', 'a7', 'totp')).toBe('totp of a7');
      const totps = read.totps.map((totp) => ({ ...totp, sealedSeed: oldNode.seal('a new seed', 'a7', 'totp') }));
      await accounts.replace({ ...read, totps, revision: read.revision + 1 }, read.revision);
    });
    expect(JSON.parse((await shell.run('keys', 'reseal', '--check', '--json')).out).accounts.old).toBe(1);
    const last = await shell.run('keys', 'reseal');
    expect([last.status, last.out]).toEqual([0, expect.stringContaining('until 2026-10-08 12:00')]);
    // 4. the previous secret is removed
    secrets(NEW);
    expect((await shell.run('keys', 'reseal', '--check')).status).toBe(0);
    await shell.withStorage(async (storage) => {
      const sealer = await openSealer({ secret: NEW }, storage.values, randomBytes);
      expect(await pairwiseSalt(storage.values, sealer, randomBytes)).toEqual(made.salt);
      for (const { account, recoveryCode, ticketCode, audited } of made.all) {
        const found = (await storage.accounts.findById(account.id)) as Account;
        expect(matchRecoveryCode(found, recoveryCode, sealer)).toBeDefined();
        expect(matchCode(found, 'activation', ticketCode, sealer, shell.clock.now).outcome.kind).toBe('matched');
        expect(openValues(sealer, found, audited)).toEqual(['old']);
        const values = sealedValuesOf('accounts', found);
        expect(values).toHaveLength(5);
        expect(values.map(({ sealed }) => sealed).toSorted()).toEqual(
          JSON.stringify(found)
            .match(/s1\.[\w-]+/g)
            ?.toSorted(), // the list is complete
        );
        for (const { sealed, owner, field } of values) {
          expect(() => sealerUnder(secret).open(sealed, owner, field)).toThrow('cannot be opened');
          expect(sealerUnder(NEW).open(sealed, owner, field)).not.toBe('');
        }
      }
      const [ofWebhook] = (await storage.webhooks.find('one'))?.secrets ?? [];
      expect(sealer.open(ofWebhook?.sealed ?? '', 'one', 'webhook')).toBe('W');
      for (const { kid, sealedPrivateJwk } of await storage.signingKeys.list())
        expect(sealer.open(sealedPrivateJwk, kid, 'signing-key')).toContain('"d"');
      const revisions = new Set((await storage.accounts.search('', undefined, 500)).map(({ revision }) => revision));
      expect(revisions).toEqual(new Set([2, 4])); // one write each, and two more for the account that was changed meanwhile
    });
    const entries = (await shell.run('audit', '--action', 'secret.resealed', '--json')).out.trim().split('\n');
    const resealings = entries.map((entry) => JSON.parse(entry) as AuditEntry);
    for (const { actor } of resealings) expect(actor).toEqual({ kind: 'command', id: 'keys reseal' });
    // all at the same moment of the test's clock, so in any order
    expect(resealings.map(({ details }) => details?.accounts).toSorted()).toEqual(['1', '450']);
  });

  test('without the previous secret is reported, and leaves what it cannot open as it is', async () => {
    await begin();
    secrets(NEW);
    const alone = await shell.run('keys', 'reseal');
    expect([alone.status, alone.err]).toEqual([1, expect.stringContaining('only one secret is known here')]);
    const { status, out } = await shell.run('keys', 'reseal', '--check');
    expect([status, out]).toEqual([2, expect.stringContaining('under no secret that is known here')]);
    expect((await shell.run('keys', 'rotate')).err).toContain('is PEDEL_SECRET the one it was made under?');
    secrets(secret);
    expect((await shell.run('keys', 'reseal', '--check')).status).toBe(0);
  });
});

describe('a certificate of an erasure', () => {
  test('is genuine here after its key left /jwks and the secret changed; printed anew, anybody verifies it', async () => {
    await begin();
    await shell.withStorage(({ accounts }) =>
      accounts.insert(anAccount({ id: 'gone', erased: { day: '2026-09-30', rule: 'vives student P1Y', counts: {} } })),
    );
    const print = async () => (await shell.run('lifecycle', 'certificate', 'gone')).out;
    const verify = async (certificate: string) =>
      (await shell.run('lifecycle', 'verify-certificate', shell.file('erased.json', certificate))).out;
    const published = async () => {
      const keys = await shell.withStorage(({ signingKeys }) => signingKeys.list());
      return createLocalJWKSet({
        keys: publishedKeys(keys, shell.clock.now).map(({ publicJwk, kid }) => ({ ...publicJwk, kid }) as JWK),
      });
    };
    const jwsOf = (certificate: string) => (JSON.parse(certificate) as { jws: string }).jws;
    const old = await print();
    await compactVerify(jwsOf(old), await published());

    await shell.run('keys', 'rotate', '--retire', await kidOf('ES256', 'signing'));
    secrets(NEW, { previous: secret });
    await shell.run('keys', 'reseal');
    secrets(NEW);
    await expect(compactVerify(jwsOf(old), await published())).rejects.toThrow('no applicable key');
    expect(await verify(old)).toContain('genuine');
    const anew = await print();
    expect(jwsOf(anew)).not.toBe(jwsOf(old));
    await compactVerify(jwsOf(anew), await published());
    expect(await verify(anew)).toContain('genuine');
    expect(await verify(old.replace('2026-09-30', '2026-09-29'))).toBe('');
  });
});

describe('a schedule in which a key signs before applications can know it', () => {
  test.each([
    ['a copy kept as long as keys are published ahead', { PUBLISH_AHEAD_HOURS: '1' }, 'signingKeys.publishAheadHours'],
    ['a copy kept for a day', { CACHE_SECONDS: '86400' }, 'signingKeys.cacheSeconds'],
    [
      'a day of use, published two days ahead',
      { ROTATE_DAYS: '1', PUBLISH_AHEAD_HOURS: '48' },
      'signingKeys.publishAheadHours',
    ],
  ])('is refused: %s', async (_what, set, key) => {
    for (const [name, value] of Object.entries(set)) shell.environment[`PEDEL_SIGNING_KEYS_${name}`] = value;
    const { status, out } = await shell.run('config', 'check', '--json');
    expect(status).toBe(1);
    expect((JSON.parse(out) as { faults: { key: string }[] }).faults.map((fault) => fault.key)).toEqual([key]);
  });

  test('does not include two hours for a copy of one hour, or keys without rotation', async () => {
    shell.environment.PEDEL_SIGNING_KEYS_PUBLISH_AHEAD_HOURS = '2';
    shell.environment.PEDEL_SIGNING_KEYS_ROTATE_DAYS = '0';
    expect((await shell.run('config', 'check', '--json')).status).toBe(0);
  });
});
