/** Requests of SCIM: who may send them, of what form and size they are, and how lists are read. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemActor } from '../../src/use-cases/actor.ts';
import { revokeSourceToken, tokensOfSource } from '../../src/use-cases/scim/tokens.ts';
import { until } from '../support/campus.ts';
import { CORE, closeAll, PEDEL, startScim, user } from './scim-support.ts';
import { service } from './support.ts';

afterEach(closeAll);

describe('a caller', () => {
  test('without a token that holds is refused, and told so as RFC 6750 has it', async () => {
    const kit = await startScim();
    const users = `${kit.base}/Users`;
    const bare = await kit.call(undefined, 'GET', users);
    expect(bare).toMatchObject({ status: 401, body: { status: '401' } });
    expect(bare.headers.get('www-authenticate')).toBe(`Bearer realm="${kit.base}"`);
    const token = await kit.tokenOf('hr');
    const wrong = [`${token.slice(0, -1)}x`, token.replace('.hr.', '.csv.'), token.replace('.hr.', '.gone.'), 'x'];
    for (const each of wrong) {
      const answer = await kit.call(each, 'GET', users);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect((await kit.call(token, 'GET', users)).status).toBe(200);
    const { values } = kit.storage;
    const [stored] = await tokensOfSource(values, 'hr');
    expect(JSON.stringify(stored)).not.toContain(token.split('.')[2]);
    const ports = { sources: [], values, now: Date.now, randomBytes: (size: number) => new Uint8Array(size) };
    expect(await revokeSourceToken(systemActor('op'), 'hr', stored?.id ?? '', ports)).toEqual({ kind: 'revoked' });
    expect((await kit.call(token, 'GET', users)).status).toBe(401);
    expect((await kit.storage.auditLog.page({}, undefined, 9)).map(({ action }) => action)).toEqual([
      'source-token.revoked',
      'source-token.made',
    ]);
  });

  test('has two tokens at most', async () => {
    const kit = await startScim();
    await kit.tokenOf('hr');
    await kit.tokenOf('hr');
    await expect(kit.tokenOf('hr')).rejects.toThrow('full');
  });

  test('that is a service asks for SCIM by its resource, with a scope and a source (rule 15)', async () => {
    const kit = await startScim();
    const resource = kit.base;
    const ofScim = { pedel_service_resources: { [resource]: ['scim'] } };
    await kit.register(service('entra', kit.issuer, [], { ...ofScim, pedel_source: 'hr' }));
    await kit.register(service('nameless', kit.issuer, [], ofScim));
    await kit.register(
      service('scopeless', kit.issuer, [], { pedel_service_resources: { [resource]: [] }, pedel_source: 'hr' }),
    );
    await kit.register(service('manager', kit.issuer, ['people:read'], { pedel_source: 'hr' }));
    const token = await kit.tokenFor('entra', { resource, scope: 'scim' });
    const made = await kit.call(token, 'POST', `${kit.base}/Users`, {
      body: {
        schemas: [CORE],
        ...user({ userName: 'r1234567', userType: 'student', emails: [{ value: 'k@vives.be', type: 'work' }] }),
      },
    });
    expect(made.status).toBe(201);
    const account = await kit.storage.accounts.findByLogin('r1234567');
    const entry = await until(
      async () => (await kit.storage.auditLog.page({ subject: account?.id ?? '' }, undefined, 1))[0],
      () => 'no entry',
    );
    expect(entry?.actor).toMatchObject({ kind: 'client', id: 'entra', via: 'api' });
    const statusOf = async (id: string, parameters: Record<string, string>) =>
      (await kit.call(await kit.tokenFor(id, parameters), 'GET', `${kit.base}/Users`)).status;
    expect(await statusOf('nameless', { resource, scope: 'scim' })).toBe(403);
    expect(await statusOf('scopeless', { resource })).toBe(403);
    expect(await statusOf('manager', { resource: `${kit.issuer}/api/v1`, scope: 'people:read' })).toBe(401);
    expect((await kit.call(token, 'GET', `${kit.issuer}/api/v1/clients`)).status).toBe(401);
    expect(await (await kit.askToken('manager', { resource, scope: 'scim' })).json()).toMatchObject({
      error: 'invalid_target',
    });
    await kit.storage.clients.find('entra').then((client) => client && kit.storage.clients.remove('entra'));
    expect((await kit.call(token, 'GET', `${kit.base}/Users`)).status).toBe(401);
  });

  test('may read what SCIM can do without any', async () => {
    const kit = await startScim();
    for (const path of ['ServiceProviderConfig', 'ResourceTypes', 'ResourceTypes/User', 'Schemas', `Schemas/${CORE}`])
      expect((await kit.call(undefined, 'GET', `${kit.base}/${path}`)).status).toBe(200);
    expect((await kit.call(undefined, 'GET', `${kit.base}/Schemas?filter=x`)).status).toBe(403);
  });

  test('of one source asks so much in a minute and no more, and so does a network with tokens that open nothing', async () => {
    const kit = await startScim({ apiRequestsPerMinute: 3 });
    const [hr, csv] = [await kit.source('hr'), await kit.source('csv')];
    const asked = [];
    for (let index = 0; index < 4; index += 1) asked.push((await hr.list({})).status);
    // a minute may begin in between
    expect(asked).toContain(429);
    expect((await csv.list({})).status).toBe(200);
    const failed = await Promise.all(Array.from({ length: 260 }, () => kit.call('wrong', 'GET', `${kit.base}/Users`)));
    expect(failed.some(({ status }) => status === 429)).toBe(true);
  });
});

describe('a body', () => {
  test('is JSON of SCIM, of 64 kB and 20 levels at most, with every member once', async () => {
    const kit = await startScim();
    const hr = await kit.source('hr');
    const deep = `${'['.repeat(30)}${']'.repeat(30)}`;
    const send = async (body: unknown, type = 'application/scim+json') =>
      (await hr.call('POST', '/Users', body, { 'content-type': type })).status;
    const said = { schemas: [CORE], ...user() };
    expect(await send(said, 'text/plain')).toBe(415);
    expect(await send({ ...said, nickName: 'x'.repeat(70_000) })).toBe(413);
    expect(await send(`{"schemas":["${CORE}"],"userName":"a","x":${deep}}`)).toBe(413);
    expect(await send(`{"schemas":["${CORE}"],"userName":"a","userName":"b"}`)).toBe(400);
    expect(await send('{')).toBe(400);
    expect(await send({ ...said, schemas: [] })).toBe(400);
    expect(await send({ ...said, userName: ' ' })).toBe(400);
    expect(await send({ ...said, emails: Array.from({ length: 101 }, () => ({ value: 'a@b.be' })) })).toBe(400);
    expect(
      await send({
        ...said,
        emails: [
          { value: 'a@b.be', primary: true },
          { value: 'c@b.be', primary: true },
        ],
      }),
    ).toBe(400);
    expect(await kit.storage.accounts.search('', undefined, 9)).toEqual([]);
    // what is not known here is ignored and noted
    const odd = await hr.call('POST', '/Users', {
      ...said,
      title: 'x',
      __proto__: 1,
      userType: 'student',
      emails: [{ value: 'k@vives.be' }],
      password: 'p',
    });
    expect(odd).toMatchObject({ status: 201 });
    expect(JSON.stringify(odd.body)).not.toContain('"p"');
    const { body } = await hr.call('GET', `/Users/${odd.body.id}?attributes=${PEDEL}:notes`);
    expect(JSON.stringify(body)).toContain('ignored: title, password');
  });
});

describe('a list', () => {
  test('goes on by cursors of this source and filter, in the order of the last change, and misses nobody', async () => {
    const kit = await startScim();
    const hr = await kit.source('hr');
    const made = [];
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      made.push(
        (
          await hr.add(
            user({ userName: name, externalId: name, emails: [{ value: `${name}@vives.be`, type: 'work' }] }),
          )
        ).body,
      );
    const first = await hr.list({ cursor: '', count: '2' });
    expect(first.body.Resources).toHaveLength(2);
    const second = await hr.list({ cursor: first.body.nextCursor, count: '2' });
    const third = await hr.list({ cursor: second.body.nextCursor, count: '2' });
    expect(third.body.nextCursor).toBeUndefined();
    const seen = [first, second, third].flatMap(({ body }) => body.Resources.map(({ id }: { id: string }) => id));
    expect(seen.sort()).toEqual(made.map(({ id }) => id).sort());
    const csv = await kit.source('csv');
    for (const answer of [
      await csv.list({ cursor: first.body.nextCursor }),
      await hr.list({ cursor: first.body.nextCursor, filter: 'meta.lastModified gt "2026-01-01T00:00:00Z"' }),
      await hr.list({ cursor: `x${first.body.nextCursor}` }),
    ])
      expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidCursor' } });
    expect((await hr.list({ startIndex: '2', count: '3' })).body).toMatchObject({
      totalResults: 5,
      itemsPerPage: 3,
      startIndex: 2,
    });
    expect((await hr.list({ count: '0' })).body).toMatchObject({ totalResults: 5, Resources: [] });
    expect((await hr.list({ startIndex: '10001' })).body).toMatchObject({ scimType: 'tooMany' });
    const since = made[2].meta.lastModified;
    expect((await hr.list({ filter: `meta.lastModified ge "${since}"` })).body.totalResults).toBeGreaterThanOrEqual(3);
    expect((await hr.list({ filter: 'emails.value eq "C@vives.be"' })).body).toMatchObject({
      totalResults: 1,
      Resources: [{ userName: 'c' }],
    });
    expect((await hr.list({ filter: 'userName eq "C"', attributes: 'userName' })).body.Resources).toEqual([
      { schemas: made[2].schemas, id: made[2].id, userName: 'c' },
    ]);
  });

  test('has what the server alone says of a person only where it is asked for by name', async () => {
    const kit = await startScim();
    const hr = await kit.source('hr');
    const until = '2030-09-30';
    const said = { [PEDEL]: { affiliations: [{ organisation: 'vives', role: 'student', until }] } };
    const { body: made } = await hr.call('POST', '/Users', { schemas: [CORE], ...user(said), title: 'x' });
    expect(made[PEDEL]).toEqual(said[PEDEL]);
    const other = user({ userName: 'k2', externalId: 'k2', userType: 'student', emails: [{ value: 'k@vives.be' }] });
    const { body: bare } = await hr.call('POST', '/Users', { schemas: [CORE], ...other, title: 'x' });
    expect([bare.schemas, bare[PEDEL], bare.detail]).toEqual([[CORE], undefined, undefined]);
    const read = async (query: string) => (await hr.call('GET', `/Users/${made.id}?${query}`)).body[PEDEL];
    expect(await read('')).toEqual(said[PEDEL]);
    expect(await read(`attributes=${PEDEL}`)).toEqual(said[PEDEL]);
    expect(await read(`attributes=${PEDEL}:access.until`)).toEqual({ access: { until: expect.any(String) } });
    expect(await read(`attributes=userName,${PEDEL.toLowerCase()}:NOTES`)).toEqual({ notes: ['ignored: title'] });
    const asked = { filter: `id eq "${made.id}"`, attributes: `${PEDEL}:access` };
    expect((await hr.list(asked)).body.Resources[0][PEDEL]).toEqual({ access: { until: expect.any(String) } });
    expect((await hr.list({})).body.Resources[0][PEDEL]).toEqual(said[PEDEL]);
    expect(await read(`excludedAttributes=${PEDEL}:affiliations`)).toBeUndefined();
    const { body: documents } = await hr.call('GET', `/Schemas/${PEDEL}`);
    const returned = documents.attributes.map((each: { name: string; returned: string }) => [each.name, each.returned]);
    expect(Object.fromEntries(returned)).toMatchObject({ numbers: 'default', access: 'request', notes: 'request' });
  });
});
