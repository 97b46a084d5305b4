/**
 * A new PEDEL_SECRET on two nodes, by one restart after another, during sign-ins: the steps of `pedel keys reseal
 * --help`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { HttpVisitor } from '../support/http-visitor.ts';
import { aPerson, SECRET, startProduct, tokensOf } from '../support/product.ts';
import { steadily } from '../support/steadily.ts';

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

  // by turns a new sign-in and a silent one in the existing session
  const subjects = new Set<string>();
  let visitor: HttpVisitor | undefined;
  const signIns = steadily('sign-in', async () => {
    if (visitor === undefined || signIns.done() % 4 === 0) visitor = product.visitor();
    subjects.add((await tokensOf(product, visitor, steady, web, { redirect_uri: WEB })).claims.sub);
  });
  files.set(OLD, { next: NEW });
  await restartAll();
  files.set(NEW, { previous: OLD });
  await restartAll();
  expect(await server.run('keys', 'reseal')).toContain('Nothing is left under another secret');
  await signIns.stop();
  expect(signIns.failures).toEqual([]);
  expect(signIns.done()).toBeGreaterThan(20);
  expect(subjects.size).toBe(1);

  files.set(NEW);
  await restartAll();
  const after = await tokensOf(product, product.visitor(), careful, web, { redirect_uri: WEB });
  expect(after.claims.sub).toBe(before.claims.sub);
  const elsewhere = product.visitor();
  await elsewhere.open(`${product.issuer}/account`);
  await elsewhere.press('sign-in', { login: careful.number, password: careful.password });
  await elsewhere.press('verify', { code: careful.recoveryCodes?.[0] ?? '' });
  expect(elsewhere.page().url).toBe(`${product.issuer}/account`);
  const values = await server.run('audit', '--action', 'person.created', '--values', '--json');
  expect(values).toContain('"familyName":"Storm"');
  expect(values).not.toContain('"values":"sealed"');
}, 240_000);
