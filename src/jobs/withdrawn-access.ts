/**
 * Takes back what applications hold of people to whom they are no longer open, so that each is told (rule 12). Every use is refused
 * without it, from the second on; this only brings the news.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { dayAt } from '../domain/account/affiliation.ts';
import { type AccessLists, accessRuleOf, whyNotAllowed } from '../domain/clients/access-rule.ts';
import { isDisabled } from '../domain/clients/client-validity.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Clients } from '../domain/ports/clients.ts';
import type { Leases } from '../domain/ports/leases.ts';
import type { ProtocolRecords } from '../domain/ports/protocol-records.ts';
import type { Values } from '../domain/ports/values.ts';
import type { RefusalReason } from '../domain/sign-in/reason.ts';
import type { JobLog } from './log.ts';

const CLIENTS_PAGE = 500;
/** Accounts that are read before other work has its turn (rule 33). */
const PAGE = 50;
const LEASE_MS = 60_000;
/** A feed may take an affiliation or a group away at any time. */
const AGAIN_AFTER_MS = 3_600_000;
/** For which day and registrations everybody was looked at last, and when. */
const CHECKED = 'access-checked';

export type WithdrawnAccessDeps = {
  storage: {
    accounts: Pick<Accounts, 'findById'>;
    clients: Pick<Clients, 'list' | 'version'>;
    protocolRecords: Pick<ProtocolRecords, 'accountsGranted'>;
    leases: Pick<Leases, 'acquire' | 'release'>;
    values: Pick<Values, 'get' | 'replace'>;
  };
  /** Idempotent. @returns false: there was nothing */
  withdraw(clientId: string, accountId: string, because: RefusalReason): Promise<boolean>;
  holder: string;
  now: () => number;
  log: JobLog;
};

/** `version` of the clients, and a digest of their rules: most changes of a client leave them as they are. */
type Checked = { day: string; version: number; rules: string; at: number };
/** `off`: an operator switched it off, so that nobody may use it. */
type Ruled = { id: string; rule: AccessLists | 'off' };

/**
 * Looks at everybody who granted something to an application that has a rule: when a day begins in Brussels, when a rule
 * changes, and each hour. Somebody who fails is looked at again at the next call.
 * @returns how often something was taken back; undefined: it is not time, or another node does it
 */
export async function withdrawClosedAccess(
  deps: WithdrawnAccessDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const { storage, holder, now } = deps;
  const { clients, leases, values } = storage;
  const before = await values.get(CHECKED);
  const version = await clients.version();
  const day = dayAt(now());
  const last = before === undefined ? undefined : (JSON.parse(before) as Checked);
  const recent = last?.day === day && now() - last.at < AGAIN_AFTER_MS;
  if (recent && last.version === version) return undefined;
  const hold = async () =>
    goOn() && (await leases.acquire('withdrawn-access', holder, now() + LEASE_MS, now())) !== undefined;
  if (!(await hold())) return undefined;
  try {
    const ruled = await ruledClients(clients);
    const rules = createHash('sha256').update(JSON.stringify(ruled)).digest('base64url');
    const keep = (checked: Checked) => values.replace(CHECKED, JSON.stringify(checked), before);
    if (recent && last.rules === rules) {
      await keep({ ...last, version });
      return undefined;
    }
    const round = { count: 0, whole: true };
    for (const each of ruled) await withdrawFrom(each, deps, round, hold);
    if (round.whole) await keep({ day, version, rules, at: now() });
    return round.count;
  } finally {
    await leases.release('withdrawn-access', holder);
  }
}

/** Those that are not open to everybody, or not at all, by id. */
async function ruledClients(clients: Pick<Clients, 'list'>): Promise<Ruled[]> {
  const ruled: Ruled[] = [];
  for (let after: string | undefined; ; ) {
    const page = await clients.list(after, CLIENTS_PAGE);
    for (const client of page) {
      const rule = isDisabled(client) ? 'off' : accessRuleOf(client.metadata);
      if (rule !== 'everybody') ruled.push({ id: client.id, rule });
    }
    after = page.at(-1)?.id;
    if (page.length < CLIENTS_PAGE) return ruled;
  }
}

type Round = { count: number; whole: boolean };

async function withdrawFrom(
  { id, rule }: Ruled,
  { storage, withdraw, now, log }: WithdrawnAccessDeps,
  round: Round,
  hold: () => Promise<boolean>,
): Promise<void> {
  for (let after: string | undefined; ; ) {
    if (!(await hold())) {
      round.whole = false;
      return;
    }
    const accountIds = await storage.protocolRecords.accountsGranted(id, after, PAGE);
    for (const accountId of accountIds) {
      const account = await storage.accounts.findById(accountId);
      if (account === undefined || (rule !== 'off' && whyNotAllowed(rule, account, now()) === undefined)) continue;
      const because = rule === 'off' ? 'application-disabled' : 'not-open-to-person';
      try {
        if (await withdraw(id, accountId, because)) round.count += 1;
      } catch (error) {
        round.whole = false;
        log.error({ err: error, client: id, accountId }, 'access to an application could not be taken back yet');
      }
    }
    after = accountIds.at(-1);
    if (after === undefined) return;
    await setImmediate();
  }
}
