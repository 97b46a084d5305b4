/** JupyterHub: who gets in by group, and which groups the hub then knows. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { httpVisitor, textOf } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { ofPreset } from '../support/presets.ts';
import { aPerson, type Person, type Product, SECRET, signedIn, startProduct } from '../support/product.ts';
import { answers, startForeign } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const { jupyterhub } = needs.applications;
const configuration = fileURLToPath(new URL('python/jupyterhub_config.py', import.meta.url));
const apiToken = randomBytes(32).toString('hex');

(jupyterhub === undefined ? describe.skip : describe)('JupyterHub', () => {
  const teacher = { ...aPerson('vives'), fed: { groups: 'vives-lab' } };
  const learner = { ...aPerson('vives'), fed: { role: 'student', groups: 'vives-choir' } };
  let product: Product;
  let address: string;
  /** as the catalogue tells operators */
  const preset = (issuer = 'http://localhost') => ofPreset('jupyterhub', { address, clientId: 'hub' }, issuer, SECRET);

  beforeAll(async () => {
    const at = async () => `http://localhost:${await freePort()}`;
    address = await at();
    product = await startProduct({
      source: 'demo', // may name groups
      people: [teacher, learner],
      clients: [{ ...preset().registration, client_secret: SECRET }],
    });
    closings.push(() => product.stop());
    const folder = mkdtempSync(join(tmpdir(), 'pedel-jupyterhub-'));
    closings.push(() => rmSync(folder, { recursive: true, force: true }));
    const program = {
      command: jupyterhub?.command ?? '',
      args: ['--config', configuration],
      cwd: folder,
      env: {
        HUB_ADDRESS: address,
        HUB_INNER_ADDRESS: await at(),
        HUB_PROXY_ADDRESS: await at(),
        HUB_PROXY: jupyterhub?.proxy ?? '',
        HUB_SETTINGS: preset(product.issuer).snippets[0]?.text ?? '',
        HUB_API_TOKEN: apiToken,
        JUPYTERHUB_CRYPT_KEY: randomBytes(32).toString('hex'),
      },
      ready: async () => (await fetch(`${address}/hub/api/`)).ok && (await answers(`${address}/hub/login`)),
    };
    // it ends where its proxy takes more than 15 seconds to start, which a busy machine may
    const hub = await startForeign(program).catch(() => startForeign(program));
    closings.push(hub.stop);
  });

  /** Whom the hub knows, and with which groups. */
  const known = async () => {
    const answer = await fetch(`${address}/hub/api/users`, { headers: { authorization: `token ${apiToken}` } });
    const users = (await answer.json()) as { name: string; groups: string[] }[];
    return Object.fromEntries(users.map(({ name, groups }) => [name, groups]));
  };
  const visit = async (person: Person) => {
    const browser = httpVisitor();
    await signedIn(product, browser, `${address}/hub/oauth_login?next=%2Fhub%2Ftoken`, person);
    return browser.page();
  };

  test('lets in who is in an allowed group, by user number, and keeps all groups', async () => {
    const { url, status, html } = await visit(teacher);
    expect({ url, status }).toEqual({ url: `${address}/hub/token`, status: 200 });
    expect(textOf(html)).toContain(teacher.number);
    expect((await known())[teacher.number]?.sort()).toEqual(['staff', 'vives-lab']);
  });

  test('refuses who is in none of them, and does not know the person', async () => {
    const { url, status } = await visit(learner);
    expect(url).toMatch(`${address}/hub/oauth_callback`);
    expect(status).toBe(403);
    expect(Object.keys(await known())).not.toContain(learner.number);
  });
});
