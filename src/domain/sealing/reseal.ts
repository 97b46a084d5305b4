/**
 * Seals a record's values again under the current secret after a change of secret; a value that cannot be opened stays
 * as it is.
 */
import type { ArchiveKind, ArchiveRecords } from '../ports/archive.ts';
import { Problem } from '../problem.ts';
import { replaceSealedValues, type SealedValue } from './sealed-values.ts';
import type { Sealer } from './sealer.ts';

/** `current` knows the current secret alone, `all` every known one. */
export type Resealing = { current: Pick<Sealer, 'seal' | 'open'>; all: Pick<Sealer, 'open'> };

/**
 * `record`: with every value under the current secret; absent: all were. `unreadable`: a value opens under no known
 * secret.
 */
export function resealRecord<Kind extends ArchiveKind>(
  kind: Kind,
  read: ArchiveRecords[Kind],
  { current, all }: Resealing,
): { record?: ArchiveRecords[Kind]; unreadable: boolean } {
  let changed = false;
  let unreadable = false;
  const record = replaceSealedValues(kind, read, (value) => {
    if (openOr(current, value) !== undefined) return value.sealed;
    const plain = openOr(all, value);
    if (plain === undefined) {
      unreadable = true;
      return value.sealed;
    }
    changed = true;
    return current.seal(plain, value.owner, value.field);
  });
  return { ...(changed ? { record } : {}), unreadable };
}

function openOr(sealer: Pick<Sealer, 'open'>, { sealed, owner, field }: SealedValue): string | undefined {
  try {
    return sealer.open(sealed, owner, field);
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_unreadable') return undefined;
    throw error;
  }
}
