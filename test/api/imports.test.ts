/** Imports over the API: whose, in what form, how large, and what comes of files that are none. */
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openUpload } from '../../src/api/management/body.ts';
import { association, at, closeAll, type Kit, startApi } from './support.ts';

let kit: Kit;
type Service = Awaited<ReturnType<Kit['service']>>;
let hr: Service;
const sources = ['kuleuven', 'vives'].map((id) => ({
  ...{ id: `of-${id}`, organisations: [id], numbers: ['r#######'], domains: ['vives.be', 'kuleuven.be'], full: true },
  ...{ credentials: false, identity: 'none' as const, safeguard: { lose: 5, least: 0, shrink: 20 } },
}));
beforeAll(async () => {
  const both = { ...sources[0], id: 'both', organisations: ['kuleuven', 'vives'] } as (typeof sources)[number];
  kit = await startApi({ apiRequestsPerMinute: 100_000, config: { sources: [...sources, both] } });
  hr = await kit.service('hr', [at('people-administrator', 'vives')]);
});
afterAll(closeAll);

const csv = { 'content-type': 'text/csv' };
const HEADER = 'person,number,given_name,family_name,role,until\n';
const row = (index: number, change: { name?: string; until?: string } = {}) =>
  `p${index},r000000${index},${change.name ?? 'Wout'},Claes,student,${change.until ?? '2099-12-31'}\n`;

const plan = (body: string, { source = 'of-vives', headers = csv, more = '' } = {}) =>
  hr.call('POST', `/imports?source=${source}${more}`, { body, headers });

async function until(id: string, ...states: string[]) {
  for (;;) {
    const { body } = await hr.call('GET', `/imports/${id}`);
    if (states.includes(body.state)) return body;
    await sleep(5);
  }
}

async function applied(body: string, apply: object = {}, more = '') {
  const { id } = (await plan(body, { more })).body;
  await until(id, 'planned');
  const begun = await hr.call('POST', `/imports/${id}/apply`, { body: apply });
  expect(begun.status).toBe(202);
  return until(id, 'applied');
}

describe('an import over the API', () => {
  test('is planned, looked at, and applied; its report has what changed, its refused rows can be mended', async () => {
    const done = await applied(HEADER + row(1) + row(2));
    expect(done).toMatchObject({ counts: { new: 2 }, alarms: [], by: 'hr', source: 'of-vives', full: true });
    const begun = await plan(`${HEADER}${row(1, { name: 'Wouter' })}${row(2)}p3,r12,X,Y,student,2099-12-31\n`);
    expect(begun.status).toBe(202);
    expect(begun.headers.get('location')).toBe(`${kit.base}/imports/${begun.body.id}`);
    const { id } = begun.body;
    expect(await until(id, 'planned')).toMatchObject({ counts: { rows: 3, changed: 1, unchanged: 1, refused: 1 } });
    const report = await hr.call('GET', `/imports/${id}/report`);
    expect(report.body.items).toMatchObject([
      { outcome: 'refused', person: 'p3', lines: [4], column: 'number', value: 'r12' },
      { outcome: 'changed', lines: [2], changes: [{ field: 'given_name', from: 'Wout', to: 'Wouter' }] },
      { outcome: 'unchanged' },
    ]);
    const asCsv = await hr.call('GET', `/imports/${id}/report.csv`);
    expect([asCsv.headers.get('content-type'), asCsv.body]).toEqual([
      'text/csv; charset=utf-8',
      expect.stringContaining('given_name,Wout,Wouter'),
    ]);
    const refused = await hr.call('GET', `/imports/${id}/refused`);
    expect(refused.headers.get('content-disposition')).toBe(`attachment; filename="refused-${id}.csv"`);
    expect(refused.body).toMatch(/^\uFEFF?person,.*,line,reason\r\np3,r12,X,Y,student,2099-12-31,4,/);
    expect((await hr.call('GET', '/imports?limit=1')).body.items).toMatchObject([{ id, state: 'planned' }]);
  });

  test('reads a report page by page', async () => {
    const rows = Array.from(
      { length: 450 },
      (_, index) => `x${index},r1${String(index).padStart(6, '0')},A,B,student,\n`,
    );
    const { id } = (await plan(HEADER + rows.join(''), { more: '&partial=true' })).body;
    await until(id, 'planned');
    let found = 0;
    for (let next: string | undefined = `/imports/${id}/report`; next !== undefined; ) {
      const page: Awaited<ReturnType<Service['call']>> = await hr.call('GET', next);
      expect(page.body.items.length).toBeLessThanOrEqual(200);
      found += page.body.items.length;
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(found).toBe(450);
  });

  test('that takes access away waits for that very number', async () => {
    const person = await kit.storage.accounts.findByLogin('r0000002');
    if (person === undefined) throw new Error('nobody');
    await kit.storage.accounts.replace({ ...person, revision: person.revision + 1, activatedAt: 1 }, person.revision);
    const { id } = (await plan(HEADER + row(1))).body;
    const seen = await until(id, 'planned');
    expect(seen).toMatchObject({
      losses: 1,
      counts: { ends: 1 },
      alarms: [{ organisation: 'vives', lose: 1, allowed: 0 }],
    });
    for (const body of [{}, { allow_losses: 2 }, { allow_losses: 0 }]) {
      const refused = await hr.call('POST', `/imports/${id}/apply`, { body });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ code: 'losses', pointer: '/allow_losses' }] } });
    }
    expect((await hr.call('POST', `/imports/${id}/apply`, { body: { allow_losses: '1' } })).status).toBe(422);
    expect((await hr.call('POST', `/imports/${id}/apply`, { body: { allow_losses: 1 } })).status).toBe(202);
    await until(id, 'applied');
    expect(await hr.call('POST', `/imports/${id}/apply`, { body: { allow_losses: 1 } })).toMatchObject({
      status: 409,
      body: { detail: 'it is applied' },
    });
  });

  test('that moves an end from years away to the next 31 October waits for that number too', async () => {
    await applied(HEADER + row(4), {}, '&partial=true');
    const person = await kit.storage.accounts.findByLogin('r0000004');
    if (person === undefined) throw new Error('nobody');
    await kit.storage.accounts.replace({ ...person, revision: person.revision + 1, activatedAt: 1 }, person.revision);
    const inAYear = new Date(Date.now() + 366 * 86_400_000).toISOString().slice(0, 10);
    const { id } = (await plan(HEADER + row(4, { until: inAYear }), { more: '&partial=true' })).body;
    expect(await until(id, 'planned')).toMatchObject({ losses: 1, counts: { ends: 1 }, alarms: [{ lose: 1 }] });
  });

  test('rule 26: is of whoever administers people at all organisations of its source, and hidden from others', async () => {
    const { id } = (await plan(HEADER + row(1), { more: '&partial=true' })).body;
    await until(id, 'planned');
    const neighbour = await kit.service('neighbour', [at('people-administrator', 'kuleuven')]);
    for (const [method, path] of [
      ...[
        ['GET', `/imports/${id}`],
        ['GET', `/imports/${id}/report`],
        ['GET', `/imports/${id}/report.csv`],
      ],
      ...[
        ['GET', `/imports/${id}/refused`],
        ['POST', `/imports/${id}/apply`],
      ],
    ] as [string, string][])
      expect([path, (await neighbour.call(method, path, method === 'POST' ? { body: {} } : {})).status]).toEqual([
        path,
        404,
      ]);
    const upload = { body: HEADER, headers: csv };
    expect((await neighbour.call('POST', '/imports?source=of-vives', upload)).status).toBe(404);
    expect((await neighbour.call('GET', '/imports')).body.items).toEqual([]);
    for (const source of ['both', 'none', '../x', '%F0%9F%A6%89'])
      expect((await plan(HEADER, { source })).status).toBe(404);
    const desk = await kit.service('desk-of-vives', [at('desk', 'vives')]);
    expect((await desk.call('GET', `/imports/${id}`)).status).toBe(200);
    expect((await desk.call('GET', `/imports/${id}/report`)).body.code).toBe('not-allowed');
    expect((await desk.call('POST', '/imports?source=of-vives', upload)).body.code).toBe('not-allowed');
    const reader = await kit.service('reader', [association('owner')], ['people:write', 'clients:write']);
    expect((await reader.call('GET', '/imports')).body.code).toBe('insufficient-scope');
  });
});

describe('a file that is none', () => {
  test.each([
    ['is empty', '', 'empty'],
    ['has no header', 'r0000001,Wout\n', 'holds none of their names'],
    ['is a workbook', 'PK\u0003\u0004xx', 'workbook'],
    ['is a page', '<!doctype html><p>sign in', 'web page'],
    ['has a line without an end', `{"person":"${'x'.repeat(10_000_000)}"}`, 'more than a million characters'],
  ])('because it %s, is refused with a sentence, and changes nothing', async (_what, body, sentence) => {
    const answer = await plan(body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ code: 'unreadable' }] } });
    expect(answer.body.detail).toContain(sentence);
    const [listed] = (await hr.call('GET', '/imports?limit=1')).body.items;
    expect(listed).toMatchObject({ state: 'not-planned', progress: { fault: expect.stringContaining(sentence) } });
  });

  test('of another kind, or compressed, is not read', async () => {
    for (const headers of [
      ...[{ 'content-type': 'application/json' }, { 'content-type': 'multipart/form-data; boundary=x' }],
      ...[{ ...csv, 'content-encoding': 'gzip' }, { 'content-type': 'text/csv\u00e9' }],
    ])
      expect((await plan(HEADER, { headers: headers as typeof csv })).body.code).toBe('unsupported-media-type');
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'a'));
    const sent = await fetch(`${kit.base}/imports?source=of-vives`, {
      ...{ method: 'POST', body: bomb, headers: { ...csv, authorization: `Bearer ${hr.token}` } },
    });
    expect(await sent.json()).toMatchObject({ status: 422, detail: expect.stringContaining('compressed') });
  });

  test('with null bytes, writing turned round, emoji: each such row is refused, the others are taken', async () => {
    const rows = `${row(1)}p7,r0000007,A\u0000,B,student,\np8,r0000008,A\u202e,B,student,\np9,r0000009,🦉,B,student,\n`;
    const { id } = (await plan(HEADER + rows, { more: '&partial=true' })).body;
    expect(await until(id, 'planned')).toMatchObject({ counts: { rows: 4, refused: 2, new: 1 } });
  });

  test('asks for what it may not have, or in what words nobody knows', async () => {
    expect((await plan(HEADER, { more: '&with_credentials=true' })).body.errors[0].code).toBe('no-credentials');
    for (const more of ['&partial=maybe', '&x=1', '&source=of-vives'])
      expect((await plan(HEADER, { more })).status).toBe(400);
    expect((await hr.call('POST', '/imports', { body: HEADER, headers: csv })).status).toBe(400);
  });
});

describe('rule 30: an upload', () => {
  test('is refused at its head where it says that it is too large, and where it is', async () => {
    const head = { 'Content-Type': 'text/csv', 'Content-Length': String(513 * 1024 * 1024) };
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${kit.base}/imports?source=of-vives`, {
        ...{ method: 'POST', headers: { ...head, authorization: `Bearer ${hr.token}` } },
      });
      sent.on('response', (answer) => {
        resolve(answer.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('person');
    });
    expect(status).toBe(413);
    // without a length: megabyte after megabyte of one buffer, so that it costs no memory
    const part = Buffer.alloc(1024 * 1024);
    let left = 600;
    const large = new Readable({
      read() {
        left -= 1;
        this.push(left > 0 ? part : null);
      },
    });
    const get = (name: string) => (name === 'Content-Type' ? 'text/csv' : '');
    const upload = openUpload({ req: large, get } as never, ['text/csv']);
    let bytes = 0;
    await expect(
      (async () => {
        for await (const chunk of upload) bytes += chunk.length;
      })(),
    ).rejects.toThrow('the file is larger than 512 MB');
    expect(bytes).toBeLessThanOrEqual(512 * 1024 * 1024);
  });
});

test('an import has among its refused rows also whom the application refused', async () => {
  const { id } = (await plan(HEADER + row(8) + row(9), { more: '&partial=true' })).body;
  await until(id, 'planned');
  const { accounts } = kit.storage;
  const other = await accounts.findByLogin('r0000001');
  if (other === undefined) throw new Error('nobody');
  await accounts.replace({ ...other, revision: other.revision + 1, formerNumbers: ['r0000009'] }, other.revision);
  expect((await hr.call('POST', `/imports/${id}/apply`, { body: {} })).status).toBe(202);
  expect(await until(id, 'applied')).toMatchObject({ counts: { refused: 0 }, refused_later: 1 });
  const { body } = await hr.call('GET', `/imports/${id}/refused`);
  expect(body).toMatch(/,line,reason\r\np9,r0000009,.*,3,"?number r0000009 was a number of [^\r]*\r\n$/);
});
