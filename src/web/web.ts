/** What every page and form is given: the rooms below, who is asking from where, and which browsers are known. */
import type Koa from 'koa';
import type { Account, Decision } from '../domain/account/account.ts';
import type { Language, Localized } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { ActingPerson } from '../domain/factors/factor.ts';
import type { Hashing } from '../domain/passwords/password-hash.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Attempts } from '../domain/ports/attempts.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { Assets } from '../http/assets.ts';
import type { Network, UnreadableEntry } from '../http/client-address.ts';
import type { Log } from '../http/errors.ts';
import type { Pages } from '../http/page.ts';
import type { Interactions } from '../oidc/interaction.ts';
import type { Sessions } from '../oidc/session.ts';
import type { KnownBrowsers } from './sign-in/known-browser.ts';

/** What the composition hands to this room. */
export type WebDeps = {
  issuer: string;
  trustedProxies: string[];
  organisations: Organisation[];
  /** where neither visitor, application, account nor browser says one that we speak */
  defaultLanguage: Language;
  hideUnknownNumbers: boolean;
  oldActivationPaths: string[];
  /** URIs (`mailto:`, `https:`, `tel:`) in order of preference; empty: there is no security.txt */
  securityContact: string[];
  securityPolicy?: string;
  lifetimes: { activationCodeSeconds: number; invitationSeconds: number; resetSeconds: number };
  accounts: Accounts;
  attempts: Attempts;
  /** for /readyz */
  ready: Storage['ready'];
  sealer: Sealer;
  hashing: Hashing;
  interactions: Interactions;
  sessions: Sessions;
  pages: Pages;
  assets: Assets;
  /** the association's own applications that have a page to go to, for who has just activated */
  applications?(account: Account): Promise<{ name: Localized; uri: string }[]>;
  /** told of what a trusted proxy put into X-Forwarded-For and is no address, once for each request */
  onUnreadableAddress(found: UnreadableEntry): void;
  /** after every changing write of an account: moves its effects on, in the background; never throws */
  dispatchEffects(account: Account): void;
  /** epoch milliseconds */
  now(): number;
  randomBytes(size: number): Uint8Array;
  log: Log;
};

/** What every flow gets: the above without what only `update` and `network` may use, who is asking from where, and which browsers are known. */
export type Web = Omit<WebDeps, 'dispatchEffects' | 'onUnreadableAddress'> & {
  network(ctx: Koa.Context): Network;
  /** who acts, as rules are told: now, from where, and in which session where there is one */
  acting(ctx: Koa.Context, sessionUid?: string): ActingPerson & { network: string };
  knownBrowsers: KnownBrowsers;
  /** `updateAccount`, and what the change asks for (letters, logouts, the audit log) goes out. Same errors. */
  update<Outcome>(
    id: string,
    rule: (account: Account) => Decision<Outcome>,
    known?: Account,
  ): ReturnType<typeof updateAccount<Outcome>>;
};

/** @see Web.update */
export function createUpdate({
  accounts,
  dispatchEffects,
}: Pick<WebDeps, 'accounts' | 'dispatchEffects'>): Web['update'] {
  return async (id, rule, known) => {
    const updated = await updateAccount(accounts, id, rule, known);
    if (updated.changed) dispatchEffects(updated.account);
    return updated;
  };
}
