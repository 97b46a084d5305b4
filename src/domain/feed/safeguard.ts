/** When an import or changed rules do not go on by themselves: too many would lose access, or a full feed became much shorter. */
import type { Alarm } from '../ports/imports.ts';
import { SAFEGUARD, type Safeguard, type Source } from './source.ts';

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
    const allowed = allowedOf({ lose, least }, open[organisation]);
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

/**
 * One alarm for each organisation at which too many would lose access by changed rules of access. These are of no source, so
 * what may go is what the strictest source of the organisation lets go of all its people; of one without sources the default.
 * @param losses open accounts that would lose access, by organisation
 * @param open open accounts with an affiliation that goes on, by organisation
 */
export function rulesAlarmsOf(
  sources: readonly Source[],
  { losses, open }: { losses: Record<string, number>; open: Record<string, number> },
): Alarm[] {
  return Object.entries(losses).flatMap(([organisation, lose]): Alarm[] => {
    const own = sources.filter(({ organisations }) => organisations.includes(organisation));
    const safeguards = own.length === 0 ? [SAFEGUARD] : own.map(({ safeguard = SAFEGUARD }) => safeguard);
    const allowed = Math.min(...safeguards.map((each) => allowedOf(each, open[organisation])));
    return lose > allowed ? [{ organisation, losses: { lose, allowed } }] : [];
  });
}

function allowedOf({ lose, least }: Pick<Safeguard, 'lose' | 'least'>, open = 0): number {
  return Math.max(least, Math.floor((open * lose) / 100));
}
