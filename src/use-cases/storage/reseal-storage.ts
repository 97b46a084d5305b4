/** Brings everything that is sealed and lasts under the current secret, page by page, or only counts it. */
import { updateAccount } from '../../domain/account/update-account.ts';
import type { ArchiveKind, ArchiveRecords } from '../../domain/ports/archive.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import { Problem } from '../../domain/problem.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { allOf, type ConfiguredSecrets, lastingValues } from '../../domain/sealing/lasting-key.ts';
import { type Resealing, resealRecord } from '../../domain/sealing/reseal.ts';
import { createSealer } from '../../domain/sealing/sealer.ts';

const PAGE = 200;

/** Numbers of records. `old`: under another secret than the current one; `unreadable`: no known secret opens it. */
export type SealCounts = Record<'accounts' | 'signingKeys' | 'values' | 'webhooks' | 'letters', Counted>;
export type Counted = { looked: number; old: number; unreadable: number };

type ResealDeps = {
  storage: Pick<Storage, 'accounts' | 'signingKeys' | 'values' | 'outbox' | 'webhooks'>;
  resealing: Resealing;
  /** gets the number of accounts looked at so far */
  progress(accounts: number): void;
};

/** The sealers for `sealAnew`, from the configured secrets. */
export function resealingWith(secrets: ConfiguredSecrets, randomBytes: RandomBytes): Resealing {
  return {
    current: createSealer({ secrets: [secrets.secret] }, randomBytes),
    all: createSealer({ secrets: allOf(secrets) }, randomBytes),
  };
}

/**
 * Seals again what is under another secret (`change`), or only counts it. It can be repeated: what is current stays as
 * it is, and each account is one compare-and-set write. E-mails under way are only counted, because their secrets go
 * with their delivery.
 * @throws Problem `lost_race`
 */
export async function sealAnew(deps: ResealDeps, change: boolean): Promise<SealCounts> {
  return {
    values: await values(deps, change),
    signingKeys: await signingKeys(deps, change),
    accounts: await accounts(deps, change),
    webhooks: await webhooks(deps, change),
    letters: await letters(deps),
  };
}

async function values({ storage, resealing }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = none();
  for (const name of lastingValues) {
    const value = await storage.values.get(name);
    if (value === undefined) continue;
    const resealed = lookAt('values', { name, value }, resealing, counted);
    if (change && resealed !== undefined) await storage.values.replace(name, resealed.value, value);
  }
  return counted;
}

async function signingKeys({ storage, resealing }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = none();
  for (const key of await storage.signingKeys.list()) {
    const { kid, sealedPrivateJwk } = key;
    const resealed = lookAt('signingKeys', key, resealing, counted);
    if (change && resealed !== undefined)
      await storage.signingKeys.update(kid, { sealedPrivateJwk: resealed.sealedPrivateJwk }, { sealedPrivateJwk });
  }
  return counted;
}

async function accounts({ storage, resealing, progress }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = none();
  for (let after: string | undefined; ; ) {
    const page = await storage.accounts.search('', after, PAGE);
    const old = page.filter((read) => lookAt('accounts', read, resealing, counted) !== undefined);
    if (change) await Promise.all(old.map(({ id }) => resealOne(storage.accounts, id, resealing))); // they share a commit
    progress(counted.looked);
    after = page.at(-1)?.id;
    if (page.length < PAGE) return counted;
  }
}

async function resealOne(stored: Storage['accounts'], id: string, resealing: Resealing): Promise<void> {
  try {
    await updateAccount(stored, id, (read) => {
      const { record: account } = resealRecord('accounts', read, resealing);
      return { outcome: undefined, ...(account === undefined ? {} : { account }) };
    });
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'account_missing')) throw error; // deleted since
  }
}

async function webhooks({ storage, resealing }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = none();
  for (let after: string | undefined; ; ) {
    const page = await storage.webhooks.list(after, PAGE);
    for (const webhook of page) {
      const { revision } = webhook;
      const resealed = lookAt('webhooks', webhook, resealing, counted);
      // one that was changed meanwhile is counted as old afterwards, and the command is run again
      if (change && resealed !== undefined)
        await storage.webhooks.put({ ...resealed, revision: revision + 1 }, revision);
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return counted;
  }
}

async function letters({ storage, resealing }: ResealDeps): Promise<Counted> {
  const counted = none();
  for (const state of ['waiting', 'set-aside'] as const) {
    for (let after: string | undefined, more = true; more; ) {
      const page = await storage.outbox.list({ kind: 'letter', state }, after, PAGE);
      for (const entry of page) if ('sealedSecret' in entry.payload) lookAt('outbox', entry, resealing, counted);
      after = page.at(-1)?.id;
      more = page.length === PAGE;
    }
  }
  return counted;
}

const none = (): Counted => ({ looked: 0, old: 0, unreadable: 0 });

/** Counts the record and returns it sealed again. Undefined: nothing of it is under another secret. */
function lookAt<Kind extends ArchiveKind>(
  kind: Kind,
  read: ArchiveRecords[Kind],
  resealing: Resealing,
  counted: Counted,
): ArchiveRecords[Kind] | undefined {
  const { record, unreadable } = resealRecord(kind, read, resealing);
  counted.looked += 1;
  if (record !== undefined) counted.old += 1;
  if (unreadable) counted.unreadable += 1;
  return record;
}
