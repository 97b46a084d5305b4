/**
 * Every page of the console, in Chromium on the whole of Pedel: axe finds nothing in light and dark, nothing scrolls sideways on
 * 320 px, and in forced colours what is a button or the current page can be told. About 40 s.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { startConsole, type TestConsole } from '../support/console.ts';
import { faultsOf } from '../support/looks.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
  const { storage } = pedel;
  const clock = { now: Date.now() };
  const put = (id: string, more: object, metadata: object) =>
    storage.clients.put(
      {
        ...{ id, revision: 1, createdAt: clock.now, updatedAt: clock.now },
        secrets: [{ id: 's', hash: 'sha256$x', createdAt: clock.now, name: 'live', expiresAt: clock.now + 86_400_000 }],
        ...more,
        metadata: {
          client_name: id,
          redirect_uris: [`https://${id}.example.edu/callback`],
          scope: 'openid',
          ...metadata,
        },
      },
      0,
    );
  await put(
    'library-of-the-faculty-of-arts-and-philosophy',
    {},
    {
      client_name: 'Library of the Faculty of Arts and Philosophy',
      pedel_organisation: 'kuleuven',
      contacts: ['library-systems-administrators@kuleuven.example.edu'],
      pedel_notes:
        'Agreed with the library.\nhttps://wiki.example.edu/a-very-long-address-without-any-place-to-break-it/and-more',
      pedel_managed_by: 'campus/clients.json',
    },
  );
  await put('off', { disabled: { at: 1, removeAt: clock.now + 86_400_000 } }, {});
  await pedel.person('Hanne', [], { familyName: 'Van den Broeck-Vandenberghe' });
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

const LIBRARY = '/admin/applications/library-of-the-faculty-of-arts-and-philosophy';
const paths = {
  attention: '/admin',
  applications: '/admin/applications',
  'applications-none': '/admin/applications?q=nothing&of=kuleuven&state=off',
  catalogue: '/admin/applications/new',
  asks: '/admin/applications/new/nextcloud',
  check: '/admin/applications/new/nextcloud?address=https://cloud.example.edu&check=1',
  overview: LIBRARY,
  connect: `${LIBRARY}/connect`,
  settings: `${LIBRARY}/settings`,
  release: `${LIBRARY}/release`,
  access: `${LIBRARY}/access`,
  secrets: `${LIBRARY}/secrets`,
  problems: `${LIBRARY}/problems`,
  history: `${LIBRARY}/history`,
  end: `${LIBRARY}/end`,
  try: `${LIBRARY}/try`,
  watch: `${LIBRARY}/watch`,
  deleted: '/admin/applications/off',
  people: '/admin/people',
  person: '/admin/people/account-Hanne',
  sources: '/admin/sources',
  source: '/admin/sources/csv',
  organisations: '/admin/organisations',
  registration: '/admin/registration',
  roles: '/admin/roles',
  'role-new': '/admin/roles/new',
  deliveries: '/admin/deliveries',
  webhooks: '/admin/webhooks',
  'webhook-new': '/admin/webhooks/new',
  keys: '/admin/keys',
  audit: '/admin/audit',
  'audit-none': '/admin/audit?client=nothing',
  incidents: '/admin/incidents',
  health: '/admin/health',
  missing: '/admin/applications/nothing',
};

describeInBrowser('looks', () => {
  test.each(['en', 'nl'] as const)(
    'the console (%s)',
    async (language) => {
      const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      await pedel.person(`Olga${language}`, ['owner']);
      await pedel.signInOn(page, '/admin', `Olga${language}`);
      const faults: string[] = [];
      for (const [name, path] of Object.entries(paths)) {
        const answer = await page.goto(`${pedel.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
        if (answer?.status() !== (name === 'missing' ? 404 : 200)) faults.push(`${name} answers ${answer?.status()}`);
        faults.push(...(await faultsOf(page, `console-${language}-${name}`, language)));
      }
      expect(faults).toEqual([]);
    },
    240_000,
  );
});
