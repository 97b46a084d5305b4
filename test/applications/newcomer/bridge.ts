/** SATOSA between Pedel and a service that knows only SAML. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import needs from '../../support/needs.cjs';
import { answers } from '../foreign.ts';
import { house, type Place, place, type Running, startIn, textFor } from './products.ts';
import type { Shown } from './walk.ts';

const service = fileURLToPath(new URL('../python/satosa_sp.py', import.meta.url));
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/** Starts both. `service`: the address of the service, where somebody who comes is sent to sign in. */
export async function startBridge(shown: Shown, { port, address }: Place): Promise<Running & { service: string }> {
  const python = needs.applications.satosa?.python ?? '';
  const site = await place();
  const env = {
    SP_ADDRESS: site.address,
    SP_PORT: String(site.port),
    SP_BRIDGE: `${address}/idp`,
    PATH: process.env.PATH ?? '',
  };
  const metadata = execFileSync(python, [service, 'metadata'], { env, encoding: 'utf8' });
  const of = house({
    ...Object.fromEntries(shown.snippets.map(({ file, text }) => [file, text])),
    'sp.xml': metadata,
    'proxy_conf.yaml': JSON.stringify({
      BASE: address,
      COOKIE_STATE_NAME: 'satosa',
      COOKIE_SECURE: false, // plain http, on loopback
      COOKIE_SAMESITE: 'Lax',
      STATE_ENCRYPTION_KEY: randomBytes(16).toString('hex'),
      INTERNAL_ATTRIBUTES: 'internal_attributes.yaml',
      BACKEND_MODULES: ['plugins/backends/openid_backend.yaml'],
      FRONTEND_MODULES: ['plugins/frontends/saml2_frontend.yaml'],
    }),
    'plugins/frontends/saml2_frontend.yaml': JSON.stringify(frontend(address)),
  });
  textFor(shown, 'plugins/backends/openid_backend.yaml');
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'idp.key', '-out', 'idp.crt', '-subj', '/CN=bridge'];
  execFileSync('openssl', ['req', '-x509', ...key], { cwd: of.folder, stdio: 'pipe' });
  const bridge = await startIn(of, {
    command: python,
    args: ['-m', 'satosa.wsgi', String(port)],
    env,
    ready: () => answers(`${address}/idp`),
  });
  try {
    const behind = await startIn(house({}), {
      command: python,
      args: [service],
      env,
      ready: () => answers(`${site.address}/x`),
    });
    return { service: site.address, stop: () => behind.stop().then(bridge.stop) };
  } catch (error) {
    await bridge.stop();
    throw error;
  }
}

/** As SATOSA's example has it. */
const frontend = (address: string) => ({
  module: 'satosa.frontends.saml2.SAMLFrontend',
  name: 'Saml2IDP',
  config: {
    entityid_endpoint: true,
    idp_config: {
      entityid: `${address}/idp`,
      key_file: 'idp.key',
      cert_file: 'idp.crt',
      metadata: { local: ['sp.xml'] },
      service: {
        idp: {
          endpoints: { single_sign_on_service: [] },
          name: 'Bridge',
          name_id_format: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
          policy: { default: { sign_assertion: true, fail_on_missing_requested: false, lifetime: { minutes: 15 } } },
        },
      },
    },
    endpoints: { single_sign_on_service: { [POST]: 'sso/post', [REDIRECT]: 'sso/redirect' } },
  },
});
