/** The wait of some days for who lost the second step: the owner's way, and what a thief with mailbox, password or both gets. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import { DAY_MS } from '../../src/domain/factors/slow-recovery.ts';
import { tendRecoveries } from '../../src/jobs/slow-recoveries.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import { organisations as all } from '../support/organisations.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atVives, typePassword } from './people.ts';

afterEach(closeAll);

const organisations = all.map((each) => (each.id === 'vives' ? { ...each, slowRecovery: 'P3D' } : each));

async function start(change: Partial<Account> = {}, allowed = organisations) {
  const web = await startWeb({ organisations: allowed });
  const person = atVives(web, change);
  await web.storage.accounts.insert(person.account);
  web.clock.now += 100 * DAY_MS;
  const read = async (): Promise<Account> => {
    const account = await web.storage.accounts.findById('vives-1');
    if (account === undefined) throw new Error('nobody');
    return account;
  };
  /** The secrets of the emails since the last call, by template and address. */
  let seen = 0;
  const mailbox = async () => {
    const { effects } = await read();
    const fresh = effects.slice(seen).flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
    seen = effects.length;
    return fresh.map(({ template, to, sealedSecret }) => ({
      template,
      to,
      ...(sealedSecret === undefined ? {} : JSON.parse(web.sealer.open(sealedSecret, 'vives-1', 'letter'))),
    })) as { template: string; to: string; code?: string; link?: string }[];
  };
  const tend = () =>
    tendRecoveries({
      storage: web.storage,
      organisations: allowed,
      sealer: web.sealer,
      holder: 'one',
      now: () => web.clock.now,
      randomBytes,
      log: keepLog(),
    });
  /** A browser that typed the password. */
  const withPassword = async () => {
    const [browser, path] = [browserOf(web), web.begin()];
    await typePassword(browser, path, 'r0011111');
    return { browser, path };
  };
  const begin = async () => {
    const { browser, path } = await withPassword();
    await browser.post(path, { action: 'recover-send' });
    const [{ code = '' } = {}] = await mailbox();
    return {
      browser,
      path,
      answer: await browser.post(`${path}?lang=en`, { action: 'recover-code', recovery_code: code }),
    };
  };
  return { web, read, mailbox, tend, withPassword, begin, ...person };
}

describe('an owner who lost everything else', () => {
  test('begins with password and mailed code, waits, and sets up a new second step in place of the lost one', async () => {
    const { web, read, mailbox, tend, begin, withPassword } = await start();
    const { answer } = await begin();
    expect(answer.body).toContain('You can set up a new second step from');
    expect((await mailbox()).map(({ template, to }) => `${template} ${to}`)).toEqual([
      'recovery-started annelies@example.org',
      'recovery-started annelies.peeters@student.vives.be',
    ]);
    expect((await read()).halfway).toBeUndefined(); // both addresses know already that the password was typed
    const early = await withPassword();
    expect((await read()).halfway).toHaveLength(1);
    expect((await early.browser.get(`${early.path}?way=lost&lang=en`)).body).toContain('id="recover-waits"');
    await early.browser.post(early.path, { action: 'recover-send' });
    expect(await mailbox()).toEqual([]);
    for (const template of ['recovery-reminder', 'recovery-reminder', 'recovery-open']) {
      web.clock.now += DAY_MS;
      expect(await tend()).toBe(1);
      expect(await tend()).toBe(0);
      expect((await mailbox()).map((each) => each.template)).toEqual([template, template]);
    }
    const { browser, path } = await withPassword();
    expect((await browser.get(`${path}?way=lost&lang=en`)).body).toContain('The waiting time is over');
    await browser.post(path, { action: 'recover-send' });
    const [{ code = '' } = {}] = await mailbox();
    await browser.post(path, { action: 'recover-code', recovery_code: code });
    await browser.post(path, { action: 'choose-totp' });
    const seed = /secret=([A-Z2-7]+)/.exec((await browser.get(path)).body)?.[1] ?? '';
    const codeAt = () => generateSync({ secret: seed, epoch: Math.floor(web.clock.now / 1000) });
    await browser.post(path, { action: 'enrol', code: codeAt() });
    expect(await read()).toMatchObject({ credentialsEpoch: 2, totps: [{ name: expect.any(String) }] });
    expect((await read()).tickets.every(({ purpose }) => purpose === 'not-me')).toBe(true);
    expect((await read()).slowRecovery).toBeUndefined();
    // the new factor is all that it gave: the sign-in asks for it
    await browser.post(path, { action: 'kept' });
    expect(web.logins).toEqual([]);
    web.clock.now += 60_000;
    await browser.post(path, { action: 'verify', code: codeAt() });
    expect(web.logins).toMatchObject([{ accountId: 'vives-1', amr: ['pwd', 'otp', 'mfa'] }]);
  });

  test('is offered it only where it is switched on, and not with a role', async () => {
    for (const [change, allowed, there] of [
      [{}, organisations, true],
      [{}, all, false],
      [{ roles: ['desk'] }, organisations, false],
    ] as const) {
      const { withPassword, mailbox } = await start(change as Partial<Account>, allowed);
      const { browser, path } = await withPassword();
      expect((await browser.get(`${path}?way=lost`)).body.includes('recover-send')).toBe(there);
      await browser.post(path, { action: 'recover-send' });
      expect((await mailbox()).length > 0).toBe(there);
    }
  });
});

describe('a thief', () => {
  test('with the mailbox alone begins nothing: without the password no code goes out and none is taken', async () => {
    const { web, read, mailbox, withPassword } = await start();
    const [browser, path] = [browserOf(web), web.begin()];
    for (const form of [{ action: 'recover-send' }, { action: 'recover-code', recovery_code: 'ABCD-2345' }])
      expect((await browser.post(path, form)).location).toBe(path);
    expect(await mailbox()).toEqual([]);
    // nor in a session that a second step alone opened
    const session = { accountId: 'vives-1', amr: ['hwk'], authTime: web.clock.now / 1000, uid: 's' };
    const asked = { step: 'second-factor', because: 'application-requires' } as const;
    const stepUp = web.begin({ session, asked, secondFactor: 'application-requires' });
    expect((await browser.get(`${stepUp}?way=lost`)).body).toContain('recover-send');
    await browser.post(stepUp, { action: 'recover-send' });
    expect(await mailbox()).toEqual([]);
    // not even with the code that the owner asked for
    const owner = await withPassword();
    await owner.browser.post(owner.path, { action: 'recover-send' });
    const [{ code = '' } = {}] = await mailbox();
    await browser.post(path, { action: 'recover-code', recovery_code: code });
    expect((await read()).slowRecovery).toBeUndefined();
  });

  test('with the password alone guesses ten codes, and begins nothing', async () => {
    const { read, withPassword } = await start();
    const { browser, path } = await withPassword();
    await browser.post(path, { action: 'recover-send' });
    for (let n = 0; n < 12; n += 1) {
      const { body, status } = await browser.post(path, { action: 'recover-code', recovery_code: 'WRON-G234' });
      expect([status, body.includes('id="recovery_code-error"')]).toEqual([422, true]);
    }
    expect((await read()).slowRecovery).toBeUndefined();
    expect((await read()).tickets).toMatchObject([{ purpose: 'recovery', tries: 10 }, { purpose: 'not-me' }]);
  });

  test('with both begins; the owner hears at both addresses, stops it by either link, once, and a GET stops nothing', async () => {
    const { web, read, mailbox, begin, withPassword } = await start();
    await begin();
    const [first, second] = await mailbox();
    expect(first?.link).toBe(second?.link);
    const link = first?.link ?? '';
    const owner = browserOf(web);
    for (let n = 0; n < 3; n += 1) expect((await owner.get(`${link}&lang=en`)).body).toContain('Stop it');
    expect((await read()).slowRecovery?.stoppedAt).toBeUndefined();
    const ticket = new URL(link, web.url).searchParams.get('ticket') ?? '';
    expect((await owner.post('/recovery/stop', { ticket, action: 'nothing' })).location).toBe(link);
    const answers = await Promise.all([1, 2, 3].map(() => owner.post('/recovery/stop', { ticket, action: 'stop' })));
    for (const { location, status } of answers)
      expect([303, 410].includes(status) && (location ?? '/recovery/stop?done=1')).toBe('/recovery/stop?done=1');
    expect((await read()).slowRecovery?.stoppedAt).toBe(web.clock.now);
    expect((await mailbox()).map(({ template }) => template)).toEqual(['recovery-stopped', 'recovery-stopped']);
    expect((await owner.get(`${link}&lang=en`)).status).toBe(410);
    // and the wait that was over by then opens nothing
    web.clock.now += 3 * DAY_MS;
    const { browser, path } = await withPassword();
    expect((await browser.get(`${path}?way=lost&lang=en`)).body).toContain('I can wait a few days');
  });

  test('with both stands before a closed door where the owner signs in with the second step', async () => {
    const { web, read, begin, code, withPassword } = await start();
    await begin();
    const owner = await withPassword();
    await owner.browser.post(owner.path, { action: 'verify', code: code() });
    expect(web.logins).toHaveLength(1);
    expect((await read()).slowRecovery?.stoppedAt).toBe(web.clock.now);
    web.clock.now += 1000;
    const { browser, path } = await withPassword();
    expect((await browser.get(`${path}?way=lost&lang=en`)).body).toContain('This was stopped recently');
  });

  test('who had it open in the enrolment when the owner stopped it sets up nothing', async () => {
    const { web, read, mailbox, begin, withPassword } = await start();
    await begin();
    const [{ link = '' } = {}] = await mailbox();
    web.clock.now += 3 * DAY_MS;
    const { browser, path } = await withPassword();
    await browser.post(path, { action: 'recover-send' });
    const [{ code = '' } = {}] = await mailbox();
    await browser.post(path, { action: 'recover-code', recovery_code: code });
    await browser.post(path, { action: 'choose-totp' });
    const seed = /secret=([A-Z2-7]+)/.exec((await browser.get(path)).body)?.[1] ?? '';
    await browserOf(web).post('/recovery/stop', {
      ticket: new URL(link, web.url).searchParams.get('ticket') ?? '',
      action: 'stop',
    });
    const before = (await read()).totps;
    await browser.post(path, {
      action: 'enrol',
      code: generateSync({ secret: seed, epoch: Math.floor(web.clock.now / 1000) }),
    });
    expect((await read()).totps).toEqual(before);
    expect(web.logins).toEqual([]);
  });

  test('of two tabs that type the code at once one begins it', async () => {
    const { read, mailbox, withPassword } = await start();
    const tabs = [await withPassword(), await withPassword()];
    await tabs[0]?.browser.post(tabs[0].path, { action: 'recover-send' });
    const [{ code = '' } = {}] = await mailbox();
    await Promise.all(
      tabs.map(({ browser, path }) => browser.post(path, { action: 'recover-code', recovery_code: code })),
    );
    expect((await read()).tickets.filter(({ purpose }) => purpose === 'recovery-stop')).toHaveLength(1);
    expect((await mailbox()).filter(({ template }) => template === 'recovery-started')).toHaveLength(2);
  });
});

test('a made-up link stops nothing, and says so', async () => {
  const { web } = await start();
  for (const ticket of ['', 'x', '\u202e', '🌱'.repeat(40), 'a'.repeat(199)])
    for (const answer of [
      await browserOf(web).get(`/recovery/stop?${new URLSearchParams({ ticket })}`),
      await browserOf(web).post('/recovery/stop', { ticket, action: 'stop' }),
    ])
      expect(answer.status).toBe(410);
});
