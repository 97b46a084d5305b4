/** When an application was last used is known to the hour, by its secret, and costs nearly nothing. */
import { afterEach, expect, test } from '@jest/globals';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import type { ClientUse } from '../../src/domain/ports/client-uses.ts';
import { createClientUseNotes } from '../../src/oidc/clients/client-uses.ts';
import { application, closeAll, type Kit, secret, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 30, 12);

async function known({ oidc, storage }: Kit, ...clients: string[]) {
  await oidc.writeUses();
  const uses = await storage.clientUses.of(clients);
  const told = uses.filter(({ of }) => !steps.includes(of));
  return told.map(({ client, of, hour }) => `${client} ${of} ${(hour - start) / HOUR}`).sort();
}

/** How far it came, which who connects it looks at. */
const steps = ['request', 'code', 'token'];

test('a sign-in and the secret that came with it are noted to the hour; a wrong or expired secret is no use', async () => {
  setClock(start + 5 * 60_000);
  const kit = await startOidc({ clients: [application('toledo'), application('other')] });
  const record = await kit.storage.clients.find('toledo');
  if (record === undefined) throw new Error('it is registered');
  const secrets = [
    { id: 'new', hash: hashClientSecret('n'.repeat(40)), createdAt: 0 },
    { id: 'old', hash: hashClientSecret(secret), createdAt: 0 },
    { id: 'over', hash: hashClientSecret('o'.repeat(40)), createdAt: 0, expiresAt: start },
  ];
  await kit.storage.clients.put({ ...record, secrets, revision: record.revision + 1 }, record.revision);
  await kit.oidc.reload();
  expect(await known(kit, 'toledo', 'other')).toEqual([]);

  const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo' });
  expect(await known(kit, 'toledo')).toEqual([]);
  for (const wrong of ['o'.repeat(40), 'w'.repeat(40)])
    expect((await kit.post('/token', { client_id: 'toledo', client_secret: wrong, grant_type: 'x' })).status).toBe(401);
  expect(await known(kit, 'toledo')).toEqual([]);

  const { access_token: token } = (await (await kit.exchange('toledo', code)).json()) as { access_token: string };
  expect(await known(kit, 'toledo')).toEqual(['toledo old 0', 'toledo sign-in 0']);

  setClock(start + 2 * HOUR + 1);
  await kit.post('/token/introspection', { client_id: 'toledo', client_secret: 'n'.repeat(40), token });
  expect(await known(kit, 'toledo', 'other')).toEqual(['toledo new 2', 'toledo old 0', 'toledo sign-in 0']);
});

test('a flow without a code tells who it is at once, and counts', async () => {
  setClock(start);
  const implicit = { response_types: ['id_token'], grant_types: ['implicit'], token_endpoint_auth_method: 'none' };
  const kit = await startOidc({ clients: [application('toledo', implicit)] });
  await kit.land(
    visitor(),
    kit.authUrl({ client_id: 'toledo', response_type: 'id_token', nonce: 'x', response_mode: 'form_post' }),
  );
  expect(await known(kit, 'toledo')).toEqual(['toledo sign-in 0']);
});

test('how far an application came is known step by step: a request that holds, a code, a token', async () => {
  setClock(start);
  const kit = await startOidc({ clients: [application('toledo')] });
  const reached = async () => {
    await kit.oidc.writeUses();
    return (await kit.storage.clientUses.of(['toledo']))
      .map(({ of }) => of)
      .filter((of) => steps.includes(of))
      .sort();
  };
  await fetch(kit.authUrl({ client_id: 'toledo', redirect_uri: 'https://elsewhere.example/' }));
  expect(await reached()).toEqual([]);
  await fetch(kit.authUrl({ client_id: 'toledo' }), { redirect: 'manual' });
  expect(await reached()).toEqual(['request']);
  const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo' });
  expect(await reached()).toEqual(['code', 'request']);
  await kit.exchange('toledo', code);
  expect(await reached()).toEqual(['code', 'request', 'token']);
});

test('an hour of use is one write, a write that fails is tried again, and the next hour is another', async () => {
  const clock = { now: start };
  const written: ClientUse[][] = [];
  let away = false;
  const notes = createClientUseNotes({
    now: () => clock.now,
    clientUses: {
      note: async (uses) => {
        if (away) throw new Error('away');
        written.push([...uses]);
      },
    },
  });
  for (let request = 0; request < 1000; request += 1) notes.note('toledo', 's1');
  notes.note('toledo', 'sign-in');
  away = true;
  await expect(notes.write()).rejects.toThrow('away');
  clock.now += HOUR;
  notes.note('toledo', 's1');
  away = false;
  await notes.write();
  await notes.write();
  for (let request = 0; request < 1000; request += 1) notes.note('toledo', 's1');
  await notes.write();
  expect(written).toEqual([
    [
      { client: 'toledo', of: 's1', hour: start + HOUR },
      { client: 'toledo', of: 'sign-in', hour: start },
    ],
  ]);
});
