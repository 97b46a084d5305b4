/**
 * The people of the simulated year: what their source says of each, and when. And, reckoned apart from the product, what
 * must become of them: when they are open and which letters they get.
 */
import type { Chance } from '../chaos/chance.ts';
import { type Day, daysBetween, isMonday, plus, startOf } from './days.ts';

export const FIRST_DAY = '2027-08-02'; // a Monday
export const LAST_DAY = '2028-07-31';
/** of the configuration (installation.ts) */
export const WARNING_DAYS = [3, 14];
const OPENS_DAYS_BEFORE = 30;
const STOPPED_DAYS = 7;
const END_OF_YEAR = '10-31';

/** A row of the feed. */
export type Row = { role: 'student' | 'staff' | 'guest'; from?: Day; until?: Day; endedOn?: Day };
/** What the source says of a person, from that Monday on. */
export type Said = { day: Day; row: Row };
export type Life = { number: string; kind: string; said: Said[] };

type Kind = { name: string; share: number; live(monday: (from: Day, to: Day) => Day, chance: Chance): Said[] };

const enrolled = (until: Day): Said => ({ day: FIRST_DAY, row: { role: 'student', from: '2026-09-20', until } });

/** Shares of a hundred. */
const kinds: Kind[] = [
  { name: 'does not enrol again', share: 20, live: () => [enrolled('2027-09-30')] },
  {
    name: 'enrols again',
    share: 42,
    live: (monday) => [enrolled('2027-09-30'), { ...enrolled('2028-09-30'), day: monday('2027-08-20', '2027-10-26') }],
  },
  { name: 'goes on for years', share: 12, live: () => [enrolled('2029-09-30')] },
  {
    name: 'stops',
    share: 6,
    live(monday, chance) {
      const day = monday('2027-08-15', '2028-07-10');
      const endedOn = plus(day, -chance.between(0, 4));
      return [enrolled('2029-09-30'), { day, row: { ...enrolled('2029-09-30').row, endedOn } }];
    },
  },
  {
    name: 'comes back',
    share: 5,
    live(monday) {
      const day = monday('2027-11-04', '2028-03-30');
      return [enrolled('2027-09-30'), { day, row: { role: 'student', from: plus(day, -2), until: '2028-09-30' } }];
    },
  },
  {
    name: 'arrives',
    share: 5,
    live: (monday) => [
      { day: monday('2027-08-09', '2027-09-14'), row: { role: 'student', from: '2027-09-20', until: '2028-09-30' } },
    ],
  },
  {
    name: 'leaves on leap day',
    share: 3,
    live: () => [{ day: FIRST_DAY, row: { role: 'staff', until: '2028-02-29' } }],
  },
  { name: 'guest', share: 2, live: () => [{ day: FIRST_DAY, row: { role: 'guest', until: '2027-12-15' } }] },
  { name: 'stays', share: 5, live: () => [{ day: FIRST_DAY, row: { role: 'staff' } }] },
];

export function livesOf(people: number, chance: Chance): Life[] {
  const monday = (from: Day, to: Day): Day => {
    let day = plus(from, chance.between(0, daysBetween(from, to)));
    while (!isMonday(day)) day = plus(day, 1);
    return day;
  };
  return Array.from({ length: people }, (_, n) => {
    const kind = kindAt(n % 100);
    return { number: `r${String(n).padStart(7, '0')}`, kind: kind.name, said: kind.live(monday, chance) };
  });
}

function kindAt(hundredth: number): Kind {
  let passed = 0;
  for (const kind of kinds) {
    passed += kind.share;
    if (hundredth < passed) return kind;
  }
  throw new TypeError('the shares are of a hundred');
}

/** The last day of access that a row gives; undefined: it gives no end. */
export function lastDayOf({ role, until, endedOn }: Row): Day | undefined {
  if (role !== 'student') return until;
  const ends = [
    ...(endedOn === undefined ? [] : [plus(endedOn, STOPPED_DAYS)]),
    ...(until === undefined ? [] : [endOfYearAfter(until)]),
  ];
  return ends.sort()[0];
}

function endOfYearAfter(day: Day): Day {
  const year = Number(day.slice(0, 4));
  const same = `${year}-${END_OF_YEAR}`;
  return day <= same ? same : `${year + 1}-${END_OF_YEAR}`;
}

export function isOpenAt(row: Row, at: number): boolean {
  const last = lastDayOf(row);
  const opens = row.from === undefined ? Number.NEGATIVE_INFINITY : startOf(plus(row.from, openDays(row)));
  return at >= opens && (last === undefined || at < startOf(plus(last, 1)));
}

const openDays = ({ role }: Row) => (role === 'student' ? -OPENS_DAYS_BEFORE : 0);

/** What a person is told: the kind of letter, and the day that its subject names. */
export type Letter = string;

/** Follows one person through the year and collects the letters that are due. `step` is to be called in order of time. */
export function follow({ said }: Life) {
  const letters: Letter[] = [];
  /** the fewest days of which the person was warned, by the end */
  const warned = new Map<Day, number>();
  const ended = new Set<Day>();
  let row: Row | undefined;
  let invited = false;
  let activated = false;

  function invite(at: number): void {
    if (invited || row === undefined || !isOpenAt(row, at)) return;
    invited = true;
    letters.push('invitation');
  }

  /** What the source has said by the day. `at`: epoch ms. */
  function hear(day: Day, at: number): void {
    const heard = said.findLast((each) => each.day <= day)?.row;
    if (heard === undefined || heard === row) return;
    const before = row;
    row = heard;
    invite(at);
    if (before === undefined || !activated) return;
    const [was, is] = [isOpenAt(before, at), isOpenAt(heard, at)];
    if (!was && is) letters.push('open again');
    if (was && is && heard.endedOn !== undefined && before.endedOn === undefined) {
      letters.push('stopped');
      const last = lastDayOf(heard);
      if (last !== undefined) warned.set(last, daysBetween(day, last));
    }
  }

  /** What the jobs do at `at` (epoch ms), on that day. */
  function work(day: Day, at: number): void {
    invite(at);
    const last = row && lastDayOf(row);
    if (!activated || row === undefined || last === undefined) return;
    if (!isOpenAt(row, at)) {
      if (at < startOf(plus(last, 1)) || ended.has(last)) return;
      ended.add(last);
      letters.push('ended');
      return;
    }
    const left = daysBetween(day, last);
    const days = WARNING_DAYS.find((each) => each >= left);
    if (days === undefined || days >= (warned.get(last) ?? Number.POSITIVE_INFINITY)) return;
    warned.set(last, days);
    letters.push(`ends ${last}`);
  }

  return {
    hear,
    work,
    activate(): void {
      activated ||= invited;
    },
    row: () => row,
    isActivated: () => activated,
    /** sorted */
    letters: () => [...letters].sort(),
  };
}
