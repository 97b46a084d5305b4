/** The console's pages about imports: a file is uploaded, looked at and applied, by those who may, and no half file passes. */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Source } from '../../src/domain/feed/source.ts';
import type { RoleName } from '../../src/domain/roles/role.ts';
import { startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
const sources: Source[] = ['vives', 'kuleuven', 'alum'].map((id) => ({
  ...{ id: `of-${id}`, organisations: [id], numbers: ['r#######'], domains: [`${id}.be`], full: id !== 'alum' },
  ...{ credentials: id === 'vives', identity: 'none', safeguard: { lose: 5, least: 0, shrink: 20 } },
}));
beforeAll(async () => {
  pedel = await startConsole({ sources });
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

let numbered = 0;
async function signedIn(role: RoleName, organisations: 'association' | string[] = ['vives']) {
  numbered += 1;
  const name = `${role}${numbered}`;
  const login = await pedel.person(name);
  await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role, organisations }]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
  const cookie = () => [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
  const open = (path: string) => browser.open(`${pedel.issuer}${path}`);
  async function upload(source: string, text: string | Blob | undefined, more: Record<string, string> = {}) {
    const form = new FormData();
    for (const [field, value] of Object.entries(more)) form.set(field, value);
    if (text !== undefined) form.set('file', new File([text], 'people.csv', { type: 'text/csv' }));
    form.set('action', 'plan'); // the button, which stands last
    const answer = await fetch(`${pedel.issuer}/admin/imports/new/${source}`, {
      ...{ method: 'POST', body: form, redirect: 'manual' },
      headers: { cookie: cookie(), 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
    });
    return { status: answer.status, path: answer.headers.get('location') ?? '', html: await answer.text() };
  }
  async function until(path: string, words: string) {
    for (let tries = 0; tries < 1000; tries += 1) {
      const { html } = await open(path);
      if (html.includes(words)) return html;
      await sleep(10);
    }
    throw new Error(`${path} never says: ${words}`);
  }
  return { browser, open, upload, until, cookie };
}

const HEADER = 'person,number,given_name,family_name,role,until\n';
const row = (index: number, name = 'Wout') => `p${index},r000000${index},${name},Claes,student,2099-12-31\n`;
const NOT_YET = 'Nothing has been changed yet';
const APPLIED = 'This import was applied';

test('a file is planned, looked at, and applied; what takes access away needs its number typed', async () => {
  const by = await signedIn('people-administrator');
  const list = (await by.open('/admin/imports')).html;
  expect(list).toContain('No imports in the last 30 days');
  expect(list).toContain('/admin/imports/new/of-vives');
  expect(list).not.toContain('of-kuleuven');
  expect((await by.open('/admin/imports/new/of-vives')).html).toContain('enctype="multipart/form-data"');

  const first = await by.upload('of-vives', HEADER + row(1) + row(2));
  expect(first.status).toBe(303);
  const planned = await by.until(first.path, NOT_YET);
  expect(planned).toContain('2 new');
  expect(await pedel.storage.accounts.findByLogin('r0000001')).toBeUndefined();
  await by.browser.press('apply');
  await by.until(first.path, APPLIED);
  const person = await pedel.storage.accounts.findByLogin('r0000002');
  if (person === undefined) throw new Error('nobody');
  await pedel.storage.accounts.replace({ ...person, revision: person.revision + 1, activatedAt: 1 }, person.revision);

  const second = await by.upload('of-vives', `${HEADER}${row(1, 'Wouter')}p3,r12,<b>X</b>,Y,student,\n`);
  const page = await by.until(second.path, NOT_YET);
  expect(page).toContain('1 row refused, 1 loses access, 1 changed');
  expect(page).toMatch(/VIVES[^<]*: 1 open account would lose access, where at most 0 may/);
  expect(page).toMatch(/line 3<[\s\S]*<code>number<\/code>[\s\S]*lacks digits/);
  const { html: changed } = await by.open(`${second.path}?kind=changed`);
  expect(changed).toMatch(/given_name<\/code> <bdi>Wout<\/bdi> becomes <bdi>Wouter</);
  const { html: ends } = await by.open(`${second.path}?kind=ends`);
  expect(ends).toMatch(/\/admin\/people\/[^>]+>p2<[\s\S]*not in the file[\s\S]*Access up to and including <time/);
  expect(ends).toMatch(/<bdi>student[^<]*, ended on \d+ [A-Z][a-z]+ \d{4}, discontinued<\/bdi>/);
  const { html: dutch } = await by.open(`${second.path}?kind=ends&lang=nl`);
  expect(dutch).toMatch(/<bdi>student[^<]*, beëindigd op \d+ [a-z]+ \d{4}, stopgezet<\/bdi>/);
  await by.open(`${second.path}?lang=en`);
  const refused = await by.open(`${second.path}/refused`);
  expect(refused.headers.get('content-disposition')).toContain('refused.csv');
  expect(refused.html).toContain('p3,r12,<b>X</b>,Y,student,,3,');
  expect((await by.open(`${second.path}/report`)).html).toContain('given_name,Wout,Wouter');

  await by.open(second.path);
  const wrong = await by.browser.press('apply', { losses: '2' });
  expect([wrong.status, wrong.html.includes('Type the number of open accounts that lose access: 1.')]).toEqual([
    422,
    true,
  ]);
  await by.browser.press('apply', { losses: '1' });
  await by.until(second.path, APPLIED);
  expect((await by.open('/admin/imports')).html).toMatch(/1 row refused, 1 loses access, 1 changed[\s\S]*Applied/);
});

test('who is refused when it is applied is told as well, and the row can be mended', async () => {
  const by = await signedIn('people-administrator');
  const { path } = await by.upload('of-vives', HEADER + row(5) + row(6), { partial: 'yes' });
  expect(await by.until(path, NOT_YET)).toContain('2 new');
  const { accounts } = pedel.storage;
  const other = await accounts.findByLogin('r0000001');
  if (other === undefined) throw new Error('nobody');
  await accounts.replace({ ...other, revision: other.revision + 1, formerNumbers: ['r0000005'] }, other.revision);
  await by.browser.press('apply');
  await by.until(path, APPLIED);
  const { html } = await by.open(`${path}?kind=refused`);
  expect(html).toContain('1 person was refused after all');
  expect(html).toContain('Refused (1)');
  expect(html).toContain(`${path}/refused`);
  expect((await by.open(`${path}/refused`)).html).toMatch(/\r\np5,r0000005,.*,2,.*number r0000005 was a number of/);
});

test('says in Dutch what a file comes to', async () => {
  const by = await signedIn('people-administrator');
  const { path } = await by.upload('of-vives', HEADER + row(7), { partial: 'yes' });
  expect(await by.until(`${path}?lang=nl`, 'Er is nog niets veranderd')).toContain('1 nieuw');
});

test('says in the language of the page why a row is refused, and of whom it is, and what is wrong with a file', async () => {
  const by = await signedIn('people-administrator');
  const { path } = await by.upload('of-vives', `${HEADER}p8,r12,X,Y,student,\n`, { partial: 'yes' });
  const refused = /<code>number<\/code> “<bdi>r12<\/bdi>” ([^<]+)</;
  const dutch = refused.exec(await by.until(`${path}?lang=nl`, 'Er is nog niets veranderd'))?.[1];
  expect(dutch).toMatch(/^mist cijfers .*zoals r0123456$/);
  expect((await by.open(`${path}/refused?lang=nl`)).html).toContain('lacks digits'); // scripts read it
  const none = await by.upload('of-vives', 'r0000001,Wout\n');
  expect(none.html).toContain('bevat geen enkele van hun namen');
  const { html } = await by.open(`${path}?lang=en`);
  expect(refused.exec(html)?.[1]).toMatch(/^lacks digits/);
  expect(html).toMatch(/<th[^>]*><bdi>p8<\/bdi><br>[^\n]*line 2/i);
});

describe('a form', () => {
  test.each([
    ['without a file', undefined, '>Choose a file'],
    ['with an empty file', '', '>Choose a file'],
    ['with a workbook', 'PK\u0003\u0004xx', 'workbook'],
    ['with no header', 'r0000001,Wout\n', 'holds none of their names'],
  ])('%s is shown again with the reason', async (_what, text, reason) => {
    const by = await signedIn('owner', 'association');
    const { status, html } = await by.upload('of-alum', text);
    expect([status, html.includes(reason)]).toEqual([422, true]);
  });

  test('that is none, or too large, is refused before it is read', async () => {
    const by = await signedIn('people-administrator', ['alum']);
    const send = (headers: Record<string, string>, body: string) =>
      fetch(`${pedel.issuer}/admin/imports/new/of-alum`, {
        ...{ method: 'POST', body, redirect: 'manual' as const },
        headers: { cookie: by.cookie(), 'sec-fetch-site': 'same-origin', ...headers },
      });
    expect((await send({ 'content-type': 'text/csv' }, HEADER)).status).toBe(422);
    expect((await send({ 'content-type': 'multipart/form-data; boundary=x' }, 'nonsense')).status).toBe(422);
    expect((await send({ 'content-type': 'multipart/form-data' }, '--x')).status).toBe(422);
    const cross = { 'content-type': 'multipart/form-data; boundary=x', 'sec-fetch-site': 'cross-site' };
    expect((await send(cross, '--x--')).status).toBe(403);
    const { hostname, port } = new URL(pedel.issuer);
    const status = await new Promise((resolve, reject) => {
      const sent = request({
        ...{ hostname, port, method: 'POST', path: '/admin/imports/new/of-alum' },
        headers: {
          ...{ cookie: by.cookie(), 'sec-fetch-site': 'same-origin', 'content-length': String(300_000_000) },
          'content-type': 'multipart/form-data; boundary=x',
        },
      });
      sent.on('response', (answer) => {
        resolve(answer.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('--x');
    });
    expect(status).toBe(413);
  });
});

describe('an upload', () => {
  /** A form of which only the beginning is sent. */
  async function half(by: Awaited<ReturnType<typeof signedIn>>, source: string, body: string) {
    const { hostname, port } = new URL(pedel.issuer);
    const sent = request({
      ...{ hostname, port, method: 'POST', path: `/admin/imports/new/${source}` },
      headers: {
        ...{ cookie: by.cookie(), 'sec-fetch-site': 'same-origin', expect: '100-continue' },
        'content-type': 'multipart/form-data; boundary=x',
      },
    });
    sent.on('error', () => {}); // it is cut off
    await new Promise((resolve) => {
      sent.once('continue', resolve);
      sent.flushHeaders();
    });
    sent.write(body);
    return sent;
  }
  const begins = `--x\r\nContent-Disposition: form-data; name="file"; filename="../../a.csv"\r\n\r\n${HEADER}${row(1)}`;

  test('whose connection breaks leaves no plan of its half, and keeps nobody from the next', async () => {
    const by = await signedIn('people-administrator', ['kuleuven']);
    const sent = await half(by, 'of-kuleuven', begins);
    await by.until('/admin/imports', '>of-kuleuven</a>'); // a process reads it
    sent.destroy();
    let { status, path } = await by.upload('of-kuleuven', HEADER + row(9));
    for (let tries = 0; status !== 303 && tries < 1000; tries += 1) {
      expect([409, 503]).toContain(status); // that process is ending
      await sleep(10);
      ({ status, path } = await by.upload('of-kuleuven', HEADER + row(9)));
    }
    expect(await by.until(path, NOT_YET)).toContain('1 new');
    expect((await by.open('/admin/imports')).html).not.toContain('2 new');
  });

  test('of ten of one source at once one is read, and the others are told to wait', async () => {
    const by = await signedIn('people-administrator', ['alum']);
    const answers = await Promise.all(Array.from({ length: 10 }, () => by.upload('of-alum', HEADER + row(5))));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(303);
    expect(statuses.filter((status) => ![303, 409, 503].includes(status))).toEqual([]);
    for (const { path } of answers.filter(({ status }) => status === 303)) await by.until(path, NOT_YET);
  });

  test('that is compressed, or has nothing but a compressed file, is refused', async () => {
    const by = await signedIn('people-administrator', ['alum']);
    const zipped = gzipSync(HEADER + row(6));
    const headers = { cookie: by.cookie(), 'sec-fetch-site': 'same-origin', 'content-encoding': 'gzip' };
    const whole = await fetch(`${pedel.issuer}/admin/imports/new/of-alum`, {
      ...{ method: 'POST', redirect: 'manual', body: gzipSync(`${begins}\r\n--x--\r\n`) },
      headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(whole.status).toBe(422);
    expect((await by.upload('of-alum', new Blob([zipped]))).status).toBe(422);
  });
});

test('rule 26: who only reads sees how many, and the neighbour sees nothing', async () => {
  const by = await signedIn('people-administrator');
  const { path } = await by.upload('of-vives', HEADER + row(8, 'Secretname'), { partial: 'yes' });
  await by.until(path, NOT_YET);
  for (const role of ['desk', 'auditor'] as const) {
    const reader = await signedIn(role);
    const { html } = await reader.open(path);
    expect(html).toContain('1 new');
    expect(html).not.toContain('r0000008');
    expect(html).not.toContain('id="apply"');
    for (const below of ['/report', '/refused']) expect((await reader.open(`${path}${below}`)).status).toBe(403);
    expect((await reader.upload('of-vives', HEADER)).status).toBe(403);
  }
  const neighbour = await signedIn('people-administrator', ['kuleuven']);
  for (const below of ['', '/report', '/refused']) expect((await neighbour.open(`${path}${below}`)).status).toBe(404);
  expect((await neighbour.upload('of-vives', HEADER)).status).toBe(404);
  expect((await neighbour.open('/admin/imports')).html).not.toContain('of-vives');
});

// last, because it moves the clock
test('who signed in long ago signs in again before people are changed', async () => {
  const by = await signedIn('owner', 'association');
  const { path } = await by.upload('of-alum', HEADER + row(4));
  await by.until(path, NOT_YET);
  pedel.wait(600);
  await by.browser.press('apply');
  expect(by.browser.page().html).toMatch(/id="(?:sign-in|verify)"/);
  expect(await pedel.storage.accounts.findByLogin('r0000004')).toBeUndefined();
});
