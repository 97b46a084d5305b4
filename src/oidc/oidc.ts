/** The identity provider as the other rooms see it: what it is made of, and what it offers them. */
import type Koa from 'koa';
import type { Organisation } from '../domain/account/organisation.ts';
import type { OwnPageNames } from '../domain/clients/own-client.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Watches } from '../domain/ports/watches.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { ClientFailuresOptions } from './clients/client-failures.ts';
import type { Devices } from './devices/device-requests.ts';
import type { Documents } from './documents.ts';
import type { Withdrawal } from './ends/withdrawal.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { createOutgoingFetch } from './outgoing/outgoing.ts';
import type { Log, ProtocolPages } from './page-sources.ts';
import type { MayStore } from './records/stored-for-strangers.ts';
import type { RefusalNotesOptions } from './refusals/refusals.ts';
import type { DynamicRegistration } from './registration/registration.ts';
import type { Browsers } from './sign-in/browser.ts';
import type { Interactions } from './sign-in/interaction.ts';
import type { OpenSessions } from './sign-in/open-sessions.ts';
import type { Sessions } from './sign-in/session.ts';
import type { ServiceToken } from './tokens/service-tokens.ts';
import type { TrialDesk } from './trials/trial.ts';

export type OidcOptions = {
  /** A URL without a path. */
  issuer: string;
  /** Of identifiers for life (`passkeyDomain` of the configuration); absent: the host of `issuer`. */
  domain?: string;
  storage: Pick<
    Storage,
    | 'accounts'
    | 'clients'
    | 'clientUses'
    | 'consents'
    | 'initialAccessTokens'
    | 'protocolRecords'
    | 'signingKeys'
    | 'values'
    | 'outbox'
    | 'refusals'
  >;
  sealer: Sealer;
  organisations: Organisation[];
  /** for how long a browser is trusted (rule 10); 0 or absent: none is */
  trustedBrowserDays?: number;
  lifetimes: Lifetimes;
  /** CIDRs that outgoing calls may reach although they are private. */
  allowNetworks: string[];
  now: () => number;
  randomBytes: RandomBytes;
  log: Log;
  pages: ProtocolPages;
  ownPageNames: OwnPageNames;
  /** How long applications may cache the published keys, in seconds. */
  jwksCacheSeconds: number;
  /** Where a request comes from, as limits count it. Absent: the address of its socket. */
  network?: ClientFailuresOptions['network'];
  /** Called with each application that could not prove who it is; undefined: it is not registered. */
  onClientFailed?: ClientFailuresOptions['onClientFailed'];
  /** Called with what each application was refused. */
  onRefusal?: RefusalNotesOptions['onRefusal'];
  /** Called when somebody is signed in to an application; a trial is none. */
  onSignIn?: (client: string, amr: readonly string[]) => void;
  /** The id of a browser that signed in before; undefined: it did not, or has lost its cookie. */
  knownBrowser?: (ctx: Koa.Context) => string | undefined;
  /** Only tests replace it (stored-for-strangers.ts). */
  strangersMayStore?: MayStore;
  /** Absent: applications do not register themselves. */
  dynamicRegistration?: DynamicRegistration | undefined;
  /** Called after an entry was put into the outbox, so that it is delivered at once. */
  wakeOutbox?: () => void;
};

export type Oidc = {
  /** The protocol's endpoints. Other requests go to `next`. */
  middleware: Koa.Middleware;
  /** Why requests that use a registration would be refused, in one sentence; undefined: they would not. */
  judgeRegistration(record: ClientRecord): Promise<string | undefined>;
  /** Answers most requests for discovery and the published keys, ahead of the middleware. @returns whether it did */
  answerDocument: Documents['answer'];
  interactions: Interactions;
  sessions: Sessions;
  /** Where a person is signed in. */
  openSessions: OpenSessions;
  /** Takes back what a person granted to an application, and tells it. */
  withdraw: Withdrawal['withdraw'];
  browsers: Browsers;
  devices: Devices;
  /** Sign-ins of administrators to applications that they try. */
  trials: Omit<TrialDesk, 'admits'>;
  /** One attempt. @throws Error with a short reason; `permanent: true` if another attempt is of no use */
  deliverBackchannelLogout(entry: OutboxEntry): Promise<void>;
  /**
   * Reads changed signing keys and clients now. Otherwise keys are read within `REREAD_MS` and clients within a
   * second.
   */
  reload(): Promise<void>;
  /** Applications whose sign-ins somebody watches. */
  watches: Watches;
  /** A token of a service that is made out to exactly this API (service-tokens.ts). @throws what the storage throws */
  findServiceToken(value: string, audience: string): Promise<ServiceToken | undefined>;
  /** Calls another host within the bounds of all outgoing calls (outgoing.ts). */
  fetch: ReturnType<typeof createOutgoingFetch>;
  /** Call it after a registration was changed here, so that this node knows it at once. */
  clientsChanged(): void;
  /** Stores what applications were refused since the last call, and what is watched. @throws what the storage throws */
  writeRefusals(): Promise<void>;
  /** Stores when they were used, as `writeRefusals`. */
  writeUses(): Promise<void>;
};
