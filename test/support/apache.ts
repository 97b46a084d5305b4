/** Apache with mod_auth_openidc in front of one page, set up as in its manual, on loopback. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './campus.ts';
import needs from './needs.cjs';
import { freePort } from './ports.ts';

export const PAGE_TEXT = 'behind mod_auth_openidc';

/** A place to be, before Apache runs: its address has to be registered first. */
export async function apachePlace() {
  const port = await freePort();
  const address = `http://localhost:${port}`;
  return { port, address, redirectUri: `${address}/callback` };
}

/** What is not said keeps the value that the module ships with: above all OIDCJWKSRefreshInterval (an hour). */
export async function startApache(options: {
  place: Awaited<ReturnType<typeof apachePlace>>;
  issuer: string;
  clientId: string;
  secret: string;
  environment: Record<string, string>;
}) {
  const { place, issuer, clientId, secret, environment } = options;
  if (needs.apache === undefined) throw new TypeError('there is no Apache on this machine');
  const { command, modules } = needs.apache;
  const folder = mkdtempSync(join(tmpdir(), 'pedel-apache-'));
  const pages = join(folder, 'pages');
  mkdirSync(pages);
  for (const each of [folder, pages]) chmodSync(each, 0o755); // Apache reads them as another user
  writeFileSync(join(pages, 'index.html'), PAGE_TEXT);
  const log = join(folder, 'error.log');
  const asRoot = process.getuid?.() === 0;
  const lines = [
    `ServerRoot ${folder}`,
    `ServerName localhost:${place.port}`,
    `Listen 127.0.0.1:${place.port}`,
    `PidFile ${join(folder, 'pid')}`,
    `ErrorLog ${log}`,
    'StartServers 1',
    ...['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'auth_openidc'].map(
      (name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`,
    ),
    ...(asRoot ? ['User www-data', 'Group www-data'] : []),
    `DocumentRoot ${pages}`,
    'DirectoryIndex index.html',
    `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration`,
    `OIDCClientID ${clientId}`,
    `OIDCClientSecret ${secret}`,
    `OIDCRedirectURI ${place.redirectUri}`,
    'OIDCCryptoPassphrase a-passphrase-of-the-test',
    'OIDCScope openid',
    '<Location />',
    'AuthType openid-connect',
    'Require valid-user',
    'OIDCUnAuthAction auth true', // always redirects to sign in, because Apache does not take fetch for a browser navigation
    '</Location>',
  ];
  const file = join(folder, 'apache.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn(command, ['-f', file, '-D', 'FOREGROUND'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const errors = () => `${output}${existsSync(log) ? readFileSync(log, 'utf8') : ''}`;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`Apache ended with ${child.exitCode}:\n${errors()}`);
        return (await fetch(`${place.address}/`, { redirect: 'manual' }).catch(() => undefined)) === undefined
          ? undefined
          : true;
      },
      () => `Apache did not come up:\n${errors()}`,
      20_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { errors, stop };
}
