/** The products, each started with nothing of Pedel but what its connect page showed, and what only its own house can say. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import needs from '../../support/needs.cjs';
import { freePort } from '../../support/ports.ts';
import { wordsOf } from '../../support/snippets.ts';
import { answers, startForeign } from '../foreign.ts';
import type { Shown } from './walk.ts';

export type Running = { stop(): Promise<void> };
export type Place = { port: number; address: string };

/** Where a product will run: its address is what the console asks. */
export async function place(): Promise<Place> {
  const port = await freePort();
  return { port, address: `http://localhost:${port}` };
}

/** A folder of a product's own, and what it holds. Programs of Debian give up being root: others may read it. */
export function house(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-newcomer-'));
  chmodSync(folder, 0o755);
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, remove };
}

/** Starts it in its folder; both end together. */
export async function startIn(
  { folder, remove }: ReturnType<typeof house>,
  program: Omit<Parameters<typeof startForeign>[0], 'cwd'>,
): Promise<Running> {
  const { stop } = await startForeign({ ...program, cwd: folder }).catch((error) => {
    remove();
    throw error;
  });
  return { stop: () => stop().then(remove) };
}

/** The one text that goes there; where there are several, the one for `when`. */
export function textFor({ snippets }: Shown, file: string, when = ''): string {
  const found = snippets.filter((each) => each.file === file && (when === '' || each.when === when));
  if (found.length !== 1) throw new Error(`${found.length} texts for ${file}: ${JSON.stringify(snippets)}`);
  return found[0]?.text ?? '';
}

export function startOauth2Proxy(shown: Shown, { port, address }: Place, upstream: string): Promise<Running> {
  return startForeign({
    command: needs.applications.oauth2Proxy ?? '',
    args: [
      ...(wordsOf(textFor(shown, 'command line'))[0]?.slice(1) ?? []),
      `--http-address=127.0.0.1:${port}`,
      `--upstream=${upstream}/`,
      `--cookie-secret=${randomBytes(16).toString('hex')}`,
      '--cookie-secure=false', // plain http, on loopback
    ],
    ready: () => answers(`${address}/ping`),
  });
}

export function startSpring(shown: Shown, { port, address }: Place): Promise<Running> {
  const { java, classpath } = needs.applications.spring ?? { java: '', classpath: '' };
  return startIn(house({ 'application.yaml': textFor(shown, 'application.yaml') }), {
    command: java,
    args: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classpath, 'edu.example.App'],
    env: { SERVER_PORT: String(port), SERVER_ADDRESS: 'localhost' },
    ready: () => answers(`${address}/`),
  });
}

export async function startJupyterhub(shown: Shown, { address }: Place): Promise<Running> {
  const { jupyterhub } = needs.applications;
  const inner = async () => `http://localhost:${await freePort()}`;
  const own = [
    `c.JupyterHub.bind_url = "${address}"`,
    `c.JupyterHub.hub_bind_url = "${await inner()}"`,
    `c.ConfigurableHTTPProxy.api_url = "${await inner()}"`,
    `c.ConfigurableHTTPProxy.command = ["${jupyterhub?.proxy}"]`,
    'c.JupyterHub.db_url = "sqlite://"',
  ];
  const start = () =>
    startIn(house({ 'jupyterhub_config.py': [...own, textFor(shown, 'jupyterhub_config.py')].join('\n') }), {
      command: jupyterhub?.command ?? '',
      args: [],
      env: { JUPYTERHUB_CRYPT_KEY: randomBytes(32).toString('hex') }, // as the page says
      ready: async () => (await fetch(`${address}/hub/api/`)).ok && (await answers(`${address}/hub/login`)),
    });
  return start().catch(start); // it ends where its proxy takes more than 15 seconds to start, which a busy machine may
}

/** With one page, which says whom Apache knows. */
export function startApache(shown: Shown, { port, address }: Place): Promise<Running> {
  const { command, modules } = needs.apache ?? { command: '', modules: '' };
  const of = house({
    'pages/secure/index.html': '<p>REMOTE_USER is <!--#echo var="REMOTE_USER" --></p>',
    passphrase: '',
  });
  writeFileSync(join(of.folder, 'passphrase'), `${randomBytes(32).toString('hex')}\n`); // as the page says
  const names = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime', 'include', 'auth_openidc'];
  const lines = [
    `ServerRoot "${of.folder}"`,
    `ServerName localhost:${port}`,
    `Listen 127.0.0.1:${port}`,
    `PidFile "${of.folder}/pid"`,
    `ErrorLog "|/bin/cat"`,
    'StartServers 1',
    ...names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    'TypesConfig /etc/mime.types',
    `DocumentRoot "${of.folder}/pages"`,
    'DirectoryIndex index.html',
    'SetOutputFilter INCLUDES',
    `<Directory "${of.folder}/pages">`,
    'Options +Includes',
    '</Directory>',
    textFor(shown, 'the virtual host').replace('/etc/apache2/openidc-passphrase', join(of.folder, 'passphrase')),
  ];
  writeFileSync(join(of.folder, 'apache.conf'), `${lines.join('\n')}\n`);
  return startIn(of, {
    command,
    args: ['-f', join(of.folder, 'apache.conf'), '-D', 'FOREGROUND'],
    ready: () => answers(`${address}/`),
  });
}
