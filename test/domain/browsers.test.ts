/** Browsers that an account has seen: of a new one its owner is told once, and a disowned one is new again. */
import { describe, expect, test } from '@jest/globals';
import type { Account, EffectInput } from '../../src/domain/account/account.ts';
import {
  isNewBrowser,
  MOST_BROWSERS,
  type SigningBrowser,
  withBrowser,
  withBrowserDisowned,
} from '../../src/domain/account/browsers.ts';
import { acceptSignIn } from '../../src/domain/sign-in/sign-in.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const now = Date.UTC(2026, 8, 21);
const chrome: SigningBrowser = { id: 'b1', name: 'Chrome', system: 'Windows', network: 'campus' };
const active = anAccount({
  activatedAt: 1,
  affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }],
});
let links = 0;

function signIn(account: Account, signing: SigningBrowser, at = now) {
  links += 1;
  const ticket = { id: `t${links}`, purpose: 'not-me' as const, createdAt: at, expiresAt: at + 1000, tries: 0 };
  const decision = acceptSignIn(account, {
    expectedEpoch: account.credentialsEpoch,
    amr: ['pwd'],
    evidence: { kind: 'none' },
    client: 'toledo',
    network: '10.0.0.1',
    browser: { signing, prepared: { ticket, sealedSecret: 'sealed' } },
    asked: ['no-session'],
    organisations,
    now: at,
  });
  const letters = (decision.effects ?? []).flatMap((effect: EffectInput) =>
    effect.kind === 'letter' ? [effect.letter] : [],
  );
  const [entry] = (decision.effects ?? []).flatMap((effect: EffectInput) =>
    effect.kind === 'audit' ? [effect.entry] : [],
  );
  return { account: decision.account as Account, letters, details: entry?.details };
}

describe('a browser that the account has not seen', () => {
  test('is told to both addresses with a link, once, and kept', () => {
    const first = signIn(active, chrome);
    expect(first.letters.map(({ template, to, sealedSecret }) => [template, to, sealedSecret])).toEqual([
      ['new-browser', 'annelies@example.org', 'sealed'],
      ['new-browser', 'annelies.peeters@student.vives.be', 'sealed'],
    ]);
    expect(first.letters[0]?.data).toMatchObject({ name: 'Chrome', system: 'Windows', network: 'campus' });
    expect(first.account.tickets).toMatchObject([{ purpose: 'not-me', browser: 'b1' }]);
    expect(first.details).toMatchObject({ browser: 'b1', agent: 'Chrome/Windows', seen: 'no' });
    const again = signIn(first.account, chrome, now + 5);
    expect(again.letters).toEqual([]);
    expect(again.account.browsers).toEqual([{ ...chrome, firstAt: now, lastAt: now + 5 }]);
    expect(again.details).not.toHaveProperty('seen');
  });

  test('is not new where its cookie proves an earlier sign-in, whatever the epoch was', () => {
    const changed = { ...active, credentialsEpoch: 4 };
    const { letters, account } = signIn(changed, { ...chrome, cookieEpoch: 2 });
    expect(letters).toEqual([]);
    expect(account.browsers).toEqual([{ ...chrome, firstAt: now, lastAt: now }]);
  });

  test('outlives epochs', () => {
    const { account } = signIn(active, chrome);
    expect(isNewBrowser({ ...account, credentialsEpoch: 9 }, chrome)).toBe(false);
  });

  test('at most 20 are kept, the ones used last, and at most 20 links work', () => {
    let account = active;
    for (let index = 0; index < MOST_BROWSERS + 5; index += 1) {
      account = signIn(account, { id: `b${index}` }, now + index).account;
      account = signIn(account, { id: 'b0' }, now + index).account;
    }
    expect(account.browsers).toHaveLength(MOST_BROWSERS);
    expect(account.browsers?.map(({ id }) => id)).toContain('b0');
    expect(isNewBrowser(account, { id: 'b1' })).toBe(true);
    expect(isNewBrowser(account, { id: 'b1', cookieEpoch: 1 })).toBe(false);
    expect(account.tickets).toHaveLength(MOST_BROWSERS);
  });
});

describe('a disowned browser', () => {
  const seen = withBrowser(withBrowser(active, chrome, now), { id: 'b2' }, now);

  test('is new again, the others are not, and its cookie of before proves nothing', () => {
    const disowned = withBrowserDisowned(seen, 'b1', 2, now);
    expect(isNewBrowser(disowned, { ...chrome, cookieEpoch: 1 })).toBe(true);
    expect(isNewBrowser(disowned, { id: 'b2', cookieEpoch: 1 })).toBe(false);
    expect(isNewBrowser(disowned, { id: 'b3', cookieEpoch: 1 })).toBe(true);
    expect(isNewBrowser(disowned, { id: 'b3', cookieEpoch: 2 })).toBe(false);
    const owner = withBrowser(disowned, chrome, now + 1); // it signed in again, and the owner was told
    expect(isNewBrowser(owner, chrome)).toBe(false);
  });

  test('where it is not known which, all are new', () => {
    const disowned = withBrowserDisowned(seen, undefined, 2, now);
    expect([chrome, { id: 'b2' }].map((each) => isNewBrowser(disowned, each))).toEqual([true, true]);
  });
});
