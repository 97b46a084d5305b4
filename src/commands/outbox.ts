/** `pedel outbox`: lists emails, logouts and webhooks that are under way, given up or set aside, and tries again. */
import { Argument, Command, Option } from 'commander';
import type { OutboxEntry, OutboxKind } from '../domain/ports/outbox.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { randomId } from '../domain/random.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, count, printable, type Setting, type Terminal } from './terminal.ts';

const STATES = ['waiting', 'set-aside', 'failed', 'done'] as const satisfies OutboxEntry['state'][];
const KINDS = ['letter', 'backchannel-logout', 'webhook'] as const satisfies OutboxKind[];
const PAGE = 500;
const MOST_SHOWN = 10_000;

export function outboxCommand(setting: Setting): Command {
  return new Command('outbox').addCommand(listCommand(setting)).addCommand(retryCommand(setting));
}

type ListOptions = { state: OutboxEntry['state']; kind?: OutboxKind; json?: true; config?: string };

function listCommand({ terminal }: Setting): Command {
  return new Command('list')
    .description('list the entries of one state')
    .addOption(new Option('--state <state>', 'entries in this state').choices(STATES).default('set-aside'))
    .addOption(new Option('--kind <kind>', 'only emails, logouts or messages to webhooks').choices(KINDS))
    .option('--json', 'one JSON object per line, for scripts')
    .addOption(configOption())
    .addHelpText('after', LIST_HELP)
    .action(async ({ state, kind, json, config }: ListOptions) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        let shown = 0;
        for await (const entry of entriesOf(storage, { state, ...(kind === undefined ? {} : { kind }) })) {
          if (shown === MOST_SHOWN) {
            terminal.writeError(`only the first ${MOST_SHOWN.toLocaleString('en')} are listed\n`);
            break;
          }
          shown += 1;
          terminal.write(json ? `${JSON.stringify(withoutContent(entry))}\n` : `${lineOf(entry)}\n`);
        }
        if (shown === 0 && !json) terminal.writeError(`no entry is ${state}\n`);
      });
    });
}

function retryCommand({ terminal }: Setting): Command {
  return new Command('retry')
    .description('try entries again that are set aside, at once')
    .addArgument(new Argument('[ids...]', 'ids as pedel outbox list shows them'))
    .option('--all', 'all that are set aside')
    .addOption(configOption())
    .addHelpText('after', RETRY_HELP)
    .action(async (ids: string[], { all, config }: { all?: true; config?: string }) => {
      if ((all === true) === ids.length > 0) throw new CommandFault('name entries, or give --all');
      await withInstallation(terminal, config, async ({ storage }) => {
        const chosen = all === true ? await idsSetAside(storage) : ids;
        const missing: string[] = [];
        for (const id of chosen) if (!(await tryAgain(terminal, storage, id))) missing.push(id);
        const due = chosen.length - missing.length;
        if (due > 0 || all === true)
          terminal.write(`${count(due, 'entry is', 'entries are')} due now; a running Pedel delivers what is due\n`);
        if (missing.length > 0 && all !== true)
          throw new CommandFault(`not set aside: ${missing.map(printable).join(', ')}; see pedel outbox list`);
      });
    });
}

async function* entriesOf(storage: Storage, filter: { state: OutboxEntry['state']; kind?: OutboxKind }) {
  for (let after: string | undefined; ; ) {
    const page = await storage.outbox.list(filter, after, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}

async function idsSetAside(storage: Storage): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of entriesOf(storage, { state: 'set-aside' })) ids.push(id);
  return ids;
}

/** False: it is not set aside. */
async function tryAgain(terminal: Terminal, storage: Storage, id: string): Promise<boolean> {
  if (!(await storage.outbox.tryAgain(id, terminal.now()))) return false;
  await storage.auditLog.append({
    id: randomId(terminal.randomBytes),
    at: terminal.now(),
    action: 'outbox.tried-again',
    actor: { kind: 'command', id: 'outbox retry' },
    details: { entry: id },
  });
  return true;
}

/** The payload has names and addresses, and perhaps a sealed link. */
function withoutContent({ payload: _, ...entry }: OutboxEntry) {
  return entry;
}

function lineOf({ id, kind, accountId, attempts, createdAt, lastError }: OutboxEntry): string {
  const since = new Date(createdAt).toISOString();
  const whose = accountId === undefined ? '' : ` of account ${accountId}`;
  const why = lastError === undefined ? '' : `: ${lastError}`;
  return printable(`${id}  ${kind}${whose}, since ${since}, ${count(attempts, 'attempt')}${why}`);
}

const LIST_HELP = `
An entry is set aside once two processes died while they delivered it, or could
not record how it ended. No node tries it again by itself, because it may end a
third. The log of the processes that died says what happened.

Examples:
  pedel outbox list
  pedel outbox list --state waiting --kind backchannel-logout --json
`;

const RETRY_HELP = `
Find out first why the processes died. If one dies again, the entry counts as
tried once; after two it is set aside again. The retry is in the audit log.

Exit status: 0, or 1 if an entry that was named is not set aside.

Examples:
  pedel outbox retry backchannel-logout:Hx2vN8
  pedel outbox retry --all
`;
