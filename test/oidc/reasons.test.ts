/** Why a request waits for its person or is refused: each situation has its reason, and the log tells it. */
import { afterEach, expect, test } from '@jest/globals';
import type { DeclineReason } from '../../src/domain/sign-in/reason.ts';
import { consentReasons, factorReasons, passwordReasons, refusalReasons } from '../../src/domain/sign-in/reason.ts';
import {
  application,
  closeAll,
  type Kit,
  MFA,
  person,
  register,
  secret,
  setClock,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21);
const totps = [{ id: '1', name: '', sealedSeed: '', lastStep: 0, createdAt: 0 }];
const survey = application('survey', { pedel_first_party: false });
const desktop = application('desktop', {
  pedel_first_party: false,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://desktop.example/back'],
});
const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: MFA } } }) };

async function house() {
  setClock(start);
  return startOidc({
    clients: [application('toledo'), application('grades', { pedel_acr: MFA }), survey, desktop],
    accounts: [person({ totps }), person({ id: 'bo', userNumbers: [], emails: [] })],
  });
}

/** Lines of the log about what was asked of the person, or about a refusal. */
function told(kit: Kit, message: string) {
  return kit.logged.filter((line) => line.message === message).map(({ fields }) => fields as Record<string, unknown>);
}

/** What happened before, the request after it, and what is asked then. */
const situations: [
  name: string,
  before: (kit: Kit, browser: ReturnType<typeof visitor>) => Promise<unknown>,
  request: Record<string, string>,
  asked: [step: string, because: string][],
][] = [
  ['nobody is signed in', async () => {}, {}, [['password', 'no-session']]],
  [
    'nobody is signed in, whatever is asked',
    async () => {},
    { prompt: 'login', max_age: '1' },
    [['password', 'no-session']],
  ],
  ['prompt=login', signedIn, { prompt: 'login' }, [['password', 'prompt-login']]],
  [
    'max_age is exceeded',
    async (kit, browser) => {
      await signedIn(kit, browser);
      setClock(start + 60_000);
    },
    { max_age: '30' },
    [['password', 'max-age']],
  ],
  [
    'another account is hinted at',
    async (kit, browser) => {
      kit.page.signIn = kit.signInAs('bo', ['pwd']);
      await signedIn(kit, browser);
      kit.page.signIn = kit.signInAs('an', ['pwd']);
    },
    { id_token_hint: 'that of an' },
    [['password', 'other-account']],
  ],
  [
    'the epoch was raised',
    async (kit, browser) => {
      await signedIn(kit, browser);
      await kit.change('an', { credentialsEpoch: 2 });
    },
    {},
    [['password', 'credentials-changed']],
  ],
  [
    'the account has ended meanwhile',
    async (kit, browser) => {
      await signedIn(kit, browser);
      await kit.change('an', { endsAt: start });
      kit.page.signIn = (interaction, ctx) => kit.oidc.interactions.finishDeclined(ctx, interaction, 'broken-off');
    },
    {},
    [['password', 'account-closed']],
  ],
  [
    'the application is registered with a second factor',
    signedIn,
    { client_id: 'grades' },
    [['second-factor', 'application-requires']],
  ],
  ['the request insists on a second factor', signedIn, essential, [['second-factor', 'request-requires']]],
  ['the request prefers a second factor', signedIn, { acr_values: MFA }, [['second-factor', 'application-prefers']]],
  [
    'the organisation requires a second factor since',
    async (kit, browser) => {
      await signedIn(kit, browser);
      await kit.change('an', { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] });
    },
    {},
    [['second-factor', 'organisation-requires']],
  ],
  ['consent was never asked', signedIn, { client_id: 'survey' }, [['consent', 'first-time']]],
  [
    'more is asked than was consented to',
    async (kit, browser) => {
      await kit.tokens(browser, { client_id: 'survey' });
    },
    { client_id: 'survey', scope: 'openid email' },
    [['consent', 'more-than-before']],
  ],
  [
    'prompt=consent',
    async (kit, browser) => {
      await kit.tokens(browser, { client_id: 'survey' });
    },
    { client_id: 'survey', prompt: 'consent' },
    [['consent', 'prompt-consent']],
  ],
  [
    'an application on a device may be another',
    async (kit, browser) => {
      await kit.authorize(browser, { client_id: 'desktop', ...pkce });
    },
    { client_id: 'desktop' },
    [['consent', 'unassured-application']],
  ],
];

const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };

function signedIn(kit: Kit, browser: ReturnType<typeof visitor>) {
  return kit.tokens(browser, { client_id: 'toledo' });
}

test.each(situations)('%s', async (_name, before, parameters, asked) => {
  const kit = await house();
  const browser = visitor();
  await before(kit, browser);
  const hint = parameters.id_token_hint === undefined ? {} : { id_token_hint: await hintOf(kit) };
  kit.page.seen.length = 0;
  kit.logged.length = 0;
  const again = kit.page.signIn;
  // a step-up proves both
  kit.page.signIn = (interaction, ctx) =>
    interaction.asked.step === 'second-factor'
      ? kit.signInAs('an', ['pwd', 'otp', 'mfa'])(interaction, ctx)
      : again(interaction, ctx);
  const { client_id: client = 'toledo' } = parameters;
  await kit.authorize(browser, { client_id: client, ...(client === 'desktop' ? pkce : {}), ...parameters, ...hint });
  expect(kit.page.seen.map((each) => [each.asked.step, each.asked.because])).toEqual(asked);
  expect(told(kit, 'a request waits for its person')).toEqual(
    asked.map(([step, because]) => ({ client, step, because })),
  );
});

async function hintOf(kit: Kit): Promise<string> {
  return (await kit.tokens(visitor(), { client_id: 'toledo' })).id_token;
}

test('a consent is in the audit log with its reason', async () => {
  const kit = await house();
  const browser = visitor();
  await kit.tokens(browser, { client_id: 'survey' });
  await kit.tokens(browser, { client_id: 'survey', scope: 'openid email' });
  const entries = await kit.storage.auditLog.page({ action: 'consent.given' }, undefined, 10);
  expect(entries.map(({ details }) => details?.because).sort()).toEqual(['first-time', 'more-than-before']);
});

/** What made it so, and the reason in the log. */
const refusals: [because: string, answer: (kit: Kit) => Promise<unknown>, change: (kit: Kit) => Promise<unknown>][] = [
  ['account-closed', refreshed, (kit) => kit.change('an', { endsAt: start })],
  ['credentials-changed', refreshed, (kit) => kit.change('an', { credentialsEpoch: 2 })],
  [
    'consent-missing',
    refreshed,
    async (kit) => {
      // taken back a moment ago: its grants are about to go
      kit.storage.consents.find = async () => undefined;
    },
  ],
  [
    'application-removed',
    refreshed,
    async (kit) => {
      // as from a node that reads its copy of the client before, and one that makes the next
      const record = await kit.storage.clients.find('survey');
      if (record === undefined) throw new Error('it is gone');
      const next = { ...record, revision: record.revision + 1, createdAt: start + 60_000 };
      await kit.storage.clients.put(next, record.revision);
    },
  ],
  ['offline-access-taken-away', refreshed, (kit) => register(kit.storage, { ...survey, scope: 'openid' })],
  ['second-factor-demanded-since', refreshed, (kit) => register(kit.storage, { ...survey, pedel_acr: MFA })],
  [
    'not-open-to-person',
    refreshed,
    (kit) => register(kit.storage, { ...survey, pedel_access: { affiliations: ['student'] } }),
  ],
];

async function refreshed(kit: Kit): Promise<unknown> {
  const { refresh_token: token = '' } = await kit.tokens(visitor(), {
    client_id: 'survey',
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  return token;
}

test.each(refusals)('a refresh is refused, and the log says %s', async (because, prepare, change) => {
  const kit = await house();
  const token = String(await prepare(kit));
  await change(kit);
  await kit.oidc.reload();
  const answer = await kit.refresh('survey', token, { client_secret: secret });
  expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, 'invalid_grant']);
  expect(told(kit, 'a protocol request was refused')).toMatchObject([{ because, error: 'invalid_grant' }]);
});

test.each<[DeclineReason, string]>([
  ['broken-off', 'access_denied'],
  ['second-factor-declined', 'unmet_authentication_requirements'],
  ['consent-declined', 'access_denied'],
])('who goes back without a sign-in (%s) tells the application %s, and the log the reason', async (because, error) => {
  const kit = await house();
  const signIn = kit.page.signIn;
  kit.page.signIn = (interaction, ctx) => {
    if (because !== 'consent-declined') return kit.oidc.interactions.finishDeclined(ctx, interaction, because);
    return interaction.prompt === 'consent'
      ? kit.oidc.interactions.finishConsent(ctx, interaction, 'cancel')
      : signIn(interaction, ctx);
  };
  expect(await kit.authorize(visitor(), { client_id: 'survey' })).toMatchObject({ error });
  expect(told(kit, 'a protocol request was refused')).toMatchObject([{ because, error }]);
});

test('an acr that nothing satisfies is refused, and the log says so', async () => {
  const kit = await house();
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:unknown' } } });
  await kit.authorize(visitor(), { client_id: 'toledo', claims });
  expect(told(kit, 'a protocol request was refused')).toMatchObject([{ because: 'acr-unobtainable' }]);
});

test('every reason of the protocol has its situation above', () => {
  const seen = new Set(situations.flatMap(([, , , asked]) => asked.map(([, because]) => because)));
  const onPages = [
    'closed-long',
    'started-over',
    'proof-expired',
    'requirements-changed',
    'own-factor',
    'own-page-requires',
  ];
  const byClock = ['session-too-old'];
  const all = [...passwordReasons, ...factorReasons, ...consentReasons];
  expect(all.filter((reason) => !seen.has(reason)).sort()).toEqual([...onPages, ...byClock].sort());
  const refused = new Set([
    ...refusals.map(([because]) => because),
    'broken-off',
    'second-factor-declined',
    'consent-declined',
    'acr-unobtainable',
    'application-disabled', // client-expiry.test.ts
    'application-expired', // the same
    ...['resource-unknown', 'resource-not-allowed', 'resource-missing', 'scope-not-allowed'], // resource-servers.test.ts
    ...['subject-token-refused', 'exchange-not-allowed'], // token-exchange.test.ts
    'application-pending', // dynamic-registration.test.ts
  ]);
  expect(refusalReasons.filter((reason) => !refused.has(reason))).toEqual(byClock);
});
