/** How far an import got. */
import { type ImportRecord, type ImportRun, type Imports, RUN_SILENT_MS } from '../../domain/ports/imports.ts';

/**
 * `planning`, `applying`: a process is at it. `not-planned`: the file came to nothing, and changed nothing. `broken-off`: some
 * people went in, and the same again goes on. `superseded`: another of its source began since it was planned.
 */
export const importStates = [
  'planning',
  'not-planned',
  'planned',
  'applying',
  'broken-off',
  'applied',
  'superseded',
] as const;
export type ImportState = (typeof importStates)[number];

/** `now`: epoch ms. */
export async function stateOf(
  { record, run }: { record?: ImportRecord; run?: ImportRun },
  imports: Pick<Imports, 'latest'>,
  now: number,
): Promise<ImportState> {
  const lives = run !== undefined && run.ended !== true && now - run.seenAt < RUN_SILENT_MS;
  if (record === undefined) return lives ? 'planning' : 'not-planned';
  if (record.appliedAt !== undefined) return 'applied';
  if (lives && run.act === 'apply') return 'applying';
  const latest = await imports.latest(record.source);
  if (latest?.id === record.id) return 'broken-off';
  return latest?.id === record.follows ? 'planned' : 'superseded';
}
