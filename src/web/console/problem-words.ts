/** What was refused as a page shows it: sentences, the two addresses with what differs between them, and when. */
import type { Translate } from '../../../locales/index.ts';
import { isHint, type Refusal } from '../../domain/clients/refusals/refusal.ts';
import { refusalInWords } from '../../domain/clients/refusals/refusal-words.ts';
import type { Marked, ProblemShown, RefusalShown } from '../../http/views.ts';
import type { Problem } from '../../use-cases/clients/list-refusals.ts';

export function refusalShown(refusal: Refusal, t: Translate): RefusalShown {
  const { sentence, remedy, difference } = refusalInWords(refusal, t);
  const { got, expected } = { got: undefined, expected: undefined, ...refusal };
  const isHost = difference?.parts.includes('host');
  return {
    sentence,
    remedy,
    ...(got === undefined || got === '' ? {} : { got: marked(got, difference?.got, isHost) }),
    ...(expected === undefined
      ? {}
      : {
          registered: marked(expected || t('consoleProblems.nothing_registered'), difference?.expected, isHost),
        }),
    ...(difference === undefined || difference.inWords === '' ? {} : { difference: difference.inWords }),
  };
}

export function problemShown({ record, addable, foreignHost }: Problem, t: Translate): ProblemShown {
  const { refusal, party, count, firstAt, lastAt, incident } = record;
  return {
    ...refusalShown(refusal, t),
    times: t('consoleProblems.times', { count } as never),
    isHint: isHint(refusal),
    foreign: foreignHost,
    ...(addable === undefined ? {} : { addable }),
    first: firstAt,
    last: lastAt,
    ...(incident === undefined ? {} : { incident }),
    code: refusal.code,
    ...('client' in party ? {} : { named: party.named ?? '' }),
  };
}

/** `isHost`: the whole name is marked, also where both end with the same letters. */
function marked(text: string, [from, until]: readonly [number, number] = [0, 0], isHost = false): Marked {
  const rest = isHost && until > from ? (/^[^/?#:]*/.exec(text.slice(until))?.[0].length ?? 0) : 0;
  const before = until + rest;
  return { before: text.slice(0, from), mark: text.slice(from, before), after: text.slice(before) };
}
