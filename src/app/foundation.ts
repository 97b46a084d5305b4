/** What pages and APIs stand on: app.ts makes it once and hands it to each of them. */
import type { createTranslations } from '../../locales/index.ts';
import type { Config } from '../config/load.ts';
import type { Account } from '../domain/account/account.ts';
import type { Language } from '../domain/account/languages.ts';
import type { Provider } from '../domain/clients/presets/preset-rendering.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { KeySchedule } from '../domain/signing-keys/signing-key-schedule.ts';
import type { createNetworks } from '../http/client-address.ts';
import type { Oidc } from '../oidc/oidc.ts';
import type { Log } from '../operation/log.ts';
import type { Metrics } from '../operation/metrics.ts';
import type { EditPorts } from '../use-cases/clients/edit-client.ts';
import type { PreviewPorts } from '../use-cases/clients/preview-release.ts';
import type { ImportPorts } from '../use-cases/import/administer-imports.ts';
import type { WebDeps } from '../web/web.ts';
import type { Presets } from './presets.ts';

export type Foundation = {
  config: Config;
  storage: Storage;
  sealer: Sealer;
  log: Log;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
  metrics: Metrics;
  oidc: Oidc;
  keySchedule: KeySchedule;
  importing: ImportPorts;
  translations: ReturnType<typeof createTranslations>;
  presets: Presets;
  /** what the texts of presets are filled with */
  provider(language: Language): Provider;
  /** by what a preview makes values as tokens have them */
  previewing: Pick<PreviewPorts, 'domain' | 'pairwise'>;
  /** what a registration names that is not configured, or why requests that use it would be refused */
  judgeRegistration: EditPorts['judge'];
  /** where a request comes from, for the protocol and the APIs; the pages have their own */
  network: ReturnType<typeof createNetworks>;
  /** calls a webhook within the bounds of all outgoing calls (oidc/outgoing/outgoing.ts), in the time that a delivery has */
  callWebhook: WebDeps['callWebhook'];
  dispatchEffects(account: Account): void;
};
