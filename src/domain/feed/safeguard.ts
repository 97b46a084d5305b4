/** When an import does not go on by itself: too many would lose access, or a full feed became much shorter. */
import type { Alarm } from '../ports/imports.ts';
import { SAFEGUARD, type Source } from './source.ts';

/** So many people may go from an organisation, however small, unless nobody is left: a share of three is no sign. */
const HANDFUL = 5;

/**
 * One alarm for each organisation of the source that has a reason.
 * @param losses open accounts that would lose access, by organisation
 * @param open open accounts to which the source gives something, by organisation; of those with losses only
 * @param people of whom the file speaks; `before`: the last full one. Absent: nothing to compare with
 */
export function alarmsOf(
  source: Source,
  {
    losses,
    open,
    people,
    before,
  }: {
    losses: Record<string, number>;
    open: Record<string, number>;
    people: Record<string, number>;
    before: Record<string, number> | undefined;
  },
): Alarm[] {
  const { lose, least, shrink } = source.safeguard ?? SAFEGUARD;
  return source.organisations.flatMap((organisation): Alarm[] => {
    const lost = losses[organisation] ?? 0;
    const allowed = Math.max(least, Math.floor(((open[organisation] ?? 0) * lose) / 100));
    const [was, is] = [before?.[organisation] ?? 0, people[organisation] ?? 0];
    const fewer = is * 100 < was * (100 - shrink);
    const shrank = fewer && (was - is > HANDFUL || is === 0);
    if (lost <= allowed && !shrank) return [];
    return [
      {
        organisation,
        ...(lost > allowed ? { losses: { lose: lost, allowed } } : {}),
        ...(shrank ? { shrank: { people: is, before: was } } : {}),
      },
    ];
  });
}
