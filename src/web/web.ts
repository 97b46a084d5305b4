/** What every page and form is given: the rooms below, who is asking from where, and which browsers are known. */
import type Koa from 'koa';
import type { Account, Ruling } from '../domain/account.ts';
import type { Localized, Organisation } from '../domain/organisation.ts';
import type { Hashing } from '../domain/password-hash.ts';
import type { Accounts, Attempts, Storage } from '../domain/ports.ts';
import type { Sealer } from '../domain/sealed.ts';
import { updateAccount } from '../domain/update-account.ts';
import type { Interactions } from '../oidc/interaction.ts';
import type { Sessions } from '../oidc/session.ts';
import type { Assets } from './assets.ts';
import type { Devices } from './device.ts';
import type { Log } from './errors.ts';
import type { Network } from './network.ts';
import type { Pages } from './page.ts';

/** What the composition hands to this room. */
export type WebDeps = {
  issuer: string;
  trustedProxies: string[];
  organisations: Organisation[];
  hideUnknownNumbers: boolean;
  oldActivationPaths: string[];
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
  /** after every changing write of an account: moves its effects on, in the background; never throws */
  handOn(account: Account): void;
  /** epoch milliseconds */
  now(): number;
  randomBytes(size: number): Uint8Array;
  log: Log;
};

/** What every flow gets: the above without what only `update` may use, who is asking from where, and which browsers are known. */
export type Web = Omit<WebDeps, 'handOn'> & {
  network(ctx: Koa.Context): Network;
  devices: Devices;
  /** `updateAccount`, and what the change asks for (letters, logouts, the audit log) goes out. Same errors. */
  update<Outcome>(
    id: string,
    rule: (account: Account) => Ruling<Outcome>,
    known?: Account,
  ): ReturnType<typeof updateAccount<Outcome>>;
};

/** @see Web.update */
export function createUpdate({ accounts, handOn }: Pick<WebDeps, 'accounts' | 'handOn'>): Web['update'] {
  return async (id, rule, known) => {
    const updated = await updateAccount(accounts, id, rule, known);
    if (updated.changed) handOn(updated.account);
    return updated;
  };
}
