/** The hash chain of the audit log: each entry names its place and, by its hash, all entries before it (docs/decisions/audit-chain.md). */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEntry } from './audit-entry.ts';

/** The place of an entry: `seq` counts from 1 within the chain `node`; `hash` is SHA-256, base64url. */
export type ChainLink = { node: string; seq: number; hash: string };
/** An entry with its place; without one it is of a version before the chain. */
export type ChainedEntry = AuditEntry & { chain?: ChainLink };

/** `previousHash` of the first entry of a chain, and of the first checkpoint. */
export const NO_HASH = '';

/** SHA-256 (base64url) of the canonical JSON (RFC 8785) of a value. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url');
}

/**
 * The hash of an entry in its place.
 * @param entry without `chain`; sealed values stay sealed, so the hash holds once a person is erased
 */
export function chainHash(entry: AuditEntry, node: string, seq: number, previousHash: string): string {
  return canonicalHash({ entry, node, previousHash, seq });
}

/** The place of `entry` behind `last`, the last entry of the chain `node`; undefined: it is the first. */
export function linkAfter(last: ChainLink | undefined, node: string, entry: AuditEntry): ChainLink {
  const seq = (last?.seq ?? 0) + 1;
  return { node, seq, hash: chainHash(entry, node, seq, last?.hash ?? NO_HASH) };
}
