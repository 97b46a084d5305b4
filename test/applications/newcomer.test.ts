/**
 * Six products, each registered by a newcomer in a browser and set up with nothing of Pedel but what the connect page shows,
 * sign her in: each in under ten clicks and typed fields, from the first page of the console to the product that knows her.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.ts';
import { type Campus, startCampus } from '../support/campus.ts';
import needs from '../support/needs.cjs';
import { startBridge } from './newcomer/bridge.ts';
import {
  place,
  type Running,
  startApache,
  startJupyterhub,
  startOauth2Proxy,
  startSpring,
} from './newcomer/products.ts';
import { EMAIL, NUMBER, newcomer, type Walk } from './newcomer/walk.ts';
import { startMailServer, startRoundcube } from './newcomer/webmail.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});
const { applications, apache } = needs;
const testWith = (...needed: unknown[]) => (needed.includes(undefined) ? test.skip : test);

describeInBrowser('a newcomer connects', () => {
  let campus: Campus;
  let walk: Walk;
  beforeAll(async () => {
    campus = await startCampus({ nodes: 1 });
    closings.push(() => campus.stop());
    walk = await newcomer(campus);
  });

  async function started<Some extends Running>(starting: Promise<Some>): Promise<Some> {
    const running = await starting;
    closings.push(running.stop);
    return running;
  }

  /** Opens the product, presses its button where it has one, gives permission; what the product then says. */
  async function open(address: string, button?: string): Promise<string> {
    const { page } = walk;
    await page.goto(address);
    if (button !== undefined) await walk.click(button);
    await walk.consent();
    await page.waitForURL((url) => url.origin === new URL(address).origin);
    await page.waitForLoadState();
    expect(walk.interactions()).toBeLessThan(10);
    return (await page.textContent('body')) ?? '';
  }

  testWith(applications.oauth2Proxy)('oauth2-proxy', async () => {
    const site = await place();
    const shown = await walk.register('oauth2-proxy', { address: site.address });
    expect(shown.notes.join('\n')).toMatch(/--upstream.*--cookie-secret/);
    await walk.copy();
    const behind = await started(echo());
    await started(startOauth2Proxy(shown, site, behind.address));
    const headers = JSON.parse(await open(`${site.address}/page`, 'button[type="submit"]'));
    expect(headers).toMatchObject({ 'x-forwarded-email': EMAIL, 'x-forwarded-preferred-username': NUMBER });
    expect(headers['x-forwarded-groups']).toContain('staff@kuleuven.be');
  });

  testWith(applications.spring)('a Spring application', async () => {
    const site = await place();
    const shown = await walk.register('spring-security', { address: site.address });
    await walk.copy();
    await started(startSpring(shown, site));
    expect(JSON.parse(await open(`${site.address}/`))).toMatchObject({ name: NUMBER, claims: { email: EMAIL } });
  });

  testWith(applications.jupyterhub)('JupyterHub', async () => {
    const site = await place();
    const shown = await walk.register('jupyterhub', { address: site.address });
    expect(shown.notes.join('\n')).toContain('JUPYTERHUB_CRYPT_KEY');
    await walk.copy();
    await started(startJupyterhub(shown, site));
    expect(await open(`${site.address}/hub/token`, '#login-main a')).toContain(NUMBER);
  });

  testWith(apache)('Apache with mod_auth_openidc', async () => {
    const site = await place();
    const shown = await walk.register('mod-auth-openidc', { address: site.address });
    expect(shown.notes.join('\n')).toContain('/etc/apache2/openidc-passphrase');
    await walk.copy();
    await started(startApache(shown, site));
    expect(await open(`${site.address}/secure/`)).toBe(`REMOTE_USER is ${NUMBER}`);
  });

  testWith(applications.roundcube, applications.dovecot)('Roundcube, and the mail server behind it', async () => {
    const site = await place();
    const webmail = await walk.register('roundcube', { address: site.address });
    expect(webmail.notes.join('\n')).toContain('Dovecot');
    await walk.copy(1);
    const soFar = walk.interactions();
    const mailServer = await walk.register('dovecot', {});
    await walk.copy();
    expect(walk.interactions()).toBeLessThan(10);
    const dovecot = await started(startMailServer(mailServer));
    await started(startRoundcube(webmail, site, dovecot.port));
    walk.goOnFrom(soFar);
    expect(await open(`${site.address}/`, '#rcmloginoauth')).toContain(NUMBER);
    expect(new URL(walk.page.url()).searchParams.get('_task')).toBe('mail'); // which the mail server let her into
  });

  testWith(applications.satosa)('SATOSA, and by it a service that knows only SAML', async () => {
    const site = await place();
    const shown = await walk.register('satosa', { address: site.address });
    await walk.copy(0);
    await walk.copy(1);
    const { service } = await started(startBridge(shown, site));
    expect(JSON.parse(await open(service))).toEqual({
      mail: [EMAIL],
      givenName: ['Els'],
      sn: ['Maes'],
      displayName: ['Els Maes'],
      eduPersonPrincipalName: [`${NUMBER}@kuleuven.be`],
      eduPersonScopedAffiliation: ['staff@kuleuven.be', 'employee@kuleuven.be', 'member@kuleuven.be'],
      schacHomeOrganization: ['kuleuven.be'],
    });
  });
});

/** The site behind a proxy: answers with the headers that it got. */
async function echo(): Promise<Running & { address: string }> {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      await new Promise((resolve) => server.close(resolve).closeAllConnections());
    },
  };
}
