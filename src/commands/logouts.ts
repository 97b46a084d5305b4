/** `pedel logouts`: which applications were told that a session ended, which are still to be told, and why not yet. */
import { Command, Option } from 'commander';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { accountOf } from './roles.ts';
import { count, printable, type Setting } from './terminal.ts';

const STATES = { told: 'done', waiting: 'waiting', 'given-up': 'failed', 'set-aside': 'set-aside' } as const;
type Shown = keyof typeof STATES;
const PAGE = 500;
const MOST_SHOWN = 10_000;

type Options = { state?: Shown; person?: string; json?: true; config?: string };
type Line = {
  application: string;
  account: string | undefined;
  state: Shown;
  since: string;
  attempts: number;
  /** when it was told or given up */
  at?: string;
  nextAttempt?: string;
  why?: string;
};

export function logoutsCommand({ terminal }: Setting): Command {
  return new Command('logouts')
    .addOption(new Option('--state <state>', 'only these; without it, all').choices(Object.keys(STATES)))
    .option('--person <number>', 'only of this person, by user number or institution address')
    .option('--json', 'one JSON object per line, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ state, person, json, config }: Options) => {
      await withInstallation(terminal, config, async (installation) => {
        const id = person === undefined ? undefined : (await accountOf(installation, person)).id;
        let shown = 0;
        for await (const entry of entriesOf(installation.storage.outbox, state)) {
          if (id !== undefined && entry.accountId !== id) continue;
          if (shown === MOST_SHOWN) {
            terminal.writeError(`only the first ${MOST_SHOWN.toLocaleString('en')} are listed\n`);
            break;
          }
          shown += 1;
          const line = lineOf(entry);
          terminal.write(json ? `${JSON.stringify(line)}\n` : `${printable(textOf(line))}\n`);
        }
        if (shown === 0 && !json) terminal.writeError('there is none\n');
      });
    });
}

type Outbox = { list: (filter: object, after: string | undefined, limit: number) => Promise<OutboxEntry[]> };

async function* entriesOf(outbox: Outbox, state: Shown | undefined) {
  const filter = { kind: 'backchannel-logout', ...(state === undefined ? {} : { state: STATES[state] }) };
  for (let after: string | undefined; ; ) {
    const page = await outbox.list(filter, after, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}

const stamp = (at: number) => new Date(at).toISOString();

function lineOf({
  payload,
  accountId,
  state,
  attempts,
  createdAt,
  nextAttemptAt,
  finishedAt,
  lastError,
}: OutboxEntry): Line {
  const shown = (Object.keys(STATES) as Shown[]).find((each) => STATES[each] === state) ?? 'waiting';
  return {
    application: String(payload.clientId),
    account: accountId,
    state: shown,
    since: stamp(createdAt),
    attempts,
    ...(finishedAt === undefined ? {} : { at: stamp(finishedAt) }),
    ...(shown === 'waiting' ? { nextAttempt: stamp(nextAttemptAt) } : {}),
    ...(lastError === undefined || shown === 'told' ? {} : { why: lastError }),
  };
}

function textOf({ application, account, state, since, attempts, at, nextAttempt, why }: Line): string {
  const when = nextAttempt === undefined ? (at ?? '') : `next try ${nextAttempt}`;
  return `${state.padEnd(9)}  ${application}  account ${account ?? '?'}, since ${since}, ${count(attempts, 'attempt')}, ${when}${why === undefined ? '' : `: ${why}`}`;
}

const HELP = `
Each line is one notice (OpenID Connect Back-Channel Logout) to one application about one
session or refresh token. It is tried for seven days; an application that answers 401, 403,
404 or 410 may be in the middle of a deployment and is tried for a day. What was told is kept
for a short while only.

Examples:
  pedel logouts --state waiting
  pedel logouts --person r0123456 --json
`;
