/** The rules of access of a role at an organisation: what each may be, and the remedy where it is something else. */
import { z } from 'zod';
import { option } from './option.ts';

const DAYS = 'a number of days such as P7D';
const AFTER = `${DAYS}, or a day of the year such as 10-31`;

const days = z
  .string({ error: `write ${DAYS}` })
  .regex(/^P(?:\d{1,3}|[1-2]\d{3}|3[0-5]\d\d|36[0-5]\d)D$/, { error: `write ${DAYS}, at most P3659D`, abort: true });

/** A day of the year that there is each year. */
const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const afterEnd = z.string({ error: `write ${AFTER}` }).superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  const [, month, day] = /^(\d\d)-(\d\d)$/.exec(value) ?? [];
  if (month === undefined || day === undefined) {
    if (!days.safeParse(value).success) refuse(`write ${AFTER}; months, years and hours are not counted`);
    return;
  }
  if (value === '02-29') return refuse('29 February comes once in four years: write 02-28 or 03-01');
  const last = daysInMonth[Number(month) - 1];
  if (last === undefined) refuse(`there is no month ${month}: write month and day, such as 10-31 for 31 October`);
  else if (Number(day) < 1 || Number(day) > last) refuse(`month ${month} has no day ${day}: its last one is ${last}`);
});

const end = (purpose: string, example: string) =>
  option(afterEnd.exactOptional(), { purpose, expected: AFTER, example });

/** What holds where the configuration says nothing of access. */
export const standardAccess = { default: { opens: 'P30D', discontinued: 'P7D' } };

export const roleRules = z.strictObject({
  opens: option(days.exactOptional(), {
    purpose:
      'So long before the first day of an affiliation (from) the account may be activated and used, and the invitation goes out; without it, from that day',
    expected: DAYS,
    example: 'P90D',
  }),
  expired: end(
    'How long access goes on after the planned last day (until); without it, to the end of that day',
    '10-31',
  ),
  completed: end('How long after an end that a source calls completed; without it, as expired', '10-31'),
  discontinued: end('How long after an end before its time (ended_on); without it, as expired', 'P7D'),
  retain: option(
    z
      .string()
      .regex(/^(forever|P(?!$)(\d{1,2}Y)?(\d{1,3}M)?(\d{1,4}D)?)$/)
      .exactOptional(),
    {
      purpose:
        'How long an account is kept after the end of its last access, before what is stored of the person is erased. The longest of its affiliations counts; without it, forever',
      expected: 'years, months and days as an ISO 8601 duration, or forever',
      example: 'P1Y',
    },
  ),
});
