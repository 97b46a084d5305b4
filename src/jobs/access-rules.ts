/** Looks whether changed rules of access wait to be applied, and lets health and the log say so. */
import type { Organisation } from '../domain/account/organisation.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { rulesNotice } from '../use-cases/lifecycle/applied-rules.ts';
import type { JobLog } from './log.ts';

export type WatchedRules = { check(): Promise<void>; notice(): string | undefined };

export function watchAccessRules(deps: {
  storage: Pick<Storage, 'accounts' | 'values'>;
  organisations: readonly Organisation[];
  log: JobLog;
}): WatchedRules {
  let told: string | undefined;
  return {
    async check() {
      const found = await rulesNotice(deps.storage, deps.organisations);
      if (found !== undefined && told === undefined) deps.log.warn({}, found);
      told = found;
    },
    notice: () => told,
  };
}
