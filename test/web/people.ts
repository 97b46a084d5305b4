/** The people of the sign-in stories, and the shortest way to sign them in. */
import { randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import { newRecoveryCodes } from '../../src/domain/factors/recovery-code.ts';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import { anAccount } from '../support/account.ts';
import type { browserOf, RunningWeb } from '../support/web.ts';

export const password = 'paperclip violin onions lamp';

/** A person of KU Leuven, where the second factor is offered, with a password only. */
export function atLeuven(change: Partial<Account> = {}): Account {
  return anAccount({
    id: 'leuven-1',
    userNumbers: ['u0000001'],
    emails: ['lies.claes@kuleuven.be'],
    personalEmail: 'lies@example.org',
    affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }],
    activatedAt: 1,
    password: { hash: `plain$${password}`, setAt: 1 },
    ...change,
  });
}

/** A student of VIVES, where it is required, with an authenticator application and recovery codes. */
export function atVives(web: RunningWeb, change: Partial<Account> = {}) {
  const id = change.id ?? 'vives-1';
  const seed = newTotpSeed(randomBytes);
  const { codes, stored } = newRecoveryCodes(web.sealer, id, 0, randomBytes);
  const account = anAccount({
    id,
    activatedAt: 1,
    password: { hash: `plain$${password}`, setAt: 1 },
    totps: [{ id: 'totp-1', name: 'Phone', sealedSeed: web.sealer.seal(seed, id, 'totp'), lastStep: 0, createdAt: 1 }],
    recoveryCodes: stored,
    ...change,
  });
  const code = (offsetSeconds = 0) =>
    generateSync({ secret: seed, epoch: Math.floor(web.clock.now / 1000) + offsetSeconds });
  return { account, code, recoveryCodes: codes };
}

type Browser = ReturnType<typeof browserOf>;

/** Types login and password on an open sign-in. */
export function typePassword(browser: Browser, path: string, login: string, typed = password) {
  return browser.post(path, { login, password: typed, action: 'sign-in' });
}

/** What a reader sees: the page without nonces and challenges, which differ each time. */
export function asRead(html: string): string {
  return html
    .replaceAll(/nonce="[^"]*"/g, '')
    .replaceAll(/data-options="[^"]*"/g, '')
    .replaceAll(/\/interaction\/[0-9a-f]+/g, '/interaction/…');
}

/** The text of the element of that id, tags stripped. */
export function textOf(html: string, id: string): string | undefined {
  const found = new RegExp(`id="${id}"[^>]*>([\\s\\S]*?)</`).exec(html);
  return found?.[1]?.trim();
}
