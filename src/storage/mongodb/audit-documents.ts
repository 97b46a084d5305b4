/** How entries and checkpoints of the audit log are stored. */
import type { Filter } from 'mongodb';
import type { ChainedEntry, ChainLink } from '../../domain/audit/audit-chain.ts';
import type { AuditEntry, StoredEntry } from '../../domain/ports/audit-log.ts';
import type { AuditDocument } from './collections.ts';

/** Sorts as the number does. */
export const checkpointId = (number: number): string => String(number).padStart(12, '0');

/** Of entries with a place, those behind this one. */
export function chainedAfter(after: Pick<ChainLink, 'node' | 'seq'> | undefined): Filter<AuditDocument> {
  if (after === undefined) return { node: { $gt: '' } };
  const { node, seq } = after;
  return { node: { $gte: node }, $or: [{ node: { $gt: node } }, { node, seq: { $gt: seq } }] };
}

export function documentOf({ chain, ...entry }: ChainedEntry): AuditDocument {
  const { id, at, action, subject, client, actor } = entry;
  return {
    _id: id,
    at,
    action,
    ...(subject === undefined ? {} : { subject }),
    ...(client === undefined ? {} : { client }),
    ...(actor?.id === undefined ? {} : { actor: actor.id }),
    entry: JSON.stringify(entry),
    ...chain,
  };
}

/** For the archive: the entry with its place. */
export function recordOf({ entry, node, seq, hash }: AuditDocument): ChainedEntry {
  const chain = { node, seq, hash } as ChainLink;
  return { ...JSON.parse(entry), ...(node === undefined ? {} : { chain }) };
}

export function storedOf(document: AuditDocument): StoredEntry {
  const { _id: id, at, action, subject, client, actor } = document;
  try {
    const entry = JSON.parse(document.entry) as AuditEntry;
    const found = [id, at, action, subject, client, actor];
    const told = [entry.id, entry.at, entry.action, entry.subject, entry.client, entry.actor.id];
    return { id, entry, misfiled: told.some((value, index) => value !== found[index]) };
  } catch {
    return { id, misfiled: true };
  }
}
