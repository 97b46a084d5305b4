/** Walks through everything that is sealed and lasts, page by page, and brings it under the current secret; or only counts. */
import { updateAccount } from '../domain/account.ts';
import { lastingValues, VALUES_OWNER } from '../domain/lasting-key.ts';
import type { OutboxEntry, Storage } from '../domain/ports.ts';
import { Problem } from '../domain/problem.ts';
import { type Resealing, reseal, resealAccount } from '../domain/reseal.ts';
import { sealerUnder } from '../domain/sealed.ts';
import { SIGNING_KEY_FIELD } from '../domain/signing-key.ts';

const PAGE = 200;

/** Numbers of accounts, signing keys, values and letters. `old`: under another secret than the current one. */
export type SealCounts = Record<'accounts' | 'signingKeys' | 'values' | 'letters', Counted>;
export type Counted = { looked: number; old: number; unreadable: number };

export type ResealDeps = {
  storage: Pick<Storage, 'accounts' | 'signingKeys' | 'values' | 'outbox'>;
  resealing: Resealing;
  /** accounts looked at so far */
  progress(accounts: number): void;
};

export function resealingWith(secrets: { secret: string; previousSecret?: string; nextSecret?: string }): Resealing {
  const { secret, previousSecret, nextSecret } = secrets;
  const others = [previousSecret, nextSecret].filter((each) => each !== undefined);
  return { current: sealerUnder([secret], undefined), all: sealerUnder([secret, ...others], undefined) };
}

/**
 * Seals anew what is under another secret (`change`), or only counts it. Again and again does no harm: what is current
 * stays as it is, and each account is one compare-and-set write. Letters under way are counted only: each is gone when
 * it is delivered or given up.
 */
export async function sealAnew(deps: ResealDeps, change: boolean): Promise<SealCounts> {
  return {
    values: await values(deps, change),
    signingKeys: await signingKeys(deps, change),
    accounts: await accounts(deps, change),
    letters: await letters(deps),
  };
}

async function values({ storage, resealing }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = { looked: 0, old: 0, unreadable: 0 };
  for (const name of lastingValues) {
    const stored = await storage.values.get(name);
    if (stored === undefined) continue;
    counted.looked += 1;
    const result = reseal(stored, VALUES_OWNER, name, resealing);
    if (result.kind === 'unreadable') counted.unreadable += 1;
    if (result.kind !== 'resealed') continue;
    counted.old += 1;
    if (change) await storage.values.replace(name, result.sealed, stored);
  }
  return counted;
}

async function signingKeys({ storage, resealing }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = { looked: 0, old: 0, unreadable: 0 };
  for (const { kid, sealedPrivateJwk } of await storage.signingKeys.list()) {
    counted.looked += 1;
    const result = reseal(sealedPrivateJwk, kid, SIGNING_KEY_FIELD, resealing);
    if (result.kind === 'unreadable') counted.unreadable += 1;
    if (result.kind !== 'resealed') continue;
    counted.old += 1;
    if (change) await storage.signingKeys.update(kid, { sealedPrivateJwk: result.sealed }, { sealedPrivateJwk });
  }
  return counted;
}

async function accounts({ storage, resealing, progress }: ResealDeps, change: boolean): Promise<Counted> {
  const counted = { looked: 0, old: 0, unreadable: 0 };
  for (let after: string | undefined; ; ) {
    const page = await storage.accounts.search('', after, PAGE);
    const found = page.map((read) => ({ id: read.id, ...resealAccount(read, resealing) }));
    const old = found.filter(({ account }) => account !== undefined);
    counted.looked += found.length;
    counted.old += old.length;
    counted.unreadable += found.filter(({ unreadable }) => unreadable > 0).length;
    if (change) await Promise.all(old.map(({ id }) => resealOne(storage.accounts, id, resealing))); // they share a commit
    progress(counted.looked);
    after = page.at(-1)?.id;
    if (page.length < PAGE) return counted;
  }
}

async function resealOne(stored: Storage['accounts'], id: string, resealing: Resealing): Promise<void> {
  try {
    await updateAccount(stored, id, (read) => {
      const { account } = resealAccount(read, resealing);
      return { outcome: undefined, ...(account === undefined ? {} : { account }) };
    });
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'account_missing')) throw error; // deleted since
  }
}

async function letters({ storage, resealing }: ResealDeps): Promise<Counted> {
  const counted = { looked: 0, old: 0, unreadable: 0 };
  for (let after: string | undefined; ; ) {
    const page = await storage.outbox.list({ kind: 'letter', state: 'waiting' }, after, PAGE);
    for (const { accountId = '', payload } of page) {
      const { sealedSecret } = payload as OutboxEntry['payload'] & { sealedSecret?: string };
      if (sealedSecret === undefined) continue;
      counted.looked += 1;
      const { kind } = reseal(sealedSecret, accountId, 'letter', resealing);
      if (kind === 'resealed') counted.old += 1;
      if (kind === 'unreadable') counted.unreadable += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return counted;
  }
}
