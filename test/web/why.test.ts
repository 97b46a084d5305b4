/** Each step of a sign-in says why where a person wonders, in both languages, and the audit log has the same reason. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type ConsentReason,
  closedReasons,
  consentReasons,
  type EnrolReason,
  type FactorReason,
  factorReasons,
  type PasswordReason,
  passwordReasons,
} from '../../src/domain/sign-in/reason.ts';
import { nextStep } from '../../src/domain/sign-in/sign-in.ts';
import { organisations } from '../support/organisations.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atLeuven, atVives, password, textOf, typePassword } from './people.ts';

afterEach(closeAll);

const session = { accountId: 'leuven-1', amr: ['pwd'], authTime: 1_700_000_000 };

/** `because` of the accepted sign-in in the audit log. */
function audited(web: RunningWeb): string | undefined {
  const effects = web.dispatched.flatMap((account) => account.effects);
  const entries = effects.flatMap((effect) => (effect.kind === 'audit' ? [effect.entry] : []));
  const entry = entries.find(({ action }) => action === 'sign-in');
  return (entry?.details as { because?: string } | undefined)?.because;
}

describe('the whole sign-in', () => {
  const sentences: Record<PasswordReason, [en: string, nl: string] | undefined> = {
    'no-session': undefined,
    'session-too-old': undefined,
    'account-closed': undefined,
    'started-over': undefined,
    // perhaps weeks ago: it is told when this browser comes back
    'credentials-changed': [
      'Your password or your second step has changed, or all your devices were signed out, so we ask you to sign in once more.',
      'Je wachtwoord of je tweede stap is gewijzigd, of al je toestellen zijn afgemeld. Meld je daarom opnieuw aan.',
    ],
    'closed-long': [
      'Your account was closed for a long time, so we ask for your password and your second step once.',
      'Je account was lange tijd gesloten. Daarom vragen we één keer je wachtwoord en je tweede stap.',
    ],
    'other-account': [
      'Toledo asks for another account than the one that you are signed in with.',
      'Toledo vraagt een ander account dan dat waarmee je aangemeld bent.',
    ],
    'prompt-login': [
      'You are already signed in. Before you continue to Toledo we ask once more, so that nobody does this on a device that you left open.',
      'Je bent al aangemeld. Voor je doorgaat naar Toledo vragen we het nog eens, zodat niemand dit doet op een toestel dat je open liet staan.',
    ],
    'max-age': [
      'You signed in a while ago. Before you continue to Toledo we ask once more.',
      'Je hebt je al een tijdje geleden aangemeld. Voor je doorgaat naar Toledo vragen we het nog eens.',
    ],
    'proof-expired': [
      'You typed your password more than half an hour ago, so we ask for it once more.',
      'Je wachtwoord invullen is al meer dan een half uur geleden. Daarom vragen we het nog eens.',
    ],
    'requirements-changed': [
      'Something in your account changed a moment ago, so we ask you to sign in once more.',
      'Er is net iets aan je account gewijzigd. Meld je daarom opnieuw aan.',
    ],
  };

  test.each(passwordReasons)('%s', async (because) => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const path = web.begin({ reauthenticate: true, asked: { step: 'password', because } });
    const browser = browserOf(web);
    for (const [index, language] of ['en', 'nl'].entries()) {
      const { body } = await browser.get(`${path}?lang=${language}`);
      expect(textOf(body, 'because')).toBe(sentences[because]?.[index]);
    }
    await typePassword(browser, path, 'u0000001');
    expect(audited(web)).toBe(because);
  });

  test('asks to confirm only where the same person is to sign in', async () => {
    const web = await startWeb();
    const confirms = [];
    for (const because of passwordReasons) {
      const path = web.begin({ reauthenticate: true, asked: { step: 'password', because } });
      const { body } = await browserOf(web).get(`${path}?lang=en`);
      if (textOf(body, 'title') === 'Confirm that it is you to continue to Toledo') confirms.push(because);
    }
    expect(confirms).toEqual(['prompt-login', 'max-age']);
  });

  test('says nothing beside a refusal, which has its own sentence', async () => {
    const web = await startWeb();
    const path = web.begin({ asked: { step: 'password', because: 'max-age' } });
    const { body } = await typePassword(browserOf(web), path, 'u0000001', 'wrong');
    expect(textOf(body, 'because')).toBeUndefined();
  });

  test('after half an hour, a change or another choice has its own reason', async () => {
    const web = await startWeb();
    const { account } = atVives(web);
    await web.storage.accounts.insert(account);
    const proven = async () => {
      const [path, browser] = [web.begin(), browserOf(web)];
      await typePassword(browser, path, 'r0011111');
      const shown = async () => textOf((await browser.get(`${path}?lang=en`)).body, 'because');
      return { shown, startOver: () => browser.post(path, { action: 'start-over' }) };
    };
    const [late, changed, other] = [await proven(), await proven(), await proven()];
    await other.startOver();
    expect(await other.shown()).toBeUndefined();
    const { revision } = (await web.storage.accounts.findById(account.id)) ?? account; // unfinished sign-ins are noted
    await web.storage.accounts.replace({ ...account, credentialsEpoch: 2, revision: revision + 1 }, revision);
    expect(await changed.shown()).toContain('Your password or your second step has changed');
    web.clock.now += 31 * 60_000;
    expect(await late.shown()).toContain('more than half an hour ago');
  });
});

describe('the second step of somebody who is signed in', () => {
  const sentences: Record<FactorReason, [en: string, nl: string]> = {
    'application-requires': ['To continue to Toledo you also need', 'Om door te gaan naar Toledo heb je ook'],
    'request-requires': ['To continue to Toledo you also need', 'Om door te gaan naar Toledo heb je ook'],
    'own-page-requires': ['To continue to Toledo you also need', 'Om door te gaan naar Toledo heb je ook'],
    'application-prefers': ['Toledo also asks for your second step', 'Toledo vraagt ook je tweede stap'],
    'organisation-requires': ['VIVES also asks for your second step', 'VIVES vraagt ook je tweede stap'],
    'own-factor': ['You set up a second step, so', 'Je hebt een tweede stap ingesteld, dus'],
  };

  test.each(factorReasons)('%s', async (because) => {
    const web = await startWeb();
    const atVivesToo =
      because === 'organisation-requires' ? [{ organisation: 'vives', role: 'student', source: 'csv' }] : [];
    const affiliations = [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }, ...atVivesToo];
    const { account, code } = atVives(web, { id: 'leuven-1', affiliations });
    await web.storage.accounts.insert(account);
    const demand = because === 'organisation-requires' || because === 'own-factor' ? {} : { secondFactor: because };
    const path = web.begin({ session, ...demand, asked: { step: 'second-factor', because } });
    const browser = browserOf(web);
    for (const [index, language] of ['en', 'nl'].entries()) {
      const { body } = await browser.get(`${path}?lang=${language}`);
      expect(body).toContain('r0011111. '.concat(sentences[because][index] ?? ''));
    }
    await browser.post(path, { code: code(), action: 'verify' });
    expect(audited(web)).toBe(because);
  });

  test('follows the password as always without a reason on the page, and with both in the audit log', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const [path, browser] = [web.begin(), browserOf(web)];
    await typePassword(browser, path, 'r0011111');
    expect((await browser.get(`${path}?lang=en`)).body).toContain('Second step for r0011111, to continue to Toledo.');
    await browser.post(path, { code: code(), action: 'verify' });
    expect(audited(web)).toBe('no-session organisation-requires');
  });
});

describe('setting up a second factor', () => {
  const application = [
    'You need a second step to continue to Toledo',
    'Om door te gaan naar Toledo heb je een',
  ] as const;
  const sentences: Record<EnrolReason, readonly [en: string, nl: string]> = {
    'application-requires': application,
    'request-requires': application,
    'own-page-requires': application,
    'organisation-requires': ['VIVES asks everyone for a second step', 'VIVES vraagt iedereen een tweede stap'],
  };

  test.each(Object.entries(sentences))('%s', async (because, [en, nl]) => {
    const web = await startWeb();
    const organisation = because === 'organisation-requires' ? 'vives' : 'kuleuven';
    await web.storage.accounts.insert(atLeuven({ affiliations: [{ organisation, role: 'staff', source: 'csv' }] }));
    const demand = because === 'organisation-requires' ? {} : { secondFactor: because as 'request-requires' };
    const [path, browser] = [web.begin(demand), browserOf(web)];
    await typePassword(browser, path, 'u0000001', password);
    expect(textOf((await browser.get(`${path}?lang=en`)).body, 'because')).toContain(en);
    expect(textOf((await browser.get(`${path}?lang=nl`)).body, 'because')).toContain(nl);
  });
});

describe('consent', () => {
  const sentences: Record<ConsentReason, [en: string, nl: string, remembered: boolean]> = {
    'first-time': ['If you allow access, Toledo receives:', 'Als je toegang geeft, krijgt Toledo:', true],
    'more-than-before': ['You gave Toledo access before', 'Je gaf Toledo al toegang', true],
    'prompt-consent': ['asks for your permission once more', 'vraagt opnieuw je toestemming', false],
    'unassured-application': ['We cannot verify that it is really Toledo', 'of het echt Toledo is', false],
  };

  test.each(consentReasons)('%s', async (because) => {
    const web = await startWeb();
    const consent = { scopes: ['email'], claims: [], resourceScopes: {}, shown: ['email'] };
    const path = web.begin({ prompt: 'consent', consent, asked: { step: 'consent', because } });
    const [en, nl, remembered] = sentences[because];
    const english = (await browserOf(web).get(`${path}?lang=en`)).body;
    expect(english).toContain(en);
    expect(english.includes('We remember your answer')).toBe(remembered);
    expect((await browserOf(web).get(`${path}?lang=nl`)).body).toContain(nl);
  });
});

test('whatever a person has proven and a request asks, the next step has a reason', () => {
  const some = <Value>(...values: Value[]) => values[Math.floor(Math.random() * values.length)] as Value;
  const now = Date.UTC(2026, 8, 21);
  const known = new Set<string>([...passwordReasons, ...factorReasons, ...closedReasons]);
  for (let round = 0; round < 5000; round += 1) {
    const { activatedAt: _, ...invited } = atLeuven();
    const account = some(
      undefined,
      invited,
      atLeuven({
        affiliations: some([], [{ organisation: some('vives', 'kuleuven'), role: 'student', source: 'csv' }]),
        totps: some([], [{ id: 't', name: '', sealedSeed: '', lastStep: 0, createdAt: 1 }]),
        ...some({}, { endsAt: now }, { windows: [{ from: now + 1 }] }, { windows: [{ until: now - 1 }] }),
      }),
    );
    const factor = some(
      undefined,
      'application-requires',
      'request-requires',
      'own-page-requires',
      'application-prefers',
    );
    const demand = { organisations, now, ...(factor === undefined ? {} : { factor: factor as 'request-requires' }) };
    const next = nextStep(account, some([], ['pwd'], ['swk'], ['pwd', 'otp', 'mfa']), demand, some(...passwordReasons));
    if (next.step !== 'complete') expect(known).toContain(next.because);
  }
});
