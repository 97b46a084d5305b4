/**
 * Pages that few people see, and in a bad hour: a lost second step and the wait that replaces it, an incident, a form of the console
 * that waits for a sign-in. Held to what test/web/rooms-look.test.ts says, on one Pedel and in one Chromium. About 35 s.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Account } from '../../src/domain/account/account.ts';
import { DAY_MS } from '../../src/domain/factors/slow-recovery.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import type { TicketPurpose } from '../../src/domain/tickets/ticket-record.ts';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { PASSWORD, startConsole, type TestConsole } from '../support/console.ts';
import { faultsOf } from '../support/looks.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const now = Date.now();
const LANGUAGES = ['en', 'nl'] as const;
let pedel: TestConsole;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  pedel = await startConsole({ organisations: organisations.map((each) => ({ ...each, slowRecovery: 'P3D' })) });
  const metadata = {
    client_name: 'Laboratory notebooks',
    redirect_uris: ['https://lab.example.org/cb'],
    scope: 'openid profile',
  };
  const secrets = ['live', 'old'].map((name) => ({ id: name, name, hash: 'sha256$x', createdAt: now - DAY_MS }));
  const made = { id: 'lab', revision: 1, secrets, createdAt: 1, updatedAt: 1 };
  await pedel.storage.clients.put({ ...made, metadata: { ...metadata, pedel_organisation: 'vives' } }, 0);
  await pedel.storage.webhooks.put(
    {
      ...{ id: 'hook', revision: 1, url: 'https://crm.example.org/events', events: ['person.*'], hearsFrom: now },
      ...{ contact: 'crm@example.org', note: 'The register of relations', secrets: [{ sealed: 'x', createdAt: now }] },
      ...{ state: 'disabled', disabled: { at: now, because: 'gave-up' }, createdAt: now, updatedAt: now },
    },
    0,
  );
  for (const language of LANGUAGES) await people(language);
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

/** Hanne lost her telephone, Tom is at the desk, Olga owns it all. */
async function people(language: 'en' | 'nl'): Promise<void> {
  const vives = [{ organisation: 'vives', role: 'student', source: 'csv' }];
  await pedel.person(`Hanne${language}`, [], { affiliations: vives, familyName: 'Goossens', language });
  const given = { scopes: ['openid', 'profile'], claims: [], resourceScopes: {}, givenAt: now };
  await pedel.storage.consents.add({ ...given, accountId: `account-Hanne${language}`, clientId: 'lab' });
  await pedel.person(`Tom${language}`, [], { affiliations: vives });
  await pedel.grant({ kind: 'person', id: `account-Tom${language}` }, [{ role: 'desk', organisations: ['vives'] }]);
  await pedel.person(`Olga${language}`, ['owner']);
  const account = `account-Hanne${language}`;
  const id = language === 'en' ? '00000000e1' : '00000000e2';
  const page = '/interaction/:uid';
  await pedel.storage.incidents.add([{ id, at: now, kind: 'not-open-to-person', page, client: 'lab', account }]);
}

const change = async (id: string, next: (read: Account) => Partial<Account>) => {
  const read = await pedel.storage.accounts.findById(id);
  if (read === undefined) throw new Error('nobody');
  await pedel.storage.accounts.replace({ ...read, ...next(read), revision: read.revision + 1 }, read.revision);
};
/** Where the wait of this person stands, in days from now; with the link that stops it. */
function waits(id: string, since: number, stopped = false): Promise<void> {
  const recovery = { since: now + since * DAY_MS, until: now + (since + 3) * DAY_MS, tellAt: now + 99 * DAY_MS };
  const stoppedAt = stopped ? { stoppedAt: now } : {};
  return change(id, ({ credentialsEpoch: epoch }) => ({
    slowRecovery: { ...recovery, epoch, ...stoppedAt },
    tickets: [ticket(id, 'recovery-stop', { epoch })],
  }));
}
function ticket(accountId: string, purpose: TicketPurpose, more: object) {
  const kind = { purpose, accountId, lifetimeSeconds: 600_000, withCode: false };
  const made = newTicket(kind, sealerUnder('x'.repeat(40)), now, randomBytes);
  tokens[purpose] = made.token;
  return { ...made.ticket, ...more };
}

/** A page of its own, and a function that looks at the page where it stands, or at a path of Pedel. */
async function looker(language: string) {
  const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
  const faults: string[] = [];
  const at = (path: string) => `${pedel.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
  const open = (path: string) => page.goto(at(path));
  const look = async (name: string, path?: string) => {
    if (path !== undefined) await open(path);
    faults.push(...(await faultsOf(page, `rare-${language}-${name}`, language)));
  };
  return { page, faults, open, look };
}
const press = async (page: Page, button: string) => {
  await page.click(button);
  await page.waitForLoadState();
};

describeInBrowser('looks', () => {
  test.each(LANGUAGES)(
    'a lost second step (%s)',
    async (language) => {
      const { page, faults, open, look } = await looker(language);
      const id = `account-Hanne${language}`;
      await open('/account');
      await page.fill('#login', `u-hanne${language}`);
      await page.fill('#password', PASSWORD);
      await press(page, '#sign-in');
      await page.waitForSelector('#code');
      const lost = `${new URL(page.url()).pathname}?way=lost`;
      await look('lost', lost);
      await press(page, '#recover-send');
      await look('lost-code');
      await page.fill('#recovery_code', 'WRON-G234');
      await press(page, '#recover-code');
      await look('lost-wrong');
      await waits(id, -1);
      await look('lost-waits', lost);
      await look('stop', `/recovery/stop?ticket=${tokens['recovery-stop']}`);
      await waits(id, -4);
      await look('lost-open', lost);
      await press(page, '#recover-send');
      await look('lost-open-code');
      await waits(id, -1, true);
      await look('lost-paused', lost);
      await look('stop-dead', '/recovery/stop?ticket=x');
      await look('stopped', '/recovery/stop?done=1');
      await pedel.signInOn(page, '/account', `Hanne${language}`);
      await waits(id, -1);
      await look('account-waits', '/account');
      await press(page, '#stop-recovery');
      await look('account-stopped');
      await look('applications', '/account/applications');
      await look('withdraw', '/account/applications/withdraw?client=lab');
      await press(page, '#withdraw');
      await look('withdrawn');
      expect(faults).toEqual([]);
    },
    240_000,
  );

  test.each(LANGUAGES)(
    'the desk and the console in such an hour (%s)',
    async (language) => {
      const { page, faults, open, look } = await looker(language);
      const id = `account-Hanne${language}`;
      const incident = language === 'en' ? '00000000e1' : '00000000e2';
      await waits(id, -1);
      await pedel.signInOn(page, '/desk', `Tom${language}`);
      await look('desk-waits', `/desk/people/${id}`);
      await look('desk-stop', `/desk/people/${id}/recovery`);
      await look('desk-incident', `/desk/incidents/${incident}`);
      await page.context().clearCookies();
      await pedel.signInOn(page, '/admin', `Olga${language}`);
      const { grants } = await pedel.storage.roleGrants.read();
      const grant = grants.find(({ holder }) => 'id' in holder && holder.id === `account-Tom${language}`);
      for (const [name, path] of Object.entries({
        incident: `/admin/incidents?number=${incident}`,
        'incident-none': '/admin/incidents?number=0000000000',
        webhooks: '/admin/webhooks',
        webhook: '/admin/webhooks/hook',
        'webhook-end': '/admin/webhooks/hook/end',
        secret: '/admin/applications/lab/secrets/old/retire',
        revoke: `/admin/roles/${grant?.id}`,
        audit: '/admin/audit',
      }))
        await look(name, path);
      await open(`/admin/roles/${grant?.id}`);
      pedel.wait(400); // the sign-in is no longer a recent one
      await press(page, '#revoke');
      await look('confirm-not', '/admin/confirm');
      await press(page, '#again');
      await page.fill('#login', `u-olga${language}`);
      await page.fill('#password', PASSWORD);
      await press(page, '#sign-in');
      await page.fill('#code', await pedel.freshCode(`Olga${language}`)); // sends itself
      await page.waitForURL((url) => url.pathname === '/admin/confirm');
      await look('confirm');
      await press(page, '#confirm');
      await look('revoked');
      expect(faults).toEqual([]);
    },
    240_000,
  );
});
