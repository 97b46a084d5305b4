/** Signs how far the chains of the audit log have come. */
import type { ChainLink } from '../../domain/audit/audit-chain.ts';
import { type AuditCheckpoint, checkpointHash, signed } from '../../domain/audit/audit-checkpoint.ts';
import type { Pruning } from '../../domain/audit/pruning.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { looseIn } from './loose-entries.ts';

const PAGE = 500;
/** A node of an earlier version writes an entry this much later than it happened at most, unless its database was away. */
const LATE_MS = 3_600_000;

export type SignerDeps = {
  auditLog: Pick<AuditLog, 'heads' | 'loose' | 'checkpoints' | 'addCheckpoint'>;
  sealer: Pick<Sealer, 'mac'>;
  /** epoch ms */
  now: () => number;
};
/** `shorter`: chains that are shorter than they were when they were signed: somebody deleted entries. */
export type Signing = { checkpoint: AuditCheckpoint; shorter: ChainLink[] };

/** Remembers what it has read of the checkpoints, so that each is read once. Any number of nodes may sign at once. */
export function createSigner({ auditLog, sealer, now }: SignerDeps) {
  const heads = new Map<string, ChainLink>();
  const pruned = new Map<string, number>();
  let last: AuditCheckpoint | undefined;

  async function catchUp(): Promise<void> {
    for (;;) {
      const page = await auditLog.checkpoints(last?.number ?? 0, PAGE);
      for (const checkpoint of page) {
        for (const head of checkpoint.heads) heads.set(head.node, head);
        for (const { node, seq } of checkpoint.pruned?.chains ?? []) pruned.set(node, seq);
        last = checkpoint;
      }
      if (page.length < PAGE) return;
    }
  }

  return {
    /**
     * @param afterMs signs nothing where another checkpoint is younger
     * @param givenUp is signed with it
     * @returns undefined: nothing was written since the last one, or another node signed at this moment
     */
    async sign(afterMs = 0, givenUp?: Pruning): Promise<Signing | undefined> {
      await catchUp();
      const at = now();
      // a clock that was set back must not end the signing
      if (last !== undefined && Math.abs(at - last.at) < afterMs) return undefined;
      const grown = (await auditLog.heads()).filter(({ node, hash }) => heads.get(node)?.hash !== hash);
      const from = last?.looseTo ?? 0;
      const looseTo = Math.max(from, at - LATE_MS);
      const loose = await looseIn(auditLog, { from, to: looseTo });
      const pruning = givenUp && behind(givenUp, pruned);
      if (grown.length === 0 && loose.count === 0 && pruning === undefined) return undefined;
      const checkpoint = signed(
        {
          number: (last?.number ?? 0) + 1,
          at,
          previousHash: last === undefined ? '' : checkpointHash(last),
          heads: grown,
          ...(loose.count === 0 ? {} : { loose }),
          looseTo,
          ...(pruning === undefined ? {} : { pruned: pruning }),
        },
        sealer,
      );
      if (!(await auditLog.addCheckpoint(checkpoint))) return undefined;
      return { checkpoint, shorter: grown.filter(({ node, seq }) => seq <= (heads.get(node)?.seq ?? 0)) };
    },
  };
}

/** Without what another node gave up meanwhile. Undefined: nothing is left. `count`: from where that one ended. */
function behind(pruning: Pruning, pruned: ReadonlyMap<string, number>): Pruning | undefined {
  const chains = pruning.chains
    .filter(({ node, seq }) => seq > (pruned.get(node) ?? 0))
    .map((each) => ({ ...each, count: each.seq - (pruned.get(each.node) ?? 0) }));
  return chains.length === 0 && pruning.loose === undefined ? undefined : { ...pruning, chains };
}

export type Signer = ReturnType<typeof createSigner>;
