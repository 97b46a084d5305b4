/** What the composition root gives to the background jobs. */
import type { Language } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import type { Hashing } from '../domain/passwords/stored-hash.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { KeySchedule } from '../domain/signing-keys/signing-key-schedule.ts';
import type { DeliveryDeps } from './deliveries.ts';
import type { EffectDeps } from './effects.ts';
import type { ExpiredSessionDeps } from './expired-sessions.ts';
import type { JobLog } from './log.ts';
import type { OutboxHooks } from './outbox-outcome.ts';
import type { WebhookJobDeps } from './webhooks.ts';
import type { WithdrawnAccessDeps } from './withdrawn-access.ts';

export type JobDeps = DeliveryDeps & {
  storage: Pick<
    Storage,
    | 'consents'
    | 'accounts'
    | 'clients'
    | 'clientUses'
    | 'incidents'
    | 'protocolRecords'
    | 'outbox'
    | 'auditLog'
    | 'leases'
    | 'values'
    | 'signingKeys'
    | 'roleGrants'
    | 'sweep'
    | 'clock'
    | 'webhooks'
  >;
  endSessions: EffectDeps['endSessions'];
  endExpired: ExpiredSessionDeps['endExpired'];
  /** Stores what applications were refused, which this node has noted. */
  writeRefusals: () => Promise<void>;
  /** Stores what happened under incident numbers, which this node has noted. */
  writeIncidents: () => Promise<void>;
  /** Stores when applications were used, which this node has noted. */
  writeUses: () => Promise<void>;
  withdraw: WithdrawnAccessDeps['withdraw'];
  hashing: Pick<Hashing, 'wrap'>;
  sealer: Sealer;
  keySchedule: KeySchedule;
  organisations: Organisation[];
  /** For contacts of applications and webhooks, of whom nothing else is known. */
  defaultLanguage: Language;
  /** as `SendDeps`: how webhooks are called */
  callWebhook: WebhookJobDeps['fetch'];
  endWarningDays: readonly number[];
  /** how long the link of an invitation works */
  invitationSeconds: number;
  /** path of the file that notes who was erased; absent: none is kept */
  erasureJournal?: string;
  /** how long the audit log is kept, as an ISO 8601 duration; absent: for ever */
  auditRetain?: string;
  /** A random name of this process among the nodes. */
  holder: string;
  now: () => number;
  random: () => number;
  randomBytes: RandomBytes;
  log: JobLog;
  /** whether people are being answered right now; absent: nobody is */
  busy?: () => boolean;
  hooks?: OutboxHooks;
};
