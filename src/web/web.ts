/** The dependencies that every page and form gets. */
import type Koa from 'koa';
import type { Account, Decision } from '../domain/account/account.ts';
import type { Language } from '../domain/account/languages.ts';
import { type NotMeDeps, withNotMeLink } from '../domain/account/not-me-links.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { ApplicationLink } from '../domain/clients/client-links.ts';
import type { Preset } from '../domain/clients/presets/preset.ts';
import type { Provider } from '../domain/clients/presets/preset-rendering.ts';
import type { ActingPerson } from '../domain/factors/factor.ts';
import type { Source } from '../domain/feed/source.ts';
import type { Judging } from '../domain/passwords/password.ts';
import type { Hashing } from '../domain/passwords/stored-hash.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Attempts } from '../domain/ports/attempts.ts';
import type { ChangeEntry } from '../domain/ports/audit-log.ts';
import type { Clients } from '../domain/ports/clients.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Watches } from '../domain/ports/watches.ts';
import type { PasswordLimiter } from '../domain/rate-limits/password-guess.ts';
import type { LimitHit } from '../domain/rate-limits/rate-limits.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { Proof } from '../domain/sign-in/proof.ts';
import type { RefusalReason } from '../domain/sign-in/reason.ts';
import type { KeySchedule } from '../domain/signing-keys/signing-key-schedule.ts';
import type { Assets } from '../http/assets.ts';
import type { NamedNetwork, Network } from '../http/client-address.ts';
import type { Log } from '../http/errors.ts';
import type { Pages } from '../http/page.ts';
import type { Browsers } from '../http/sealed-cookie.ts';
import type { ApiReference } from '../http/views.ts';
import type { Devices } from '../oidc/devices/device-requests.ts';
import type { Interactions } from '../oidc/sign-in/interaction.ts';
import type { OpenSessions } from '../oidc/sign-in/open-sessions.ts';
import type { Sessions } from '../oidc/sign-in/session.ts';
import type { TrialDesk } from '../oidc/trials/trial.ts';
import type { EditPorts } from '../use-cases/clients/edit-client.ts';
import type { PreviewPorts } from '../use-cases/clients/preview-release.ts';
import type { ImportPorts } from '../use-cases/import/administer-imports.ts';
import type { IncidentNotes } from '../use-cases/incidents/note-incidents.ts';
import type { Happened } from './incidents.ts';
import type { KnownBrowsers } from './sign-in/known-browser.ts';
import type { TrustedBrowsers } from './sign-in/trusted-browsers.ts';

/** What the composition root passes to this folder. */
export type WebDeps = {
  issuer: string;
  /** The RP ID of passkeys: the host of the issuer, a domain above it, or one that is related by `relatedOrigins`. */
  passkeyDomain: string;
  /** Origins that may use these passkeys beside those within the domain. If empty, `/.well-known/webauthn` is not there. */
  relatedOrigins: string[];
  /** Where a request comes from. */
  network(ctx: Koa.Context): Network;
  /** Networks with a name and limits of their own; of those that hold an address the first counts. */
  networks: NamedNetwork[];
  organisations: Organisation[];
  /** Those of the configuration. */
  sources: Source[];
  /** Used if neither visitor, application, account nor browser names a known language. */
  defaultLanguage: Language;
  hideUnknownNumbers: boolean;
  /** For how long a browser is trusted (rule 10); 0: none is. */
  trustedBrowserDays: number;
  oldActivationPaths: string[];
  /** URIs (`mailto:`, `https:`, `tel:`), most preferred first. If empty, there is no security.txt. */
  securityContact: string[];
  securityPolicy?: string;
  lifetimes: { activationCodeSeconds: number; invitationSeconds: number; resetSeconds: number };
  accounts: Accounts;
  attempts: Attempts;
  /** What the use cases of the console read and change; other pages name the ports that they use. */
  ports: Omit<Storage, 'archive' | 'close' | 'sweep'>;
  /** The products that an application can be registered as, in the order of the list. */
  catalogue(): readonly Preset[];
  /** How a registration is judged before it is stored. */
  registering: Pick<EditPorts, 'judge' | 'knowsPerson' | 'fetchLogo'>;
  /** By what a preview makes values as tokens have them. */
  previewing: Pick<PreviewPorts, 'domain' | 'pairwise'>;
  /** What their texts are filled with. */
  provider(language: Language): Provider;
  /** What the console tells of this node, and what rotating keys needs. Times in epoch ms. */
  operation: {
    startedAt: number;
    versions: { pedel: string; node: string; storage: string };
    keySchedule: KeySchedule;
    /** how long the audit log is kept, as an ISO 8601 duration; undefined: for ever */
    auditRetain: string | undefined;
    jobs(): { name: string; everyMs: number; succeededAt?: number; failedAt?: number }[];
    clockAheadMs(): number | undefined;
  };
  /** Imports, each in a process of its own. */
  importing: ImportPorts;
  /** How large a file may be that is uploaded for one. */
  importMegabytes: number;
  /** For /readyz. */
  ready: Storage['ready'];
  /** What an operator should look at although this node is ready, one sentence each. Asked once a second at most. */
  notices?(): Promise<string[]>;
  sealer: Sealer;
  hashing: Hashing;
  judging: Judging;
  interactions: Interactions;
  devices: Devices;
  sessions: Sessions;
  browsers: Browsers;
  pages: Pages;
  assets: Assets;
  /** What the management API offers; absent: there is none, and no page of it. */
  apiReference?(): Promise<ApiReference>;
  /** Sign-ins of administrators to applications that they try. */
  trials: Omit<TrialDesk, 'admits'>;
  /** Applications whose sign-ins somebody watches; `writeSteps` stores what this node noted of them. */
  watches: Watches;
  writeSteps(): Promise<void>;
  /** What pages showed incident numbers for: noted at once, written by a job. */
  incidentNotes: IncidentNotes;
  /** Whether applications may register themselves. */
  registrationIsOpen: boolean;
  /** For calls to addresses that applications name: it is guarded (rule 18). */
  outgoing(input: string | URL, init?: RequestInit): Promise<Response>;
  /** For test calls to webhooks: guarded as well, with the time that a delivery has. */
  callWebhook(input: string, init: RequestInit): Promise<Response>;
  /** Reads the logo of an application. */
  picture: Clients['picture'];
  /** The association's own applications that have a page of their own; shown after an activation. */
  applications?(account: Account): Promise<ApplicationLink[]>;
  openSessions: OpenSessions;
  /** Takes back what an application holds of a person, and tells it (oidc/withdrawal.ts). */
  withdraw(clientId: string, accountId: string, because: RefusalReason, entry?: ChangeEntry): Promise<boolean>;
  /** Called at the first refusal of a limit for somebody in a window. */
  onLimitHit(hit: LimitHit): void;
  /** Called with every password, code and passkey that was judged or refused. */
  onProof(proof: Proof): void;
  /** Appends to the audit log what belongs to no write. Works in the background, so that no answer waits for it (rule 1). */
  audit(entry: ChangeEntry): void;
  /** Dispatches an account's effects after every write that changed it. Works in the background and never throws. */
  dispatchEffects(account: Account): void;
  /** Epoch milliseconds. */
  now(): number;
  randomBytes(size: number): Uint8Array;
  log: Log;
};

/** What every flow gets: `WebDeps` without the parts that only `update` and `trace` use, and those. */
export type Web = Omit<WebDeps, 'audit' | 'onProof'> & {
  /** Notes what happened. @returns the incident number for the page and the log */
  incident(ctx: Koa.Context, happened: Happened): string;
  /** The configured name of the network that holds an address. */
  placeNamed(address: string): string | undefined;
  /**
   * Leaves the trace of a password, code or passkey: log, counters, audit log (rule 31). `counters`: where the try was
   * counted; absent: in the database. Throws what the storage throws.
   */
  trace(ctx: Koa.Context, proof: Proof, counters?: Attempts): Promise<void>;
  /** What this process knows by itself of the passwords that it judges. */
  counting: Pick<PasswordLimiter, 'memory' | 'underWay'>;
  /** The actor for domain rules: the time, the full network address, and the session if there is one. */
  acting(ctx: Koa.Context, sessionUid?: string): ActingPerson & { network: string };
  knownBrowsers: KnownBrowsers;
  trustedBrowsers: TrustedBrowsers;
  /**
   * `updateAccount`, after which the effects of the change (emails, logouts, audit entries) are dispatched. Emails that ask
   * "was this you?" get the link that says no. Throws the same errors.
   */
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
  ...deps
}: Pick<WebDeps, 'accounts' | 'dispatchEffects' | keyof NotMeDeps>): Web['update'] {
  return async (id, rule, known) => {
    const updated = await updateAccount(accounts, id, (read) => withNotMeLink(read, rule(read), deps), known);
    if (updated.changed) dispatchEffects(updated.account);
    return updated;
  };
}
