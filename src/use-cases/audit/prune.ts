/**
 * Gives up entries of the audit log that are older than it is kept, and deletes what was given up a day before. Only what
 * checkpoints signed goes, and only where it is still what they signed: what somebody changed is evidence, and stays.
 */
import { setImmediate } from 'node:timers/promises';
import { type ChainLink, chainHash, NO_HASH } from '../../domain/audit/audit-chain.ts';
import { type AuditCheckpoint, isSigned } from '../../domain/audit/audit-checkpoint.ts';
import {
  PRUNED_AFTER_MS,
  type PrunedChain,
  type Pruning,
  prunedBefore,
  prunedCount,
} from '../../domain/audit/pruning.ts';
import type { AuditEntry, AuditLog } from '../../domain/ports/audit-log.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import type { Signer, Signing } from './checkpoint.ts';
import { looseIn } from './loose-entries.ts';
import { noteStretch, type Stretch } from './stretches.ts';

const PAGE = 50; // so that hashing a page blocks for two milliseconds or so
const DELETED_AT_ONCE = 20; // 1.4 ms on SQLite, with some ten indexes; 50 take 3.0
/** Entries of which one checkpoint gives up. */
const MOST_AT_ONCE = 100_000;

export type PruneDeps = {
  auditLog: Pick<AuditLog, 'chained' | 'loose' | 'heads' | 'checkpoints' | 'prune' | 'pruneLoose'>;
  sealer: Pick<Sealer, 'macMatches'>;
  /** ISO 8601 duration */
  retain: string;
  /** epoch ms */
  now: () => number;
};

/** What there is to do. */
export type PrunePlan = {
  /** what a checkpoint is to give up */
  due: Pruning;
  /** there is more, for the next checkpoint */
  more: boolean;
  /** what may be deleted: the last entry of each chain, and up to when (epoch ms) entries in no chain */
  deletable: { chains: ChainLink[]; looseTo: number };
  /** places that are not what was signed; nothing behind them is given up */
  faults: { node: string; seq: number }[];
};

const goesOn = async () => true;

/** Changes nothing. @param goOn false: it ends early, with what it has */
export async function planPruning(deps: PruneDeps, goOn: () => Promise<boolean> = goesOn): Promise<PrunePlan> {
  const before = prunedBefore(deps.retain, deps.now());
  const read = await readCheckpoints(deps, before);
  const plan: PrunePlan = { due: { before, chains: [] }, more: false, deletable: read.deletable, faults: [] };
  for (const { node } of await deps.auditLog.heads()) {
    const wanted = read.signed.get(node);
    if (wanted === undefined) continue;
    if (prunedCount(plan.due) >= MOST_AT_ONCE || !(await goOn())) {
      plan.more = true;
      break;
    }
    const chain = await giveUpChain(node, { ...read, wanted, before }, deps, plan, goOn);
    if (chain !== undefined) plan.due.chains.push(chain);
  }
  const loose = await looseDue(read.stretches, read.looseTo, deps);
  if (loose !== undefined) plan.due.loose = loose;
  return plan;
}

export type GivingUp = {
  signer: Signer;
  auditLog: Pick<AuditLog, 'append'>;
  actor: AuditEntry['actor'];
  /** epoch ms */
  now: () => number;
};

/** Signs what is due, and says so in the log itself. Undefined: nothing is, or another node signed at this moment. */
export async function giveUp(
  { due }: PrunePlan,
  { signer, auditLog, actor, now }: GivingUp,
): Promise<Signing | undefined> {
  const signing = prunedCount(due) === 0 ? undefined : await signer.sign(0, due);
  const { number, pruned } = signing?.checkpoint ?? {};
  if (pruned === undefined) return undefined;
  await auditLog.append({
    id: `pruned-${number}`,
    at: now(),
    action: 'audit.pruned',
    actor,
    details: { entries: String(prunedCount(pruned)), before: new Date(pruned.before).toISOString() },
  });
  return signing;
}

/** Deletes in small steps what may go; whoever dies meanwhile leaves a log that verifies. @returns how many there were */
export async function deleteGivenUp(
  { deletable }: Pick<PrunePlan, 'deletable'>,
  { auditLog }: Pick<PruneDeps, 'auditLog'>,
  goOn: () => Promise<boolean> = goesOn,
): Promise<number> {
  let gone = 0;
  const all = async (step: () => Promise<number>) => {
    for (let went = DELETED_AT_ONCE; went === DELETED_AT_ONCE && (await goOn()); ) {
      went = await step();
      gone += went;
    }
  };
  for (const link of deletable.chains) await all(() => auditLog.prune(link, DELETED_AT_ONCE));
  if (deletable.looseTo > 0) await all(() => auditLog.pruneLoose(deletable.looseTo, DELETED_AT_ONCE));
  return gone;
}

/**
 * What checkpoints say, those that this installation signed: who writes to the database could otherwise have the log deleted.
 * `signed`: places of each chain that were signed before `before` and are not given up. What was given up is deletable a day
 * later, as long as the log is not kept longer since.
 */
async function readCheckpoints({ auditLog, sealer, now }: PruneDeps, before: number) {
  const signed = new Map<string, Map<number, string>>();
  const pruned = new Map<string, ChainLink>();
  const deletable = new Map<string, ChainLink>();
  const stretches: Stretch[] = [];
  const looseTo = { pruned: 0, deletable: 0 };
  let last: AuditCheckpoint | undefined;
  const see = (checkpoint: AuditCheckpoint) => {
    if (checkpoint.at < before)
      for (const { node, seq, hash } of checkpoint.heads) {
        const places = signed.get(node) ?? new Map<number, string>();
        signed.set(node, places.set(seq, hash));
      }
    if (checkpoint.looseTo <= before) noteStretch(stretches, last, checkpoint);
    last = checkpoint;
    if (checkpoint.pruned === undefined) return;
    const { chains, loose, before: older } = checkpoint.pruned;
    const goes = now() - checkpoint.at >= PRUNED_AFTER_MS && older <= before;
    for (const { node, seq, hash } of chains) {
      pruned.set(node, { node, seq, hash });
      if (goes) deletable.set(node, { node, seq, hash });
      const places = signed.get(node);
      for (const place of places?.keys() ?? []) if (place <= seq) places?.delete(place);
    }
    looseTo.pruned = Math.max(looseTo.pruned, loose?.to ?? 0);
    if (goes) looseTo.deletable = Math.max(looseTo.deletable, loose?.to ?? 0);
  };
  for (let after = 0; ; ) {
    const page = await auditLog.checkpoints(after, PAGE);
    for (const checkpoint of page) if (isSigned(checkpoint, sealer)) see(checkpoint);
    after = page.at(-1)?.number ?? after;
    if (page.length < PAGE) break;
    await setImmediate();
  }
  for (const [node, places] of signed) if (places.size === 0) signed.delete(node);
  const chains = [...deletable.values()];
  return { signed, pruned, stretches, looseTo: looseTo.pruned, deletable: { chains, looseTo: looseTo.deletable } };
}

type Sought = { pruned: ReadonlyMap<string, ChainLink>; wanted: ReadonlyMap<number, string>; before: number };

/** Walks a chain from where it was given up, up to the last signed place before which nothing is too young. */
async function giveUpChain(
  node: string,
  { pruned, wanted, before }: Sought,
  { auditLog }: PruneDeps,
  plan: PrunePlan,
  goOn: () => Promise<boolean>,
): Promise<PrunedChain | undefined> {
  const start = pruned.get(node);
  const furthest = Math.max(...wanted.keys());
  let reached: ChainLink | undefined;
  let last = start;
  const step = ({ entry, chain }: Awaited<ReturnType<AuditLog['chained']>>[number]): 'on' | 'end' | 'fault' => {
    const { seq, hash } = chain;
    if (chain.node !== node || seq > furthest) return 'end';
    const follows = entry !== undefined && seq === (last?.seq ?? 0) + 1;
    if (!follows || chainHash(entry, node, seq, last?.hash ?? NO_HASH) !== hash) return 'fault';
    if ((wanted.get(seq) ?? hash) !== hash) return 'fault';
    if (entry.at >= before) return 'end';
    last = chain;
    if (wanted.has(seq)) reached = chain;
    return 'on';
  };
  const found = () => (reached === undefined ? undefined : { ...reached, count: reached.seq - (start?.seq ?? 0) });
  for (let walked = prunedCount(plan.due); ; walked += PAGE) {
    const page = await auditLog.chained({ node, seq: last?.seq ?? 0 }, PAGE);
    for (const stored of page) {
      const went = step(stored);
      if (went === 'fault') plan.faults.push({ node, seq: stored.chain.seq });
      if (went !== 'on') return found();
    }
    if (page.length < PAGE) return found();
    if (walked >= MOST_AT_ONCE || !(await goOn())) {
      plan.more = true;
      return found();
    }
    await setImmediate();
  }
}

/** Entries in no chain go by the stretches of time in which they were signed. */
async function looseDue(stretches: Stretch[], from: number, { auditLog }: PruneDeps): Promise<Pruning['loose']> {
  let due: Pruning['loose'];
  for (const stretch of stretches) {
    if (stretch.to <= from) continue;
    const { count, hash } = await looseIn(auditLog, { from: Math.max(from, stretch.from), to: stretch.to });
    if (count !== stretch.count || hash !== stretch.hash) break;
    if (count > 0) due = { to: stretch.to, count: (due?.count ?? 0) + count };
  }
  return due;
}
