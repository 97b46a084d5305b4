/**
 * The two lines of config/README.md: a secret that only its owner may read, and Pedel configured by the environment
 * alone.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { snippet } from './documents.ts';
import { openFolder, ready, type Typed } from './shell.ts';

(needs.shell ? describe : describe.skip)('config/README.md', () => {
  let shell: Typed;
  afterAll(() => shell?.remove());

  test('makes a secret, and serves with it', async () => {
    const address = `http://localhost:${await freePort()}`;
    // config/pedel.yaml says a port that another may have; all else stands as it is
    shell = openFolder({ PEDEL_ISSUER: address, PEDEL_LISTEN: new URL(address).host });
    const pedel = shell.start(snippet('config/README.md: Secrets: sh'));
    await ready(address, pedel);
    expect(statSync(join(shell.folder, 'pedel.secret')).mode & 0o777).toBe(0o600);
    expect(pedel.output()).toContain(`Pedel serves ${address} on`);
  }, 120_000);
});
