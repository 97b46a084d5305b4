/** Verifies the audit log: every entry against its chain, the chains against the checkpoints, the checkpoints against their signatures. */

import { NO_HASH } from '../../domain/audit/audit-chain.ts';
import { type AuditCheckpoint, checkpointHash, isSigned } from '../../domain/audit/audit-checkpoint.ts';
import { type ChainCheck, type ChainFault, createChainCheck } from '../../domain/audit/chain-check.ts';
import { prunedCount } from '../../domain/audit/pruning.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { looseIn } from './loose-entries.ts';
import { noteStretch, type Stretch } from './stretches.ts';

const PAGE = 500;

/** `number`: of a checkpoint; `to`: of the last of several in a row. `from` and `to`: epoch ms. */
export type AuditFault =
  | ChainFault
  | { kind: 'checkpoint-unsigned' | 'checkpoint-removed' | 'checkpoint-replaced'; number: number; to?: number }
  | { kind: 'loose-changed'; from: number; to: number; signed: number; found: number };

/**
 * `unsigned`: entries that no checkpoint covers yet. `loose`: entries in no chain, of versions before it. `pruned`: how many
 * entries checkpoints gave up, all of before `before` (epoch ms), and how many of them are not deleted yet.
 */
export type AuditVerdict = {
  entries: number;
  chains: number;
  loose: number;
  unsigned: number;
  checkpoints: number;
  pruned?: { before: number; entries: number; left: number };
  last?: Pick<AuditCheckpoint, 'number' | 'at'>;
};

export type VerifyDeps = {
  auditLog: Pick<AuditLog, 'chained' | 'loose' | 'checkpoints'>;
  sealer: Pick<Sealer, 'macMatches'>;
  /** checkpoints that were kept outside of the storage, such as those of the log */
  kept: AuditCheckpoint[];
  tell(fault: AuditFault): void;
  /** how many entries are checked so far */
  reached?(entries: number): void;
};

/** Reads the log page by page. What it cannot find: entries that were removed before any checkpoint covered them. */
export async function verifyAudit(deps: VerifyDeps): Promise<AuditVerdict> {
  const { auditLog, tell, reached = () => undefined } = deps;
  const check = createChainCheck(tell);
  const { checkpoints, last, stretches, pruned } = await readCheckpoints(deps, check);
  let seen = 0;
  const step = () => {
    seen += 1;
    if (seen % PAGE === 0) reached(seen);
  };
  for (let after: { node: string; seq: number } | undefined; ; ) {
    const page = await auditLog.chained(after, PAGE);
    for (const stored of page) {
      check.see(stored);
      step();
    }
    after = page.at(-1)?.chain;
    if (page.length < PAGE) break;
  }
  const { entries, chains, unsigned, left } = check.end();
  const given = await looseIn(auditLog, { from: 0, to: pruned.looseTo }, step);
  let loose = given.count;
  for (const { from: begin, to, count, hash } of stretches) {
    if (to <= pruned.looseTo) continue;
    const from = Math.max(begin, pruned.looseTo);
    const found = await looseIn(auditLog, { from, to }, step);
    loose += found.count;
    if (found.count !== count || found.hash !== hash)
      tell({ kind: 'loose-changed', from, to, signed: count, found: found.count });
  }
  const unsignedLoose = await looseIn(auditLog, { from: last?.looseTo ?? 0, to: Number.MAX_SAFE_INTEGER }, step);
  return {
    entries: entries + loose + unsignedLoose.count,
    chains,
    loose: loose + unsignedLoose.count,
    unsigned: unsigned + unsignedLoose.count,
    checkpoints,
    ...(pruned.before === undefined
      ? {}
      : { pruned: { before: pruned.before, entries: pruned.entries, left: left + given.count } }),
    ...(last === undefined ? {} : { last: { number: last.number, at: last.at } }),
  };
}

/** Checks the checkpoints and passes on what they say. `stretches`: what is signed of the entries in no chain. */
async function readCheckpoints({ auditLog, sealer, kept, tell }: VerifyDeps, check: ChainCheck) {
  const outside = Map.groupBy(kept, ({ number }) => number);
  const stretches: Stretch[] = [];
  const pruned = { before: undefined as number | undefined, entries: 0, looseTo: 0 };
  let last: AuditCheckpoint | undefined; // that is signed
  let number = 0;
  let checkpoints = 0;
  const see = (checkpoint: AuditCheckpoint, follows: boolean) => {
    if (!isSigned(checkpoint, sealer)) return tell({ kind: 'checkpoint-unsigned', number });
    const same = (outside.get(number) ?? []).every((each) => canonicalJson(each) === canonicalJson(checkpoint));
    if (!follows || !same) tell({ kind: 'checkpoint-replaced', number });
    for (const head of checkpoint.heads) check.expect(head);
    if (checkpoint.pruned !== undefined) {
      for (const chain of checkpoint.pruned.chains) check.giveUp(chain);
      pruned.before = Math.max(checkpoint.pruned.before, pruned.before ?? 0);
      pruned.entries += prunedCount(checkpoint.pruned);
      pruned.looseTo = Math.max(pruned.looseTo, checkpoint.pruned.loose?.to ?? 0);
    }
    noteStretch(stretches, last, checkpoint);
    last = checkpoint;
  };
  for (;;) {
    const page = await auditLog.checkpoints(number, PAGE);
    for (const checkpoint of page) {
      const first = checkpoint.number === 1;
      if (checkpoint.number > number + 1)
        tell({ kind: 'checkpoint-removed', number: number + 1, to: checkpoint.number - 1 });
      number = checkpoint.number;
      const before = first ? NO_HASH : last?.number === number - 1 ? checkpointHash(last) : undefined;
      see(checkpoint, before === undefined || checkpoint.previousHash === before);
      checkpoints += 1;
    }
    if (page.length < PAGE) break;
  }
  for (const [each, copies] of outside) {
    if (each > number) tell({ kind: 'checkpoint-removed', number: each });
    for (const { heads, pruned: given } of copies) {
      for (const head of heads) check.expect(head);
      for (const chain of given?.chains ?? []) check.giveUp(chain);
    }
  }
  return { checkpoints, last, stretches, pruned };
}
