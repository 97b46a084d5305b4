/** Signs how far the chains of the audit log have come. */
import type { ChainLink } from '../../domain/audit/audit-chain.ts';
import { type AuditCheckpoint, checkpointHash, signed } from '../../domain/audit/audit-checkpoint.ts';
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
  let last: AuditCheckpoint | undefined;

  async function catchUp(): Promise<void> {
    for (;;) {
      const page = await auditLog.checkpoints(last?.number ?? 0, PAGE);
      for (const checkpoint of page) {
        for (const head of checkpoint.heads) heads.set(head.node, head);
        last = checkpoint;
      }
      if (page.length < PAGE) return;
    }
  }

  return {
    /**
     * @param afterMs signs nothing where another checkpoint is younger
     * @returns undefined: nothing was written since the last one, or another node signed at this moment
     */
    async sign(afterMs = 0): Promise<Signing | undefined> {
      await catchUp();
      const at = now();
      // a clock that was set back must not end the signing
      if (last !== undefined && Math.abs(at - last.at) < afterMs) return undefined;
      const grown = (await auditLog.heads()).filter(({ node, hash }) => heads.get(node)?.hash !== hash);
      const from = last?.looseTo ?? 0;
      const looseTo = Math.max(from, at - LATE_MS);
      const loose = await looseIn(auditLog, { from, to: looseTo });
      if (grown.length === 0 && loose.count === 0) return undefined;
      const checkpoint = signed(
        {
          number: (last?.number ?? 0) + 1,
          at,
          previousHash: last === undefined ? '' : checkpointHash(last),
          heads: grown,
          ...(loose.count === 0 ? {} : { loose }),
          looseTo,
        },
        sealer,
      );
      if (!(await auditLog.addCheckpoint(checkpoint))) return undefined;
      return { checkpoint, shorter: grown.filter(({ node, seq }) => seq <= (heads.get(node)?.seq ?? 0)) };
    },
  };
}

export type Signer = ReturnType<typeof createSigner>;
