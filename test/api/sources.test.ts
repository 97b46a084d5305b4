/** Sources over the API: who sees them, their tokens for SCIM, and the release of one that is held. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { association, at, closeAll, type Kit, startApi } from './support.ts';

let kit: Kit;
type Service = Awaited<ReturnType<Kit['service']>>;
let hr: Service;
const sources = ['kuleuven', 'vives'].map((id) => ({
  ...{ id: `of-${id}`, organisations: [id], numbers: ['r#######'], domains: [], full: true },
  ...{ credentials: false, identity: 'none' as const, safeguard: { lose: 5, least: 0, shrink: 20 } },
}));
beforeAll(async () => {
  const both = { ...sources[0], id: 'both', organisations: ['kuleuven', 'vives'] } as (typeof sources)[number];
  kit = await startApi({ apiRequestsPerMinute: 100_000, config: { sources: [...sources, both] } });
  hr = await kit.service('hr', [at('people-administrator', 'vives')]);
});
afterAll(closeAll);

test('a token is shown once, opens SCIM, and nothing any more once it is taken back; there are two at most', async () => {
  const key = { headers: { 'idempotency-key': 'first' } };
  const first = await hr.call('POST', '/sources/of-vives/tokens', key);
  expect([first.status, first.body.token]).toEqual([201, expect.stringMatching(/^pedel-scim\.of-vives\./)]);
  const again = await hr.call('POST', '/sources/of-vives/tokens', key);
  expect(again.body).toEqual({ id: first.body.id });
  const scim = () => fetch(`${kit.issuer}/scim/v2/Users`, { headers: { authorization: `Bearer ${first.body.token}` } });
  expect((await scim()).status).toBe(200);

  const raced = await Promise.all([1, 2, 3, 4].map(() => hr.call('POST', '/sources/of-vives/tokens')));
  expect(raced.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  const shown = (await hr.call('GET', '/sources/of-vives')).body;
  expect(shown.tokens).toHaveLength(2);
  expect(JSON.stringify(shown)).not.toMatch(/pedel-scim|hash/);

  const path = `/sources/of-vives/tokens/${first.body.id}`;
  expect([(await hr.call('DELETE', path)).status, (await hr.call('DELETE', path)).status]).toEqual([204, 404]);
  expect((await scim()).status).toBe(401);
});

test('rule 26: a source is of who looks after people at all its organisations, and hidden from others', async () => {
  expect((await hr.call('GET', '/sources')).body.items.map(({ id }: { id: string }) => id)).toEqual(['of-vives']);
  const body = { people: 1, reason: 'x' };
  for (const id of ['of-kuleuven', 'both', 'none', '..%2Fx'])
    for (const [method, path, more] of [
      ['GET', `/sources/${id}`, {}],
      ['POST', `/sources/${id}/tokens`, {}],
      ['DELETE', `/sources/${id}/tokens/0000aaaa`, {}],
      ['POST', `/sources/${id}/release`, { body }],
    ] as const)
      expect([method, path, (await hr.call(method, path, more)).status]).toEqual([method, path, 404]);
  // one that is not configured is nobody's, though an owner may everything
  const owner = await kit.service('owner', [association('owner')]);
  expect((await owner.call('POST', '/sources/none/tokens')).status).toBe(404);
  const auditor = await kit.service('auditor', [at('auditor', 'vives')]);
  expect((await auditor.call('GET', '/sources/of-vives')).status).toBe(200);
  expect((await auditor.call('POST', '/sources/of-vives/tokens')).body.code).toBe('not-allowed');
  // whoever only imports makes nothing that outlives its token
  const importer = await kit.service('importer', [association('owner')], ['imports:write']);
  expect((await importer.call('GET', '/sources/of-vives')).status).toBe(200);
  expect((await importer.call('POST', '/sources/of-vives/tokens')).body.code).toBe('insufficient-scope');
  expect((await importer.call('POST', '/sources/of-vives/release', { body })).body.code).toBe('insufficient-scope');
});

test('a source that is held is released for so many, with a reason', async () => {
  expect((await hr.call('GET', '/sources/of-vives')).body.scim).toMatchObject({ most: 0, held: true });
  const released = await hr.call('POST', '/sources/of-vives/release', {
    body: { people: 12, reason: 'the year ends' },
  });
  expect(released).toMatchObject({ status: 200, body: { scim: { most: 12, held: false } } });
  expect(Date.parse(released.body.scim.released_until)).toBeGreaterThan(Date.now() + 86_000_000);
  for (const body of [
    { people: 12 },
    { people: 0, reason: 'x' },
    { people: 1.5, reason: 'x' },
    { people: 1, reason: ' ' },
  ])
    expect((await hr.call('POST', '/sources/of-vives/release', { body })).status).toBe(422);
  const entries = await kit.storage.auditLog.page({ action: 'source.released' }, undefined, 9);
  expect(entries.map(({ actor, details }) => [actor.id, details?.people, details?.reason])).toEqual([
    ['hr', '12', 'the year ends'],
  ]);
});
