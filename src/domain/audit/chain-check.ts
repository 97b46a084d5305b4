/** Checks entries against their chain and against what checkpoints say of it: finds what was changed, removed, put in, cut off. */
import { type ChainLink, chainHash, NO_HASH } from './audit-chain.ts';
import type { AuditEntry } from './audit-entry.ts';

export type ChainFaultKind = 'changed' | 'removed' | 'inserted' | 'truncated' | 'rewritten' | 'misfiled' | 'unreadable';
/** `id`: of the entry, where there is one. `seq` of `removed` and `truncated`: the first that is missing; `to`: the last. */
export type ChainFault = { kind: ChainFaultKind; node: string; seq: number; to?: number; id?: string };

export type ChainCheck = {
  /** What a checkpoint signed. All of them come before the first entry. */
  expect(head: ChainLink): void;
  /** The entries by (node, seq), from the first of the first chain to the last of the last. */
  see(stored: { id: string; entry?: AuditEntry; misfiled: boolean; chain: ChainLink }): void;
  /** Call it after the last entry. `unsigned`: entries behind what the last checkpoint of their chain signed. */
  end(): { entries: number; chains: number; unsigned: number };
};

/**
 * Keeps what checkpoints signed, and of the entries the last one.
 * @param tell gets each fault; a changed entry is one, because the next one is compared with the hash that is stored
 */
export function createChainCheck(tell: (fault: ChainFault) => void): ChainCheck {
  const signed = new Map<string, Map<number, string>>();
  const furthest = new Map<string, number>();
  const seen = new Set<string>();
  let last: ChainLink | undefined;
  let entries = 0;
  let unsigned = 0;

  /** @returns whether there is an entry missing before this one, so that its hash cannot be computed */
  function gapBefore({ node, seq }: ChainLink): boolean {
    const expected = (last?.seq ?? 0) + 1;
    if (seq > expected) tell({ kind: 'removed', node, seq: expected, to: seq - 1 });
    return seq > expected;
  }

  function finishChain(): void {
    if (last === undefined) return;
    const { node, seq } = last;
    const until = furthest.get(node) ?? 0;
    if (seq < until) tell({ kind: 'truncated', node, seq: seq + 1, to: until });
    unsigned += Math.max(0, seq - until);
  }

  return {
    expect({ node, seq, hash }) {
      const ofNode = signed.get(node) ?? new Map<number, string>();
      signed.set(node, ofNode);
      // where two checkpoints contradict each other, no entry is like both
      ofNode.set(seq, ofNode.has(seq) && ofNode.get(seq) !== hash ? 'contradiction' : hash);
      furthest.set(node, Math.max(seq, furthest.get(node) ?? 0));
    },

    see({ id, entry, misfiled, chain }) {
      entries += 1;
      const { node, seq, hash } = chain;
      if (node !== last?.node) {
        finishChain();
        last = undefined;
        seen.add(node);
      }
      const told = (kind: ChainFaultKind) => tell({ kind, node, seq, id });
      if (last !== undefined && seq <= last.seq) return told('inserted');
      const unknown = gapBefore(chain);
      if (entry === undefined) told('unreadable');
      else if (!unknown && chainHash(entry, node, seq, last?.hash ?? NO_HASH) !== hash) told('changed');
      else if (misfiled) told('misfiled');
      const wanted = signed.get(node)?.get(seq);
      if (wanted !== undefined && wanted !== hash) told('rewritten');
      last = chain;
    },

    end() {
      finishChain();
      for (const [node, until] of furthest) if (!seen.has(node)) tell({ kind: 'truncated', node, seq: 1, to: until });
      return { entries, chains: seen.size, unsigned };
    },
  };
}
