/** Downloading one's data: every stored kind is in it, no secret is, and it takes a fresh sign-in. Under 2 s. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { sealValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { archiveKinds } from '../../src/domain/installation/archive.ts';
import { sectionsOfKinds } from '../../src/use-cases/account/own-data.ts';
import { anAccount } from '../support/account.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const PAGE = '/account/data';
const at = Date.UTC(2026, 8, 1);
/** Each text that starts so must not leave. */
const secret = (name: string) => `SECRET ${name}`;

/** Every member of an account, each with a text of its own: `m-…` where it is given. */
const full: Omit<Required<Account>, 'effects' | 'revision'> = {
  id: 'm-id',
  createdAt: at,
  auditKey: secret('audit key'),
  activatedAt: at,
  givenName: 'm-givenName',
  familyName: 'm-familyName',
  userNumbers: ['m-userNumbers'],
  formerNumbers: ['m-formerNumbers'],
  emails: ['m-emails@vives.be'],
  personalEmail: 'm-personalEmail@example.org',
  provenAddresses: ['m-provenAddresses@example.org'],
  heldAddresses: [{ address: 'm-heldAddresses@example.org', until: at }],
  proposedAddress: { address: 'm-proposedAddress@example.org', source: 'csv', at },
  phone: 'm-phone',
  language: 'en',
  claims: { nickname: 'm-claims' },
  affiliations: [{ organisation: 'vives', role: 'm-affiliations', source: 'm-source' }],
  groups: [{ value: 'm-groups', organisation: 'vives', role: 'student', source: 'csv' }],
  entitlements: [{ value: 'm-entitlements', organisation: 'vives', role: 'student', source: 'csv' }],
  orcid: 'm-orcid',
  feeds: [{ source: 'csv', key: 'm-feeds', fields: { given_name: 'm-fed' } }],
  evidence: [{ source: 'm-evidence', level: 'low', day: '2026-09-01', mac: secret('evidence') }],
  password: { hash: secret('hash'), setAt: at },
  totps: [{ id: 't', name: 'm-totps', sealedSeed: secret('seed'), lastStep: 1, createdAt: at }],
  passkeys: [
    {
      id: 'p',
      name: 'm-passkeys',
      credentialId: 'c',
      publicKey: 'k',
      signCount: 0,
      transports: [],
      keyType: 'hwk',
      createdAt: at,
    },
  ],
  recoveryCodes: { macs: [secret('recovery code')], createdAt: at },
  trustedBrowsers: [{ id: 'b', hash: secret('browser'), epoch: 1, since: at, agent: 'm-browser' }],
  tickets: [
    {
      id: secret('ticket'),
      codeMac: secret('code'),
      purpose: 'reset',
      createdAt: at,
      expiresAt: at,
      tries: 0,
      sentTo: 'm-tickets@example.org',
      pending: { passwordHash: secret('pending'), since: at },
    },
  ],
  mailedAt: [at],
  invitationWaits: true,
  codeMayBeUnderWayUntil: at,
  windows: [{ because: { organisation: 'vives', role: 'm-windows' } }],
  rulesVersion: 'm-rules',
  wholeSignIn: true,
  endsAt: Date.UTC(2030, 1, 1),
  endings: [{ endsAt: at }],
  reserved: [secret('reserved')],
  erasure: { due: at, at },
  erased: { day: '2026-09-01', rule: 'm-erased', counts: {} },
  merged: { into: secret('merged'), at, undoUntil: at },
  mergedFrom: ['m-mergedFrom'],
  suspension: { kind: 'security', reason: secret('reason'), at, until: at },
  legalHold: { reason: secret('hold'), at },
  passwordExpiredAt: at,
  slowRecovery: { since: at, until: at + 1, epoch: 1, tellAt: at + 1 },
  factorDeclinedAt: at,
  browsers: [{ id: 'b1', name: 'Chrome', firstAt: 1, lastAt: 2 }],
  browsersDisownedBefore: 2,
  halfway: [{ browser: 'b2', address: '192.0.2.77', at }],
  desk: {
    acts: [{ kind: 'pass', at }],
    requests: [{ id: 'r', kind: 'pass', by: secret('agent'), at, reason: secret('reason') }],
    notes: [{ at, by: secret('agent'), text: secret('note') }],
  },
  credentialsEpoch: 1,
  roles: [],
};

async function signedIn() {
  const stub = stubSessions();
  const web = await startWeb({ sessions: stub.sessions });
  const { storage, clock } = web;
  const letter = { template: 'reset', to: 'm-letter@example.org', sealedSecret: secret('effect'), data: {} };
  const account = anAccount({ ...full, effects: [{ id: 'e', kind: 'letter', letter } as Account['effects'][number]] });
  await storage.accounts.insert(account);
  const begin = (minutesAgo: number, amr = ['pwd', 'otp', 'mfa']) => {
    const name = `s${minutesAgo}${amr.length}`;
    const authTime = Math.floor(clock.now / 1000) - 60 * minutesAgo;
    stub.open.set(name, { uid: name, accountId: account.id, amr, authTime, epoch: 1 });
    const browser = browserOf(web);
    browser.cookies.set('stub', name);
    return browser;
  };
  return { web, account, begin, download: (browser = begin(1)) => browser.post(PAGE, { action: 'download' }) };
}

/** A record of the person in each kind that is given, with a mark that must be in its section. */
async function withEveryKind(web: Awaited<ReturnType<typeof signedIn>>['web'], account: Account) {
  const { storage, sealer, clock } = web;
  const { id } = account;
  const metadata = { client_name: 'k-applications', redirect_uris: ['https://toledo.example/back'], scope: 'openid' };
  await storage.clients.put({ id: 'toledo', revision: 1, secrets: [], createdAt: 1, updatedAt: 1, metadata }, 0);
  await storage.consents.add({
    accountId: id,
    clientId: 'toledo',
    scopes: ['k-consents'],
    claims: [],
    resourceScopes: {},
    givenAt: at,
  });
  const grant = { grantedBy: 'command', grantedAt: at, organisations: ['k-roles'] };
  const grants = [
    { ...grant, id: 'g1', role: 'auditor' as const, holder: { kind: 'person' as const, id } },
    { ...grant, id: 'g2', role: 'desk' as const, holder: { kind: 'person' as const, id: 'OTHER' } },
  ];
  await storage.roleGrants.replace({ revision: 1, grants, effects: [] }, 0);
  await storage.protocolRecords.saveSession({
    key: secret('session key'),
    record: { uid: secret('uid'), accountId: id, loginTs: at / 1000, amr: ['pwd'], place: { agent: 'k-sessions' } },
    expiresAt: clock.now + 1000,
    now: clock.now,
  });
  await storage.outbox.put({
    id: 'o',
    kind: 'letter',
    accountId: id,
    payload: { to: 'k-emails@example.org', sealedSecret: secret('outbox') },
    createdAt: at,
  });
  await storage.incidents.add([
    { id: '0123456789', at, kind: 'bug', client: 'k-incidents', account: id },
    { id: '0123456788', at, kind: 'bug', client: 'OTHER', account: 'OTHER' },
  ]);
  const sealedValues = sealValues(sealer, account, { old: { givenName: 'k-activity' } }, randomBytes);
  const entry = { at, action: 'person.changed' as const, details: { source: 'csv', fields: '' } };
  await storage.auditLog.append({ ...entry, id: 'a1', actor: { kind: 'system' }, subject: id, sealedValues });
  await storage.auditLog.append({
    ...entry,
    id: 'a2',
    actor: { kind: 'person', id: 'OTHER agent', roles: ['desk'] },
    network: 'OTHER network',
    subject: id,
  });
  await storage.auditLog.append({ ...entry, id: 'a3', actor: { kind: 'person', id }, subject: 'OTHER', sealedValues });
  for (let nth = 0; nth < 450; nth += 1)
    await storage.auditLog.append({ ...entry, id: `m${nth}`, actor: { kind: 'system' }, subject: id });
}

test('every member of the account, and every stored kind of record about a person, is in it; no secret is, and nothing of others', async () => {
  const { web, account, download } = await signedIn();
  await withEveryKind(web, account);
  const { status, headers, body } = await download();
  expect([status, headers.get('content-disposition')]).toEqual([200, 'attachment; filename="m-userNumbers.json"']);
  expect(headers.get('cache-control')).toBe('no-store');
  const given = JSON.parse(body);
  for (const kind of archiveKinds) {
    const section = sectionsOfKinds[kind];
    if (typeof section !== 'string') continue;
    expect([kind, Object.hasOwn(given, section)]).toEqual([kind, true]);
    const mark = section === 'account' ? 'm-givenName' : `k-${section}`;
    expect([kind, JSON.stringify(given[section]).includes(mark)]).toEqual([kind, true]);
  }
  const notGiven = ['auditKey', 'legalHold', 'merged', 'reserved'];
  expect(Object.keys(given.account).sort()).toEqual(
    [...Object.keys(full), 'effects', 'revision'].filter((member) => !notGiven.includes(member)).sort(),
  );
  const texts = JSON.stringify({ full, letter: 'm-letter' }).match(/\bm-\w+/g) ?? [];
  expect(texts.filter((text) => !body.includes(text))).toEqual([]);
  expect(given.account.createdAt).toBe('2026-09-01T00:00:00.000Z');
  expect(given.activity).toHaveLength(452); // page by page, none twice and none left out
  expect(new Set(given.activity.map(({ id }: { id: string }) => id)).size).toBe(452);
  expect(given.acts).toHaveLength(1);
  expect(body).not.toContain('SECRET');
  expect(body).not.toContain('OTHER');
});

test('both addresses hear of it, and the audit log has it, before the first byte', async () => {
  const { web, account, download } = await signedIn();
  await download();
  const { effects = [] } = (await web.storage.accounts.findById(account.id)) ?? {};
  expect(
    effects.flatMap((each) => (each.kind === 'letter' ? [`${each.letter.template} ${each.letter.to}`] : [])),
  ).toEqual([
    'reset m-letter@example.org',
    'data-downloaded m-personalEmail@example.org',
    'data-downloaded m-emails@vives.be',
  ]);
  expect(effects.flatMap((each) => (each.kind === 'audit' ? [each.entry.action] : []))).toEqual(['data.downloaded']);
});

test('asks for a sign-in of the last five minutes, with the second step; five times a day', async () => {
  const { web, begin, download } = await signedIn();
  for (const browser of [begin(6), begin(1, ['pwd'])]) {
    for (const { location } of [await browser.get(PAGE), await download(browser)]) {
      const asked = new URL(location ?? '', web.url).searchParams;
      expect([asked.get('back'), asked.get('maxAgeSeconds')]).toEqual([PAGE, '300']);
      expect(asked.get('acr')).toBe('https://refeds.org/profile/mfa');
    }
  }
  expect((await begin(1).get(PAGE)).body).toContain('everything that we store about you');
  expect((await begin(1).get(`${PAGE}?lang=nl`)).body).toContain('alles wat we over je bewaren');
  const answers = await Promise.all(Array.from({ length: 7 }, () => download()));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused[0]?.body).toMatch(/Wait a day|Wacht een dag/);
  web.clock.now += 86_400_000;
  expect((await download(begin(1))).status).toBe(200);
});
