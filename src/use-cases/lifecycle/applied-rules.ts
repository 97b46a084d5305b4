/**
 * Whether the rules of access that are configured are those by which the stored accounts open. A changed rule changes nobody
 * by itself, so that a slip in the configuration shuts nobody out; until it is applied, health says so.
 */
import type { Organisation } from '../../domain/account/organisation.ts';
import { allRulesVersion, rulesVersionOf } from '../../domain/lifecycle/access-rules.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Values } from '../../domain/ports/values.ts';

type Stores = { accounts: Pick<Accounts, 'search'>; values: Pick<Values, 'get' | 'replace'> };

/** The value that names the rules which were last applied to every account. */
const APPLIED = 'rules of access';
/** So many of the first accounts, whose ids are random, stand for all where nothing was noted yet. */
const SAMPLE = 50;

/** What an operator is told. Undefined: nothing. */
export async function rulesNotice(stores: Stores, organisations: readonly Organisation[]): Promise<string | undefined> {
  if (await areApplied(stores, organisations)) return undefined;
  return 'the rules of access were changed, and hold only for people of whom a feed says something new: pedel lifecycle recompute --dry-run says what would change, and without --dry-run applies them';
}

async function areApplied(stores: Stores, organisations: readonly Organisation[]): Promise<boolean> {
  const applied = await stores.values.get(APPLIED);
  if (applied === allRulesVersion(organisations)) return true;
  const sample = await stores.accounts.search('', undefined, applied === undefined ? SAMPLE : 1);
  const areAll = sample.every(
    ({ affiliations, rulesVersion }) =>
      affiliations.length === 0 || rulesVersion === rulesVersionOf(affiliations, organisations),
  );
  // a new installation, or an empty one; an upgraded one has accounts of before among the first
  if (!areAll || (applied !== undefined && sample.length > 0)) return false;
  await noteApplied(stores, organisations);
  return true;
}

/** Notes that every account stands under these rules. */
export async function noteApplied(
  { values }: Pick<Stores, 'values'>,
  organisations: readonly Organisation[],
): Promise<void> {
  const version = allRulesVersion(organisations);
  for (;;) {
    const before = await values.get(APPLIED);
    if (before === version || (await values.replace(APPLIED, version, before))) return;
  }
}
