/** What a full feed says by not naming a person: the affiliations that its source gave come to their end. */
import { dayAt, goesOn, stopDayOf } from '../account/affiliation.ts';
import type { FeedMemory } from './fed-records.ts';
import { numbersSaid } from './feed-fields.ts';
import type { StatedAffiliation } from './feed-row.ts';
import type { Statement } from './feed-statement.ts';
import type { Absence, Source } from './source.ts';

const PREFIX = 'affiliations.';

/**
 * The statement of a source about a person whom its full feed does not name. Undefined: nothing of it goes on. `memory`:
 * what it said last. `now`: epoch ms.
 */
export function absenceOf(memory: FeedMemory, source: Source, now: number): Statement | undefined {
  const today = dayAt(now);
  let ends = false;
  const affiliations = source.organisations.flatMap((organisation) => {
    const stated = JSON.parse(memory.fields[PREFIX + organisation] ?? '[]') as StatedAffiliation[];
    return stated.map((each) => {
      if (each.end === 'withdrawn' || stopDayOf(each) === today || !goesOn({ ...each, source: source.id }, today))
        return each;
      ends = true;
      return ended(each, source.absent ?? 'discontinued', today);
    });
  });
  if (!ends) return undefined;
  return {
    key: memory.key,
    lines: [],
    complete: true,
    numbers: numbersSaid(memory),
    mainNumber: memory.fields.number ?? '',
    values: {},
    affiliations,
  };
}

function ended({ end: _, ...affiliation }: StatedAffiliation, absent: Absence, today: string): StatedAffiliation {
  if (absent === 'discontinued') return { ...affiliation, endedOn: today, end: absent };
  if (absent === 'expired') return { ...affiliation, until: today };
  return { ...affiliation, end: absent };
}
