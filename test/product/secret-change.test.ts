/** A new PEDEL_SECRET on two nodes, one restart after another, while people sign in: the procedure of `pedel keys reseal --help`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import type * as client from 'openid-client';
import { aPerson, type Person, type Product, SECRET, startProduct, tokensOf } from '../support/product.ts';

const OLD = 'the secret of the first day, of more than 32 characters';
const NEW = 'the secret that came after it, of more than 32 characters';
const NODES = 2;
const WEB = 'https://web.example/callback';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** The files that PEDEL_SECRET_FILE and its companions name; where one would be left out it holds the current one again. */
function secretFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-secrets-'));
  closings.push(() => rmSync(folder, { recursive: true, force: true }));
  const names = ['SECRET', 'PREVIOUS_SECRET', 'NEXT_SECRET'] as const;
  const set = (current: string, { previous = current, next = current } = {}) => {
    for (const [index, secret] of [current, previous, next].entries())
      writeFileSync(join(folder, names[index] ?? ''), secret, { mode: 0o600 });
  };
  const environment = Object.fromEntries(names.map((name) => [`PEDEL_${name}_FILE`, join(folder, name)]));
  return { set, environment: { PEDEL_SECRET: '', ...environment } };
}

/** Signs in again and again, in turn anew and silently in the session that there is, until told to stop. */
function steadily(product: Product, person: Person, application: client.Configuration) {
  let going = true;
  const subjects = new Set<string>();
  const faults: string[] = [];
  let signIns = 0;
  const running = (async () => {
    let visitor = product.visitor();
    while (going) {
      if (signIns % 4 === 0) visitor = product.visitor();
      try {
        const { claims } = await tokensOf(product, visitor, person, application, { redirect_uri: WEB });
        subjects.add(claims.sub);
      } catch (error) {
        faults.push(inspect(error, { depth: 4 }));
      }
      signIns += 1;
    }
  })();
  return async () => {
    going = false;
    await running;
    return { signIns, faults, subjects: [...subjects] };
  };
}

test('nobody notices: sign-ins go on, and seeds, recovery codes, subjects and audit values outlive the old secret', async () => {
  const files = secretFiles();
  files.set(OLD);
  const [steady, careful] = [aPerson('kuleuven'), aPerson('vives')];
  const product = await startProduct({
    people: [steady, careful],
    nodes: NODES,
    clients: [
      {
        client_id: 'web',
        client_secret: SECRET,
        redirect_uris: [WEB],
        scope: 'openid',
        subject_type: 'pairwise',
        pedel_first_party: true,
      },
    ],
    environment: { ...files.environment, PEDEL_DRAIN_SECONDS: '3' },
  });
  closings.push(() => product.stop());
  const { server } = product;
  const web = await product.application('web');
  const restartAll = async () => {
    for (let node = 0; node < NODES; node += 1) {
      await server.kill('SIGTERM', node);
      await server.start(node);
    }
  };
  // sets up an authenticator application, and gets recovery codes
  const before = await tokensOf(product, product.visitor(), careful, web, { redirect_uri: WEB });
  expect(careful.recoveryCodes).toHaveLength(10);

  const stop = steadily(product, steady, web);
  files.set(OLD, { next: NEW });
  await restartAll();
  files.set(NEW, { previous: OLD });
  await restartAll();
  expect(await server.run('keys', 'reseal')).toContain('Nothing is left under another secret');
  const { signIns, faults, subjects } = await stop();
  expect(faults).toEqual([]);
  expect(signIns).toBeGreaterThan(20);
  expect(subjects).toHaveLength(1);

  files.set(NEW);
  await restartAll();
  const after = await tokensOf(product, product.visitor(), careful, web, { redirect_uri: WEB });
  expect(after.claims.sub).toBe(before.claims.sub);
  const visitor = product.visitor();
  await visitor.open(`${product.issuer}/account`);
  await visitor.press('sign-in', { login: careful.number, password: careful.password });
  await visitor.press('verify', { code: careful.recoveryCodes?.[0] ?? '' });
  expect(visitor.page().url).toBe(`${product.issuer}/account`);
  const values = await server.run('audit', '--action', 'person.created', '--values', '--json');
  expect(values).toContain('"familyName":"Storm"');
  expect(values).not.toContain('"values":"sealed"');
}, 240_000);
