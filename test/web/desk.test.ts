/** The service desk: whom an agent sees, what is told, what is done with a reason, and what waits for a second agent. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { anAccount } from '../support/account.ts';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
let tom: HttpVisitor;
let ann: HttpVisitor;
beforeAll(async () => {
  pedel = await startConsole();
  tom = await agent('Tom');
  ann = await agent('Ann');
  await pedel.person('Hanne', [], { ...at('vives'), familyName: 'Goossens', emails: ['hanne@student.vives.be'] });
  await pedel.person('Hans', [], { ...at('kuleuven'), familyName: 'Goossens' });
  await pedel.person('Helga', ['auditor'], { ...at('vives'), familyName: 'Goossens' });
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

async function agent(
  name: string,
  organisations: RoleGrant['organisations'] = ['vives'],
  language = 'en',
): Promise<HttpVisitor> {
  const login = await pedel.person(name, [], at('vives'));
  await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role: 'desk', organisations }]);
  const browser = pedel.browser(language);
  await browser.open(`${pedel.issuer}/desk`);
  await pedel.signIn(browser, login);
  return browser;
}
const at = (...organisations: string[]) => ({
  affiliations: organisations.map((organisation) => ({ organisation, role: 'student', source: 'csv' })),
});
const page = (name: string, act = '') => `${pedel.issuer}/desk/people/account-${name}${act}`;
async function read(name: string): Promise<Account> {
  const account = await pedel.storage.accounts.findById(`account-${name}`);
  if (account === undefined) throw new Error(`there is no ${name}`);
  return account;
}
const actionsOf = async (name: string) =>
  (await pedel.storage.auditLog.page({ subject: `account-${name}` }, undefined, 20)).map(({ action }) => action);
/** The effects of a write are dispatched behind its answer. */
async function settled(name: string, action: string): Promise<void> {
  for (let n = 0; n < 500; n += 1) {
    if ((await actionsOf(name)).includes(action)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${action} is not in the audit log of ${name}`);
}
const invited = { activatedAt: undefined, password: undefined, totps: [] } as unknown as Partial<Account>;
const reason = { reason: 'Ticket 4711: came to the counter with the student card' };
/** As it is read: where a line may end says nothing. */
const textOf = (browser: HttpVisitor) => browser.page().html.replaceAll('<wbr>', '');
const passOn = (browser: HttpVisitor) => /id="pass">([^<]+)</.exec(browser.page().html)?.[1];

test('an agent finds people of the own organisation by number, name and address, without colleagues who hold a role', async () => {
  await tom.open(`${pedel.issuer}/desk?q=goossens`);
  expect(headingOf(tom)).toBe('Find a person');
  for (const [query, found] of [
    ['goossens', true],
    ['U-HANNE', true],
    ['hanne@stud', true],
    ['annelies@example.org', false],
  ] as const) {
    await tom.open(`${pedel.issuer}/desk?${new URLSearchParams({ q: query })}`);
    expect([query, tom.page().html.includes('Hanne Goossens')]).toEqual([query, found]);
    expect(tom.page().html).not.toMatch(/Hans Goossens|Helga Goossens/);
  }
  await tom.open(`${pedel.issuer}/desk?q=nobody`);
  expect(tom.page().html).toContain('Nobody found');
});

test('an end is told in the sentences that its owner reads, and the reason of the source beside them', async () => {
  const ends = { organisation: 'vives', role: 'student', source: 'csv', endedOn: '2099-02-01', endReason: 'no fees' };
  const { windows = [], endsAt = 0 } = withWindows(
    anAccount({ affiliations: [ends] }),
    pedel.config.organisations,
    Date.now(),
  );
  await pedel.person('Ende', [], { affiliations: [ends], windows, endsAt });
  await tom.open(`${page('Ende')}?lang=en`);
  const { html } = tom.page();
  expect(html).toContain('The account is active');
  const name = 'VIVES University of Applied Sciences';
  expect(html).toContain(`The person reads: “Your studies at ${name} stop on 1 February 2099.`);
  expect(html).toContain('Your account ends on 8 February 2099 at midnight, in ');
  expect(html).toContain(`${name} gives as the reason: no fees (for the desk only)`);
  await tom.open(`${page('Ende')}?lang=nl`);
  expect(tom.page().html).toContain('De persoon leest: “Je studie aan Hogeschool VIVES stopt op 1 februari 2099.');
  await tom.open(`${page('Ende')}?lang=en`);
});

test('the page of a person tells how the account stands, and neither secrets nor the whole personal address', async () => {
  const { id } = await read('Hanne');
  const letter = {
    template: 'invitation',
    to: 'annelies@example.org',
    language: 'nl',
    organisation: 'vives',
    data: {},
  };
  await pedel.person('Ines', [], { ...at('vives'), ...invited, mailedAt: [Date.now()] });
  for (const n of [1, 2, 3])
    await pedel.storage.outbox.put({
      id: `l${n}`,
      kind: 'letter',
      accountId: 'account-Ines',
      payload: letter,
      createdAt: n,
    });
  const lease = Date.now() + 60_000;
  for (const entry of await pedel.storage.outbox.claim('letter', Date.now(), lease, 9))
    await (entry.id === 'l3'
      ? pedel.storage.outbox.failed(entry.id, lease, Date.now(), '552 5.2.2 mailbox full')
      : pedel.storage.outbox.done(entry.id, lease, Date.now()));
  await tom.open(page('Ines'));
  expect(textOf(tom)).toContain('Invited 3 times, and not activated yet');
  expect(textOf(tom)).toContain('The last email: came back: mailbox full.');
  expect(textOf(tom)).not.toContain('annelies@example.org');
  await tom.open(`${pedel.issuer}/desk/people/${id}`);
  expect(headingOf(tom)).toBe('Hanne Goossens');
  expect(textOf(tom)).toContain('The account is active');
  expect(textOf(tom)).toContain('Authenticator app');
  expect(textOf(tom)).toContain('a•••@example.org');
  const account = await read('Hanne');
  for (const secret of ['annelies@example.org', account.totps[0]?.sealedSeed ?? '', account.auditKey, 'plain$'])
    expect(textOf(tom)).not.toContain(secret);
});

test('whom an agent may not see is not there: of another organisation, with a role, the agent, or nobody', async () => {
  for (const name of ['Hans', 'Helga', 'Tom', 'Ann', 'Nobody']) {
    for (const act of ['', '/pass', '/sessions', '/suspend']) {
      await tom.open(page(name, act));
      expect([name, act, tom.page().status]).toEqual([name, act, 404]);
      await tom.send(page(name, act), { ...reason, fact: 'birth-date', said: '1' });
      expect([name, act, tom.page().status]).toEqual([name, act, 404]);
    }
    for (const path of ['/note', '/requests/x']) {
      await tom.send(page(name, path), { note: 'x', action: 'approve' });
      expect([name, path, tom.page().status]).toEqual([name, path, 404]);
    }
  }
  expect((await read('Hans')).credentialsEpoch).toBe(1);
});

test('an identity check says right or wrong alone, is noted, and stops after five wrong answers', async () => {
  await pedel.person('Ida', [], { ...at('vives'), claims: { birthdate: '2001-09-03' } });
  await tom.open(page('Ida'));
  await tom.send(page('Ida'), { fact: 'birth-date', said: '3/9/2001' });
  expect(tom.page().html).toContain('That is the birth date that we know.');
  for (let n = 0; n < 5; n += 1) {
    await ann.send(page('Ida'), { fact: 'birth-date', said: `${n + 1}/1/2001` });
    expect([ann.page().status, ann.page().html.includes('That is not what we know.')]).toEqual([200, true]);
    expect(ann.page().html).not.toContain('2001-09-03');
  }
  await tom.send(page('Ida'), { fact: 'birth-date', said: '3/9/2001' });
  expect([tom.page().status, tom.page().html.includes('birth date that we know')]).toEqual([429, false]);
  expect((await actionsOf('Ida')).filter((action) => action === 'desk.identity-checked')).toHaveLength(7);
  await tom.open(page('Ida'));
  const told = tom
    .page()
    .html.replace(/<[^>]+>|\s+/g, ' ')
    .replace(/ {2,}/g, ' ');
  expect(told).toContain('Checked who is asking Tom Peeters · birth date · right');
  expect(told).toContain('Checked who is asking Ann Peeters · birth date · wrong');
});

test('a pass needs a reason, is shown once, and leaves an entry and a letter to both addresses', async () => {
  await pedel.person('Jan', [], {
    ...at('vives'),
    emails: ['jan@student.vives.be'],
    password: { hash: 'plain$x', setAt: 1 },
  });
  await tom.open(page('Jan'));
  await tom.open(page('Jan', '/pass'));
  await tom.press('pass', { reason: '  ' });
  expect([tom.page().status, tom.page().html.includes('Type why')]).toEqual([422, true]);
  await tom.press('pass', reason);
  expect(passOn(tom)).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  expect(tom.page().headers.get('cache-control')).toBe('no-store');
  const code = passOn(tom) ?? '';
  await settled('Jan', 'desk.pass-given');
  await tom.open(page('Jan'));
  expect(tom.page().html).not.toContain(code);
  expect(JSON.stringify(await read('Jan'))).not.toContain(code);
  expect(pedel.logged.join('\n')).not.toContain(code);
  const letters = await pedel.storage.outbox.byAccount('account-Jan', 9);
  expect(letters.map(({ payload }) => [payload.template, payload.to]).sort()).toEqual([
    ['desk-acted', 'annelies@example.org'],
    ['desk-acted', 'jan@student.vives.be'],
  ]);
  const [entry] = await pedel.storage.auditLog.page({ action: 'desk.pass-given' }, undefined, 1);
  expect(entry).toMatchObject({
    actor: { id: 'account-Tom', roles: ['desk vives'] },
    subject: 'account-Jan',
    via: 'console',
  });
  expect(JSON.stringify(entry)).not.toContain(reason.reason);
});

test('its email leads its owner to “this was not me”, which ends the pass; who was never active has no such link', async () => {
  await pedel.person('Mira', [], { ...at('vives'), password: { hash: 'plain$x', setAt: 1 } });
  await tom.open(page('Mira', '/pass'));
  await tom.press('pass', reason);
  await settled('Mira', 'desk.pass-given');
  const [letter] = await pedel.storage.outbox.byAccount('account-Mira', 9);
  const { notMe } = JSON.parse(
    (await pedel.opened()).open(String(letter?.payload.sealedSecret), 'account-Mira', 'letter'),
  );
  const owner = pedel.browser('en');
  await owner.open(`${pedel.issuer}${notMe}`);
  expect(owner.page().html).toContain('The service desk gave a pass for a new second step');
  await owner.press('not-me');
  expect(pathOf(owner)).toBe('/not-me?done=1');
  expect(await read('Mira')).toMatchObject({
    tickets: [],
    credentialsEpoch: 2,
    passwordExpiredAt: expect.any(Number),
  });
  await pedel.person('Mo', [], { ...at('vives'), ...invited, emails: ['mo@student.vives.be'] });
  await tom.open(page('Mo', '/resend'));
  await tom.press('resend', reason);
  await settled('Mo', 'desk.activation-resent');
  const told = await pedel.storage.outbox.byAccount('account-Mo', 9);
  expect(told.find(({ payload }) => payload.template === 'desk-acted')?.payload).not.toHaveProperty('sealedSecret');
});

test('a second act within a day waits, the first agent cannot agree, and the code is shown to the first alone', async () => {
  await tom.open(page('Jan', '/pass'));
  expect(tom.page().html).toContain('a colleague agrees first');
  await tom.press('pass', reason);
  expect(pathOf(tom)).toBe('/desk/people/account-Jan?done=asked');
  const request = (await read('Jan')).desk?.requests[0]?.id ?? '';
  await tom.send(page('Jan', `/requests/${request}`), { action: 'approve' });
  expect([tom.page().status, tom.page().html.includes('You asked for it yourself')]).toEqual([409, true]);
  await tom.send(page('Jan', `/requests/${request}`), { action: 'show-pass' });
  expect([tom.page().status, passOn(tom)]).toEqual([409, undefined]);
  await ann.open(`${pedel.issuer}/desk/approvals`);
  expect(ann.page().html).toContain('Jan Peeters');
  expect(ann.page().html).toContain('Tom Peeters asked: Ticket 4711');
  await ann.press('approve');
  expect([pathOf(ann), passOn(ann)]).toEqual(['/desk/people/account-Jan?done=approved', undefined]);
  await ann.send(page('Jan', `/requests/${request}`), { action: 'show-pass' });
  expect(passOn(ann)).toBeUndefined();
  await tom.open(page('Jan'));
  await tom.press('show-pass');
  expect(passOn(tom)).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  await tom.send(page('Jan', `/requests/${request}`), { action: 'show-pass' });
  expect([tom.page().status, passOn(tom)]).toEqual([409, undefined]);
});

test('of two agents who give a pass at once, one gives it and the other waits', async () => {
  await pedel.person('Kim', [], { ...at('vives'), password: { hash: 'plain$x', setAt: 1 } });
  const both = await Promise.all([tom, ann].map((each) => each.send(page('Kim', '/pass'), reason)));
  expect(both.filter(({ html }) => html.includes('id="pass"'))).toHaveLength(1);
  expect((await read('Kim')).tickets.filter(({ purpose }) => purpose === 'desk-pass')).toHaveLength(1);
  expect((await read('Kim')).desk).toMatchObject({ acts: [{ kind: 'pass' }], requests: [{ kind: 'pass' }] });
});

test('sessions end with the epoch, an account is suspended and opened again, and a note stays', async () => {
  await pedel.person('Lea', [], at('vives'));
  await tom.open(page('Lea', '/sessions'));
  await tom.press('sessions', reason);
  expect(pathOf(tom)).toBe('/desk/people/account-Lea?done=sessions');
  expect((await read('Lea')).credentialsEpoch).toBe(2);
  await tom.open(page('Lea', '/suspend'));
  for (const until of ['2026-02-30', '30/11/2099', '2020-01-01']) {
    await tom.press('suspend', { ...reason, kind: 'administrative', until });
    expect([until, tom.page().status, (await read('Lea')).suspension]).toEqual([until, 422, undefined]);
  }
  await tom.press('suspend', { ...reason, kind: 'administrative', until: '2099-02-28' });
  expect(tom.page().html).toContain('The account is suspended');
  expect((await read('Lea')).suspension).toMatchObject({
    kind: 'administrative',
    until: Date.parse('2099-03-01T00:00:00+01:00'),
  });
  await tom.open(page('Lea', '/pass'));
  expect(tom.page().status).toBe(404);
  await tom.open(page('Lea', '/lift'));
  await tom.press('lift', { reason: ' ' });
  expect([tom.page().status, (await read('Lea')).suspension?.kind]).toEqual([422, 'administrative']);
  await tom.press('lift', reason);
  expect((await read('Lea')).suspension).toBeUndefined();
  await tom.press('note', { note: ' Called <b>twice</b> ' });
  expect(tom.page().html).toContain('Called &lt;b&gt;twice&lt;/b&gt;');
  await settled('Lea', 'desk.noted');
  expect(await actionsOf('Lea')).toEqual(
    expect.arrayContaining(['desk.sessions-ended', 'account.suspended', 'account.suspension-lifted', 'desk.noted']),
  );
});

test('the activation is sent again, and a corrected address waits for a colleague', async () => {
  await pedel.person('Mia', [], { ...at('vives'), ...invited });
  await tom.open(page('Mia', '/resend'));
  expect(tom.page().html).toContain('a•••@example.org');
  await tom.press('resend', reason);
  expect(pathOf(tom)).toBe('/desk/people/account-Mia?done=resend');
  expect((await read('Mia')).tickets).toMatchObject([{ purpose: 'activation', sentTo: 'annelies@example.org' }]);
  await tom.open(page('Mia', '/address'));
  await tom.press('address', { ...reason, address: 'no address' });
  expect([tom.page().status, tom.page().html.includes('no address')]).toEqual([422, true]);
  await tom.press('address', { ...reason, address: 'Mia@Example.net' });
  expect((await read('Mia')).personalEmail).toBe('annelies@example.org');
  await ann.open(page('Mia'));
  expect(ann.page().html).toContain('New address: mia@example.net');
  await ann.press('approve');
  expect((await read('Mia')).personalEmail).toBe('mia@example.net');
});

test('the pages of the desk are whole in Dutch', async () => {
  const dora = await agent('Dora', ['vives'], 'nl');
  await dora.open(`${pedel.issuer}/desk?q=hanne&lang=nl`);
  expect(headingOf(dora)).toBe('Iemand zoeken');
  await dora.open(`${page('Hanne')}?lang=nl`);
  expect(dora.page().html).toContain('Wat er gebeurde');
  await dora.open(`${page('Hanne', '/pass')}?lang=nl`);
  expect(headingOf(dora)).toBe('Een pas voor 1 uur geven');
});
