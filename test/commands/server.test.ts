/** The sockets of `pedel serve`: which limits Node keeps, and what becomes of a file that is being sent when the node ends. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { startServer } from '../../src/commands/server.ts';
import { createLog } from '../../src/operation/log.ts';
import { service } from '../api/support.ts';
import { register, secret } from '../oidc/support.ts';
import { configFor } from '../support/in-process.ts';
import { freePort } from '../support/ports.ts';
import { openTestStorage } from '../support/storage.ts';
import { trickle } from '../support/trickle.ts';

let end: () => Promise<void> = async () => {};
afterEach(() => end());

/** All of `pedel serve`, in this process. */
async function started(parts: Partial<Parameters<typeof startServer>[0]> = {}) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const config = configFor(issuer, { PEDEL_LISTEN: `127.0.0.1:${port}` });
  const now = Date.now;
  const storage = await openTestStorage({ now });
  const source = { id: 'hr', organisations: ['vives'], numbers: ['r#######'], domains: ['vives.be'], full: false };
  const rest = { credentials: false, identity: 'none' as const, safeguard: { lose: 5, least: 0, shrink: 20 } };
  const sources = [{ ...source, ...rest }];
  const server = await startServer({
    ...{ config: { ...config, sources }, storage, log: createLog('silent' as 'error'), now },
    ...parts,
  });
  end = async () => {
    await server.stop();
    await storage.close();
  };
  return { server, issuer, storage };
}

test('Node waits half a minute for the headers of a request, and leaves its body to us', async () => {
  const { issuer } = await started();
  const seen: Server[] = [];
  const note = (message: unknown) => void seen.push((message as { server: Server }).server);
  subscribe('http.server.request.start', note);
  try {
    expect((await fetch(`${issuer}/healthz`)).status).toBe(200);
  } finally {
    unsubscribe('http.server.request.start', note);
  }
  expect(seen.map(({ requestTimeout, headersTimeout }) => ({ requestTimeout, headersTimeout }))).toEqual([
    { requestTimeout: 0, headersTimeout: 30_000 },
  ]);
});

test('whoever sends a file when the node ends is told so before all is cut off', async () => {
  const { server, issuer, storage } = await started({ drainMs: 2500 });
  await register(storage, service('hr', issuer, ['imports:write']));
  const before = await storage.roleGrants.read();
  const grant = { id: 'x', role: 'people-administrator' as const, organisations: ['vives'], grantedAt: 1 };
  const grants = [{ ...grant, holder: { kind: 'client' as const, id: 'hr' }, grantedBy: 'test' }];
  await storage.roleGrants.replace({ ...before, revision: before.revision + 1, grants }, before.revision);
  const asked = new URLSearchParams({
    ...{ grant_type: 'client_credentials', client_id: 'hr', client_secret: secret },
    ...{ resource: `${issuer}/api/v1`, scope: 'imports:write' },
  });
  const { access_token: token } = (await (await fetch(`${issuer}/token`, { method: 'POST', body: asked })).json()) as {
    access_token: string;
  };
  const authorization = { Authorization: `Bearer ${token}` };
  const sending = trickle(`${issuer}/api/v1/imports?source=hr`, {
    headers: { ...authorization, 'Content-Type': 'text/csv' },
    parts: ['person,number,given_name,family_name,role,until\n'],
    everyMs: 0,
    length: 1000,
  });
  for (let state = ''; state !== 'planning'; await sleep(10)) {
    const answer = await fetch(`${issuer}/api/v1/imports`, { headers: authorization });
    state = ((await answer.json()) as { items: { state: string }[] }).items[0]?.state ?? '';
  }
  const began = performance.now();
  const stopped = server.stop();
  const sent = await sending;
  expect([sent.status, sent.head]).toEqual([503, expect.stringMatching(/^retry-after: 5$/im)]);
  expect(JSON.parse(sent.body)).toMatchObject({
    code: 'unavailable',
    detail: 'the node was stopped during the upload',
  });
  await stopped;
  expect(performance.now() - began).toBeLessThan(2500);
});
