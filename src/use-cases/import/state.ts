/** How far an import got. */
import type { ImportRecord, Imports } from '../../domain/ports/imports.ts';

/** `broken-off`: it began and did not end; it may be under way. `superseded`: another of its source began since it was planned. */
export type ImportState = 'planned' | 'broken-off' | 'applied' | 'superseded';

export async function stateOf(
  { id, source, follows, appliedAt }: ImportRecord,
  imports: Pick<Imports, 'latest'>,
): Promise<ImportState> {
  if (appliedAt !== undefined) return 'applied';
  const latest = await imports.latest(source);
  if (latest?.id === id) return 'broken-off';
  return latest?.id === follows ? 'planned' : 'superseded';
}
