/** `pedel clients problems`: what applications were refused in the last fourteen days, and what to do about each. */
import { Command, InvalidArgumentError } from 'commander';
import type { Language } from '../domain/account/languages.ts';
import { isHint } from '../domain/clients/refusals/refusal.ts';
import { type RefusalInWords, refusalInWords } from '../domain/clients/refusals/refusal-words.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { systemActor } from '../use-cases/actor.ts';
import { listRefusals, type Problem } from '../use-cases/clients/list-refusals.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { languageOption, sentencesIn } from './language-option.ts';
import { localTime, sinceFrom } from './since.ts';
import { CommandFault, count, printable, type Setting } from './terminal.ts';

type Options = { unknown?: true; since?: number; limit: number; language: Language; json?: true; config?: string };
type Whose = Parameters<Storage['refusals']['page']>[0];

const PAGE = 200;
const LABEL = 12;

export function problemsCommand({ terminal }: Setting): Command {
  return new Command('problems')
    .description('list what applications were refused in the last 14 days, newest first, and what to do about it')
    .argument('[client_id]', 'only of this application')
    .option('--unknown', 'only requests with a client_id that no application has')
    .option(
      '--since <when>',
      'only what happened since then: a day (2026-09-21, Brussels time), a time (2026-09-21T08:00Z) or a span (15m, 24h, 7d)',
      sinceFrom(terminal.now()),
    )
    .option('--limit <number>', 'the most to print', wholeNumber, 50)
    .addOption(languageOption())
    .option('--json', 'one JSON object per line, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (client: string | undefined, { unknown, since, limit, language, json, config }: Options) => {
      if (client !== undefined && unknown) throw new CommandFault('give a client_id or --unknown, not both');
      await withInstallation(terminal, config, async ({ storage }) => {
        const say = await sentencesIn(language);
        const whose: Whose = unknown ? 'unknown' : client === undefined ? 'all' : { client };
        let shown = 0;
        for await (const problem of problemsOf(storage, whose, since, limit)) {
          const words = refusalInWords(problem.record.refusal, say);
          terminal.write(json ? `${JSON.stringify(jsonOf(problem, words))}\n` : `${textOf(problem, words)}\n`);
          shown += 1;
        }
        if (shown > 0) return;
        if (client !== undefined && (await storage.clients.find(client)) === undefined)
          throw new CommandFault(
            `no application has the client_id "${printable(client)}"; see pedel clients list, and --unknown`,
          );
        if (!json) terminal.writeError('nothing was refused\n');
      });
    });
}

/** Also of an application that was removed: its requests still come, and its refusals are kept for a while. */
async function* problemsOf(storage: Storage, whose: Whose, since = 0, limit: number): AsyncGenerator<Problem> {
  let before: { lastAt: number; id: string } | undefined;
  for (let left = limit; left > 0; left -= PAGE) {
    const input = { of: whose, before, limit: Math.min(left, PAGE) };
    const listed = await listRefusals(systemActor(undefined), input, storage);
    if (listed.kind === 'not-found') return;
    for (const problem of listed.problems) {
      if (problem.record.lastAt < since) return;
      yield problem;
    }
    before = listed.next;
    if (before === undefined) return;
  }
}

function jsonOf({ record }: Problem, words: RefusalInWords) {
  const { party, refusal, firstAt, lastAt, count: times, incident } = record;
  const { code, got, expected } = { got: undefined, expected: undefined, ...refusal };
  return {
    ...('client' in party ? { client_id: party.client } : { client_id: null, unknown_client_id: party.named ?? null }),
    code,
    hint: isHint(refusal),
    got,
    registered: expected,
    differs: words.difference?.parts,
    first: new Date(firstAt).toISOString(),
    last: new Date(lastAt).toISOString(),
    count: times,
    incident,
    sentence: words.sentence,
    remedy: words.remedy,
  };
}

function textOf({ record, foreignHost }: Problem, { sentence, remedy, difference }: RefusalInWords): string {
  const { party, refusal, firstAt, lastAt, count: times, incident } = record;
  const { code, got, expected } = { got: undefined, expected: undefined, ...refusal };
  const who = 'client' in party ? party.client : `(unknown) ${party.named ?? ''}`;
  const often = times === 1 ? 'once' : `${count(times, 'time')} since ${localTime(firstAt)}`;
  const marked = (label: string, text: string, [from, before]: [number, number] = [0, 0]) => [
    `    ${label.padEnd(LABEL)}${text}`,
    ...(before === from ? [] : [`    ${' '.repeat(LABEL + from)}${'^'.repeat(before - from)}`]),
  ];
  const lines = [
    `${localTime(lastAt)}  ${who}  ${often}`,
    `  ${sentence}`,
    ...(got === undefined || got === '' ? [] : marked('got', got, difference?.got)),
    ...(expected === undefined ? [] : marked('registered', expected || 'none', difference?.expected)),
    ...(difference === undefined ? [] : [`    ${'differs in'.padEnd(LABEL)}${difference.inWords}`]),
    `  ${remedy}`,
    ...(foreignHost
      ? ['  Caution: no registered address is at this host. Whoever owns it would get what people sign in with.']
      : []),
    `  ${code}${incident === undefined ? '' : `, incident ${incident}`}`,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

const HELP = `
Equal ones are counted as one. An application has at most 20 different ones an
hour; what is beyond that is only counted. A node writes them within seconds.
Strangers can cause most of them, and open nothing by it. What a person decides,
and a token or session that has ended, is no problem and not listed.

"got" never has a secret, code or token: of an address, what follows = is left
out, and of a client_id that nobody has only the beginning is kept.

Exit status: 0, or 1 if no application has this client_id.

Examples:
  pedel clients problems
  pedel clients problems toledo --since 24h
  pedel clients problems --unknown --json
`;
