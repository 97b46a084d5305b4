/** The console's pages about sources: their tokens for SCIM and their safeguard, for who may, and nobody gets more by asking twice. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Source } from '../../src/domain/feed/source.ts';
import type { RoleName } from '../../src/domain/roles/role.ts';
import { startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
const source = (id: string, organisations: string[]): Source => ({
  ...{ id, organisations, numbers: ['r#######'], domains: [], credentials: false, identity: 'none' as const },
  safeguard: { lose: 5, least: 3, shrink: 20 },
});
beforeAll(async () => {
  pedel = await startConsole({ sources: [source('one', ['vives']), source('two', ['vives', 'kuleuven'])] });
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

async function signedIn(name: string, role: RoleName, organisations: 'association' | string[] = ['vives']) {
  const login = await pedel.person(name);
  await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role, organisations }]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
  const open = (path: string) => browser.open(`${pedel.issuer}${path}`);
  async function post(id: string, fields: Record<string, string>) {
    const cookie = [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const answer = await fetch(`${pedel.issuer}/admin/sources/${id}`, {
      ...{ method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' },
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
    });
    return { status: answer.status, path: answer.headers.get('location') ?? '', html: await answer.text() };
  }
  return { open, post };
}
const haveOf = (html: string) => /name="have" value="([^"]*)"/.exec(html)?.[1] ?? '';
const tokenOf = (html: string) => /<code id="token"[^>]*>([^<]*)</.exec(html)?.[1];
const scim = async (token: string | undefined) =>
  (await fetch(`${pedel.issuer}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } })).status;
const audited = async () =>
  (await pedel.storage.auditLog.page({}, undefined, 99)).filter(({ action }) => action.startsWith('source'));

test('a token is made once for each form, shown once, opens SCIM, and opens nothing once it is revoked', async () => {
  const by = await signedIn('Pat', 'people-administrator');
  const before = (await by.open('/admin/sources/one')).html;
  const asked = { action: 'make', have: haveOf(before) };
  // the same form twice at once, and a third time later: a second tab, or a page loaded again
  const both = await Promise.all([by.post('one', asked), by.post('one', asked)]);
  const tokens = both.map(({ html }) => tokenOf(html)).filter((each) => each !== undefined);
  expect(tokens).toHaveLength(1);
  const again = await by.post('one', asked);
  expect([again.status, tokenOf(again.html)]).toEqual([422, undefined]);
  expect(again.html).toContain('have changed since you opened this page');
  expect(await scim(tokens[0])).toBe(200);

  const page = (await by.open('/admin/sources/one')).html;
  expect(page).not.toContain(tokens[0]?.split('.')[2] as string);
  expect(haveOf(page)).toMatch(/^[0-9a-f]{8}$/);
  const second = await by.post('one', { action: 'make', have: haveOf(page) });
  const full = await by.post('one', { action: 'make', have: haveOf((await by.open('/admin/sources/one')).html) });
  expect(full.status).toBe(422);
  expect((await by.open('/admin/sources/one')).html).toContain('two tokens at most');
  const revoked = await by.post('one', { action: `revoke-${haveOf(page)}` });
  expect(revoked.path).toBe('/admin/sources/one?done=revoked');
  expect([await scim(tokens[0]), await scim(tokenOf(second.html))]).toEqual([401, 200]);
  const entries = await audited();
  expect(entries.map(({ action, actor }) => `${action} ${actor.id}`).sort()).toEqual([
    'source-token.made account-Pat',
    'source-token.made account-Pat',
    'source-token.revoked account-Pat',
  ]);
  expect(JSON.stringify(entries)).not.toContain(tokens[0]?.split('.')[2]);
});

test('only who administers people of all its organisations changes a source; an auditor reads, and a refusal is noted', async () => {
  const [partly, wholly] = [
    await signedIn('Part', 'people-administrator'),
    await signedIn('Whole', 'owner', 'association'),
  ];
  const auditor = await signedIn('Audit', 'auditor');
  const desk = await signedIn('Desk', 'desk');
  const list = (await partly.open('/admin/sources')).html;
  expect([list.includes('/admin/sources/one'), list.includes('/admin/sources/two')]).toEqual([true, false]);
  const releases = { action: 'release', people: '5', reason: 'Ticket 9' };
  for (const fields of [{ action: 'make', have: '' }, { action: 'revoke-00000000' }, releases]) {
    expect((await partly.post('two', fields)).status).toBe(404);
    expect((await auditor.post('one', fields)).status).toBe(403);
    expect((await desk.post('one', fields)).status).toBe(404);
  }
  expect((await partly.open('/admin/sources/two')).status).toBe(404);
  const read = (await auditor.open('/admin/sources/one')).html;
  expect(read).not.toContain('action="/admin/sources/one"');
  const noted = (await pedel.storage.auditLog.page({}, undefined, 99)).filter(
    ({ action, actor }) => action === 'authority.refused' && actor.id === 'account-Audit',
  );
  expect(noted.map(({ details }) => details)).toEqual([{ where: 'POST /admin/sources/:source' }]);
  const both = await wholly.open('/admin/sources/two');
  expect(both.html).toContain('value="make"');
  expect((await wholly.open('/admin/sources/nothing')).status).toBe(404);
});

test('a source that is held says so, and more people are released for a reason, after a recent sign-in', async () => {
  const by = await signedIn('Rel', 'people-administrator');
  expect((await by.open('/admin/sources/one')).html).toContain('Not held');
  const counter = { key: 'scim closes one', windowEndsAt: Date.now() + 3_600_000, most: 3 };
  for (let each = 0; each < 3; each += 1) await pedel.storage.attempts.takeAll([counter], Date.now());
  expect((await by.open('/admin/sources')).html).toContain('Held: nobody more loses access');
  for (const people of ['', '0', '-3', '1.5', '99999999', 'x', '\u0663'])
    expect([people, (await by.post('one', { action: 'release', people, reason: 'x' })).status]).toEqual([people, 422]);
  for (const reason of ['', ' ', 'two\nlines', 'x'.repeat(501)])
    expect((await by.post('one', { action: 'release', people: '5', reason })).status).toBe(422);
  expect((await by.post('one', { action: 'release', people: '5', reason: 'a\0b' })).status).toBe(400);
  expect((await by.post('one', { action: 'nothing' })).status).toBe(400);

  const reason = 'Ticket 12: the end of a course 🎓 نهاية';
  pedel.wait(600);
  const late = await by.post('one', { action: 'release', people: '5', reason });
  expect([late.status, late.path.startsWith('/admin/sources')]).toEqual([303, false]);
  const fresh = await signedIn('Rel2', 'people-administrator');
  const done = await fresh.post('one', { action: 'release', people: '5', reason });
  expect(done.path).toBe('/admin/sources/one?done=released');
  const page = (await fresh.open('/admin/sources/one')).html;
  expect(page).toContain('3 of at most 8');
  expect(page).toContain('Not held');
  const [entry] = await audited();
  expect(entry).toMatchObject({
    action: 'source.released',
    actor: { id: 'account-Rel2' },
    details: { source: 'one', people: '5', reason },
  });
});
