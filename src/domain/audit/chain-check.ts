/** Checks entries against their chain and against what checkpoints say of it: finds what was changed, removed, put in, cut off. */
import { type ChainLink, chainHash, NO_HASH } from './audit-chain.ts';
import type { AuditEntry } from './audit-entry.ts';

export type ChainFaultKind = 'changed' | 'removed' | 'inserted' | 'truncated' | 'rewritten' | 'misfiled' | 'unreadable';
/** `id`: of the entry, where there is one. `seq` of `removed` and `truncated`: the first that is missing; `to`: the last. */
export type ChainFault = { kind: ChainFaultKind; node: string; seq: number; to?: number; id?: string };

export type ChainCheck = {
  /** What a checkpoint signed. All of them come before the first entry. */
  expect(head: ChainLink): void;
  /** What a checkpoint gave up: this entry and all before it may be gone. Likewise before the first entry. */
  giveUp(last: ChainLink): void;
  /** The entries by (node, seq), from the first of the first chain to the last of the last. */
  see(stored: { id: string; entry?: AuditEntry; misfiled: boolean; chain: ChainLink }): void;
  /** Call it after the last entry. `unsigned`: entries behind what the last checkpoint of their chain signed; `left`:
   * that are given up and still there. */
  end(): { entries: number; chains: number; unsigned: number; left: number };
};

/**
 * Keeps what checkpoints signed, and of the entries the last one.
 * @param tell gets each fault; a changed entry is one, because the next one is compared with the hash that is stored
 */
export function createChainCheck(tell: (fault: ChainFault) => void): ChainCheck {
  const signed = new Map<string, Map<number, string>>();
  const furthest = new Map<string, number>();
  const givenUp = new Map<string, number>();
  const seen = new Set<string>();
  let last: ChainLink | undefined;
  let entries = 0;
  let unsigned = 0;
  let left = 0;

  /** The last place that may be missing. */
  const prunedTo = (node: string) => givenUp.get(node) ?? 0;

  function missedBefore({ node, seq }: ChainLink): void {
    const expected = Math.max(last?.seq ?? 0, prunedTo(node)) + 1;
    if (seq > expected) tell({ kind: 'removed', node, seq: expected, to: seq - 1 });
  }

  /** Of the entry before: as it is stored, or else as it was signed before it went. Undefined: nobody knows. */
  function hashBefore({ node, seq }: ChainLink): string | undefined {
    if (last?.seq === seq - 1) return last.hash;
    return seq === 1 ? NO_HASH : signed.get(node)?.get(seq - 1);
  }

  function expect({ node, seq, hash }: ChainLink): void {
    const ofNode = signed.get(node) ?? new Map<number, string>();
    signed.set(node, ofNode);
    // where two checkpoints contradict each other, no entry is like both
    ofNode.set(seq, ofNode.has(seq) && ofNode.get(seq) !== hash ? 'contradiction' : hash);
    furthest.set(node, Math.max(seq, furthest.get(node) ?? 0));
  }

  function cutOffBehind(node: string, seq: number): void {
    const until = furthest.get(node) ?? 0;
    const there = Math.max(seq, prunedTo(node));
    if (there < until) tell({ kind: 'truncated', node, seq: there + 1, to: until });
  }

  function finishChain(): void {
    if (last === undefined) return;
    const { node, seq } = last;
    cutOffBehind(node, seq);
    unsigned += Math.max(0, seq - (furthest.get(node) ?? 0));
  }

  return {
    expect,
    giveUp(link) {
      expect(link);
      givenUp.set(link.node, Math.max(link.seq, prunedTo(link.node)));
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
      missedBefore(chain);
      if (seq <= prunedTo(node)) left += 1;
      const before = hashBefore(chain);
      if (entry === undefined) told('unreadable');
      else if (before !== undefined && chainHash(entry, node, seq, before) !== hash) told('changed');
      else if (misfiled) told('misfiled');
      const wanted = signed.get(node)?.get(seq);
      if (wanted !== undefined && wanted !== hash) told('rewritten');
      last = chain;
    },

    end() {
      finishChain();
      for (const node of furthest.keys()) if (!seen.has(node)) cutOffBehind(node, 0);
      return { entries, chains: seen.size, unsigned, left };
    },
  };
}
