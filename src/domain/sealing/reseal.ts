/** After a change of secret: what stays is sealed anew under the current one, and nothing is lost on the way. */
import type { ArchiveKind, ArchiveRecords } from '../ports/archive.ts';
import { Problem } from '../problem.ts';
import { replaceSealedValues, type SealedValue } from './sealed-values.ts';
import type { Sealer } from './sealer.ts';

/** `current` has the current secret alone, `all` every one that is known. */
export type Resealing = { current: Pick<Sealer, 'seal' | 'open'>; all: Pick<Sealer, 'open'> };

/** `record`: as it would be, where any of its values is under another secret. `unreadable`: whether one opens under none. */
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
