/**
 * The node that is at an import is killed: another one says so, and goes on where it was (rule 30). Two nodes of
 * their own, and up to half a minute until the lease of the dead one has run out: 90 s.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStorage } from '../../src/storage/open.ts';
import { until } from '../support/campus.ts';
import { SECRET } from '../support/product.ts';
import { aServer, type Server } from '../support/server.ts';

const PEOPLE = 12_000;
const numberOf = (index: number) => `r${String(1_000_000 + index)}`;
let server: Server;

beforeAll(async () => {
  server = await aServer({ mailPort: 1, nodes: 2 });
  const scope = { [`${server.issuer}/api/v1`]: ['imports:write'] };
  const service = { client_id: 'reports', client_name: 'Reports', client_secret: SECRET, redirect_uris: [] };
  const grants = { response_types: [], grant_types: ['client_credentials'], scope: 'openid' };
  await server.apply([{ ...service, ...grants, pedel_service_resources: scope }]);
  for (const organisation of ['kuleuven', 'vives'])
    await server.run('roles', 'grant', 'reports', 'people-administrator', '--client', '--organisation', organisation);
  await server.start();
}, 240_000);
afterAll(() => server?.remove());

test('an import whose node is killed is told of as broken off, and goes on elsewhere to its end', async () => {
  const resource = `${server.issuer}/api/v1`;
  const asked = await fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`reports:${SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'imports:write' }),
  });
  const { access_token: token } = (await asked.json()) as { access_token: string };
  const authorization = `Bearer ${token}`;
  const file = ['person,number,given_name,family_name,organisation,role'];
  for (let index = 0; index < PEOPLE; index += 1) file.push(`p${index},${numberOf(index)},Wout,Claes,vives,student`);
  const sent = await fetch(`${resource}/imports?source=hr`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'text/csv' },
    body: file.join('\n'),
  });
  const { id } = (await sent.json()) as { id: string };
  expect(sent.status).toBe(202);
  /** Undefined: the balancer still sends to the dead node. */
  const seen = async () => {
    const answer = await fetch(`${resource}/imports/${id}`, { headers: { authorization } }).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { state: string }) : undefined;
  };
  const apply = async (): Promise<number | undefined> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const begun = fetch(`${resource}/imports/${id}/apply`, { method: 'POST', headers, body: '{}' });
    return (await begun.catch(() => undefined))?.status;
  };
  const reaches = (state: string, ms: number) =>
    until(
      async () => ((await seen())?.state === state ? true : undefined),
      () => `never ${state}`,
      ms,
    );
  await reaches('planned', 60_000);

  const storage = await openStorage(server.storage, { now: Date.now });
  const there = async (index: number) => (await storage.accounts.findByLogin(numberOf(index))) !== undefined;
  // one node alone, so that it is known which one is at it
  await server.kill('SIGKILL', 1);
  try {
    expect(
      await until(
        async () => ((await apply()) === 202 ? true : undefined),
        () => 'never applied',
        60_000,
      ),
    ).toBe(true);
    // in the database: what the API says is told every two seconds, in which a quick machine is through
    while (!(await there(0))) await sleep(5);
    await server.kill('SIGKILL', 0);
    await server.start(1);
    await reaches('broken-off', 45_000);
    expect(await there(0)).toBe(true);
    expect(await there(PEOPLE - 1)).toBe(false);
    await until(
      async () => ((await apply()) === 202 ? true : undefined),
      () => 'the dead node keeps it',
      60_000,
    );
    await reaches('applied', 120_000);
    for (const index of [0, PEOPLE / 2, PEOPLE - 1]) expect(await there(index)).toBe(true);
    const log = await storage.auditLog.page({ action: 'import.applied' }, undefined, 10);
    expect(log.filter(({ details }) => details?.import === id)).toHaveLength(1);
  } finally {
    await storage.close();
  }
}, 360_000);
