/**
 * The lines of config/README.md: a secret that only its owner may read, Pedel configured by the environment alone, and
 * with an authority of one's own.
 */
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { snippet, substituted } from './documents.ts';
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

  test('trusts an authority of its own', async () => {
    const address = `http://localhost:${await freePort()}`;
    await shell?.remove();
    shell = openFolder({ PEDEL_ISSUER: address, PEDEL_LISTEN: new URL(address).host });
    chmodSync(shell.file('pedel.secret', 'a secret of thirty-two characters or more'), 0o600);
    const authority = shell.file('ca.pem', String(rootCertificates[0]));
    const line = snippet('config/README.md: Your own certificate authority: sh');
    const pedel = shell.start(substituted(line, { '/etc/pedel/ca.pem': authority }));
    await ready(address, pedel);
    expect(pedel.output()).not.toMatch(/ignoring extra certs/i); // what Node says of a file that it cannot use
  }, 120_000);
});
