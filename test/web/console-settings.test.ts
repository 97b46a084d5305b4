/** Cost: about 8 s. The pages about one application after it is registered: settings, release, access, history, end. */
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
let browser: HttpVisitor;
let login: string;
beforeAll(async () => {
  pedel = await startConsole();
  login = await pedel.person('Olga', ['owner']);
  browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

const metadata = {
  client_name: 'Toledo',
  redirect_uris: ['https://toledo.example/back'],
  scope: 'openid profile email',
  subject_type: 'public',
  pedel_purpose: 'To show your courses.',
};
let id = '';
let count = 0;
beforeEach(async () => {
  id = `toledo-${count++}`;
  const secrets = [{ id: 's', hash: 'sha256$the-hash-of-a-secret', createdAt: 0 }];
  await pedel.storage.clients.put({ id, revision: 1, metadata, secrets, createdAt: 0, updatedAt: 0 }, 0);
});

const path = (tab: string) => `/admin/applications/${id}/${tab}`;
const stored = async () => {
  const record = await pedel.storage.clients.find(id);
  if (record === undefined) throw new Error('it is gone');
  return record;
};
const entries = async () =>
  (await pedel.storage.auditLog.page({ client: id }, undefined, 50)).map(({ action }) => action);
const html = () => browser.page().html;

test('each page about an application is there, in both languages, and shows no secret', async () => {
  for (const tab of ['', 'settings', 'release', 'access', 'history', 'end'])
    for (const [language, words] of [
      ['en', 'Toledo'],
      ['nl', 'Beheer'],
    ]) {
      await browser.open(`${path(tab).replace(/\/$/, '')}?lang=${language}`);
      expect([tab, browser.page().status, html().includes(words ?? '')]).toEqual([tab, 200, true]);
      expect(html()).not.toContain('the-hash-of-a-secret');
    }
  await browser.open(`${path('end')}?lang=en`);
});

test('what the other side types has the discovery document once: among the fields, or beside them', async () => {
  const seen = async () => {
    await browser.open(path('connect'));
    return [html().split('/.well-known/openid-configuration<').length - 1, html().includes('id="discovery-title"')];
  };
  expect(await seen()).toEqual([1, false]);
  const answers = { address: 'https://grafana.example.edu' };
  const origin = { kind: 'added', at: 0, via: 'console', preset: 'grafana', answers } as const;
  await pedel.storage.clients.put({ ...(await stored()), revision: 2, origin }, 1);
  expect(await seen()).toEqual([1, true]);
});

test('notes are kept over several lines, shown and in the history, and no secret is taken among them', async () => {
  await browser.open(`${path('settings')}?lang=nl`);
  const notes = 'Afspraak met de bib 🌱\nBel <Jan>: 016 32 00 00';
  await browser.press('save', { pedel_notes: notes });
  expect((await stored()).metadata.pedel_notes).toBe(notes);
  await browser.open(path('').replace(/\/$/, ''));
  expect(html()).toContain('Afspraak met de bib 🌱\nBel &lt;Jan&gt;: 016 32 00 00');
  await browser.open(path('history'));
  expect(html()).toContain('Afspraak met de bib');
  await browser.open(path('settings'));
  for (const [bad, why] of [
    [`pedel_cs_${'x'.repeat(43)}`, 'haal het geheim weg'],
    ['-----BEGIN PRIVATE KEY-----', 'haal het geheim weg'],
    ['a\u202eb', 'haal de onzichtbare tekens weg'],
  ]) {
    await browser.press('save', { pedel_notes: bad ?? '' });
    expect([browser.page().status, html().includes(why ?? '')]).toEqual([422, true]);
  }
  expect((await stored()).metadata.pedel_notes).toBe(notes);
  await browser.open(`${path('settings')}?lang=en`);
});

test('settings that are saved hold, with one entry; a fault is told at its field, and what was typed stays', async () => {
  await browser.open(path('settings'));
  await browser.press('save', { client_name: 'Toledo 2', contacts: 'a@example.edu\nb@example.edu' });
  expect([pathOf(browser), html().includes('Saved.')]).toEqual([`${path('settings')}?done=saved`, true]);
  expect((await stored()).metadata).toEqual({
    ...metadata,
    client_name: 'Toledo 2',
    contacts: ['a@example.edu', 'b@example.edu'],
  });
  expect(await entries()).toEqual(['client.changed']);
  await browser.press('save', { redirect_uris: 'http://toledo.example/<b>', client_name: 'typed' });
  expect(browser.page().status).toBe(422);
  expect(html()).toMatch(/<textarea id="m-redirect_uris"[^>]* aria-invalid="true"/);
  expect(html()).toContain('http://toledo.example/&lt;b&gt;: give an https address');
  expect(html()).toContain('value="typed"');
  expect((await stored()).revision).toBe(2);
});

test('what was saved and is not as it should be is told in the language of the page, once, and reloading is no conflict', async () => {
  await browser.open(`${path('settings')}?lang=nl`);
  const address = path('settings');
  await browser.press('save', { logo_uri: 'https://10.0.0.1/logo.svg' });
  expect([browser.page().status, pathOf(browser)]).toEqual([200, address]);
  expect((await stored()).metadata.logo_uri).toBe('https://10.0.0.1/logo.svg');
  expect(html()).toContain('Bewaard');
  expect(html()).toContain(
    'logo_uri: 10.0.0.1 is geen openbaar adres en ligt niet in een netwerk van PEDEL_ALLOW_NETWORKS. Tot het later wel lukt',
  );
  // the same form sent again, as a reload does: its revision is that of before
  await browser.press('save', { logo_uri: 'https://10.0.0.1/logo.svg', revision: '1' });
  expect([browser.page().status, new URL(browser.page().url).search]).toEqual([200, '?done=unchanged']);
  expect(html()).not.toContain('openbaar adres');
  expect((await entries()).length).toBe(1);

  await browser.open(path('access'));
  await browser.press('save', { who: 'some', people: 'u-nobody-yet' });
  expect(html()).toContain('pedel_access: nog niemand heeft als nummer of sub u-nobody-yet');
  await browser.open(path('release'));
  await browser.press('save', { pedel_purpose: '' });
  expect(html()).toContain('pedel_purpose: er wordt meer gevraagd dan een pseudoniem');
  await browser.press('save', { pedel_purpose: 'To show your courses.' });
  expect(html()).toContain('pedel_access: nog niemand');
  await browser.open(`${path('access')}?lang=en`);
  await browser.press('save', { who: 'some', people: 'u-nobody-yet\nu-none' });
  expect(html()).toContain('nobody has the user number or sub u-nobody-yet, u-none yet');
});

test('what is changed most stands in groups, and how it proves who it is only among the other members, with a way there', async () => {
  await browser.open(`${path('settings')}?lang=en`);
  const [groups = '', others = ''] = html().split('<details');
  for (const each of ['What people see', 'Addresses for signing in and out', 'Who looks after it, and for how long'])
    expect(groups).toContain(`-title">${each}</h2>`);
  for (const name of ['token_endpoint_auth_method', 'jwks_uri', 'jwks'])
    expect([name, groups.includes(`name="${name}"`), others.includes(`name="${name}"`)]).toEqual([name, false, true]);
  expect(groups).toContain('Now it proves itself with a secret.');
  expect(groups).toContain(`<a href="${path('secrets')}">Go to its secrets</a>`);
  expect(others).toContain('as by default (client_secret_basic)');
});

test('its last day is typed as a date; a moment, which no such field can show, stays as it is', async () => {
  await browser.open(path('settings'));
  await browser.press('save', { pedel_valid_until: '2031-06-30' });
  expect((await stored()).validUntil).toBe(Date.parse('2031-07-01T00:00+02:00')); // the day as a whole
  expect(html()).toMatch(/<input id="m-pedel_valid_until"[^>]* type="date" value="2031-06-30"/);
  await browser.open(path('?lang=en'));
  expect(html()).toMatch(/<time [^>]*>30 June 2031<\/time>/); // the overview says the same day
  await browser.open(path('settings'));
  await browser.press('save', { pedel_valid_until: '2031-02-30' });
  expect(browser.page().status).toBe(422);
  expect(html()).toMatch(/<input id="m-pedel_valid_until"[^>]* type="text" value="2031-02-30"/);
  await browser.press('save', { pedel_valid_until: '2031-06-30T12:00:00Z' });
  await browser.press('save', { client_name: 'Toledo 2' });
  expect((await stored()).metadata.client_name).toBe('Toledo 2');
  expect((await stored()).validUntil).toBe(Date.parse('2031-06-30T12:00Z'));
  await browser.press('save', { pedel_valid_until: '' });
  expect((await stored()).validUntil).toBeUndefined();
});

test('who only reads is told so once, and not that owners alone change it', async () => {
  const reader = pedel.browser();
  const auditor = await pedel.person('Ria', ['auditor']);
  await reader.open(`${pedel.issuer}${path('settings')}`);
  await pedel.signIn(reader, auditor);
  expect(reader.page().html).toContain('Your role lets you look at this, and not change it.');
  expect(reader.page().html).not.toContain('Only owners change this.');
});

test('of two who save at once the second sees both versions, and replaces the first only by saving again', async () => {
  await browser.open(path('settings'));
  const record = await stored();
  const changed = { ...record.metadata, client_name: 'of somebody else', contacts: ['x@example.edu'] };
  await pedel.storage.clients.put({ ...record, revision: 2, metadata: changed }, 1);
  await browser.press('save', { client_name: 'mine' });
  expect(browser.page().status).toBe(409);
  for (const each of ['Two versions', 'of somebody else', 'mine']) expect(html()).toContain(each);
  expect((await stored()).metadata.client_name).toBe('of somebody else');
  await browser.press('save', { client_name: 'mine' });
  expect((await stored()).metadata).toMatchObject({ client_name: 'mine', contacts: ['x@example.edu'] });
});

test('a form brings nothing but its own fields: no member of another page, no revision of the record, no secret', async () => {
  await browser.open(path('settings'));
  const sent = {
    pedel_bundle: 'personalised',
    scope: 'openid',
    pedel_access: '{"affiliations":["staff"]}',
    client_secret: 'x',
    secrets: '[]',
    disabled: '1',
  };
  await browser.send(path('settings'), { revision: '1', action: 'save', client_name: 'only this', ...sent });
  await browser.send(path('settings'), { revision: '2', action: 'save-further', ...sent });
  const { revision, metadata: now, disabled } = await stored();
  expect([revision, now, disabled]).toEqual([2, { ...metadata, client_name: 'only this' }, undefined]);
});

test('what it may know is shown for a person, also as it would be, and saved', async () => {
  await browser.open(path('release'));
  expect(html()).toContain('an.claes@');
  const as = { revision: '1', as: 'staff@kuleuven', number: '' };
  await browser.send(`${path('release')}/preview`, { ...as, scope: 'openid email' });
  expect(html()).toContain('As it would be with what you typed');
  expect(html()).not.toContain('<code>given_name</code>');
  expect((await stored()).revision).toBe(1);
  await browser.send(`${path('release')}/preview`, { ...as, number: 'u9999999' });
  expect([browser.page().status, html().includes('Nobody has this user number')]).toEqual([422, true]);
  await browser.send(`${path('release')}/preview`, { ...as, number: 'u-olga' });
  expect(html()).toContain('What the application learns of Olga');
  await browser.open(path('release'));
  await browser.press('save', { scope: 'openid email', pedel_id_token_claims: '["email"]' });
  expect((await stored()).metadata).toMatchObject({ scope: 'openid email', pedel_id_token_claims: ['email'] });
  await browser.press('save', { pedel_derived_claims: '[{' });
  expect([browser.page().status, html().includes('Write JSON')]).toEqual([422, true]);
});

test('access is given to those who are named, and to nobody by mistake', async () => {
  await browser.open(path('access'));
  await browser.press('save', { who: 'some' });
  expect([browser.page().status, html().includes('name somebody')]).toEqual([422, true]);
  await browser.press('save', { who: 'some', affiliations: 'staff\nstudent@vives', people: 'u0000017' });
  expect((await stored()).metadata.pedel_access).toEqual({
    affiliations: ['staff', 'student@vives'],
    people: ['u0000017'],
  });
  await browser.press('save', { who: 'everybody' });
  expect((await stored()).metadata.pedel_access).toBeUndefined();
});

test('the history has old and new, and leads back', async () => {
  await browser.open(path('settings'));
  await browser.press('save', { client_name: 'B' });
  await browser.open(path('history'));
  expect(html()).toContain('<del>Toledo</del>');
  expect(html()).toContain('<ins>B</ins>');
  expect(html()).toContain('Olga');
  await browser.press('restore');
  expect([pathOf(browser), (await stored()).metadata.client_name]).toEqual([
    `${path('history')}?done=restored`,
    'Toledo',
  ]);
  expect(await entries()).toEqual(expect.arrayContaining(['client.changed', 'client.restored']));
});

test('it is switched off and on, deleted only by its name, and taken back', async () => {
  await browser.open(path('end'));
  await browser.press('disable');
  expect((await stored()).disabled).toBeDefined();
  await browser.press('enable');
  expect((await stored()).disabled).toBeUndefined();
  await browser.press('delete', { typed: 'toledo' });
  expect([browser.page().status, (await stored()).disabled]).toEqual([422, undefined]);
  await browser.press('delete', { typed: 'Toledo' });
  expect((await stored()).disabled?.removeAt).toBeDefined();
  expect(html()).toContain('removed for good on');
  await browser.press('enable');
  expect((await entries()).length).toBe(4);
});

test('what needs a recent sign-in waits for one, and is not done before', async () => {
  pedel.wait(6 * 60);
  await browser.open(path('end'));
  await browser.press('disable');
  expect((await stored()).disabled).toBeUndefined();
  await pedel.signIn(browser, login);
  expect(headingOf(browser)).toContain('Toledo');
  expect(html()).toContain('name="action" value="disable"');
  expect((await stored()).disabled).toBeUndefined();
  await browser.send(path('end'), { revision: '1', action: 'disable', typed: '' });
  expect((await stored()).disabled).toBeDefined();
});

test('how an application proves who it is changes only after a recent sign-in, as a secret does; a name needs none', async () => {
  pedel.wait(6 * 60);
  await browser.open(path('settings'));
  await browser.press('save', { client_name: 'Toledo 3' });
  expect((await stored()).metadata.client_name).toBe('Toledo 3');
  const secrets = (await stored()).secrets;
  await browser.press('save-further', { token_endpoint_auth_method: 'none', default_max_age: '600' });
  expect([(await stored()).revision, (await stored()).secrets]).toEqual([2, secrets]);
  await pedel.signIn(browser, login);
  expect(headingOf(browser)).toBe('Save settings');
  expect(html()).toContain('name="default_max_age" value="600"');
  const kept = [...html().matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  await browser.send(path('settings'), Object.fromEntries(kept.map(([, name = '', text = '']) => [name, text])));
  expect((await stored()).metadata).toMatchObject({
    token_endpoint_auth_method: 'none',
    client_name: 'Toledo 3',
    default_max_age: 600,
    pedel_purpose: metadata.pedel_purpose,
  });
});
