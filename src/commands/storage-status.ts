/** `pedel storage status` and `upgrade`: shows what is stored and its schema, and upgrades the schema. */

import { Command } from 'commander';
import { archiveKinds } from '../domain/installation/archive.ts';
import { isNodeLease } from '../domain/installation/node-lease.ts';
import { nameOfStorage } from '../domain/installation/storage-name.ts';
import { requireUsable, requireWhole } from '../domain/installation/stored-schema.ts';
import { heldLeases } from '../use-cases/storage/storage-pages.ts';
import { configOption, storageOf } from './configuration.ts';
import { storages } from './installation.ts';
import type { Setting, Terminal } from './terminal.ts';

type Options = { json?: boolean; config?: string };

export function statusCommand({ terminal }: Setting): Command {
  return new Command('status')
    .description('show schema, size, counts, backlog and running nodes of the configured storage; changes nothing')
    .option('--json', 'the same as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel storage status --json\n')
    .action(async ({ json = false, config }: Options) => {
      const uri = storageOf(terminal, config);
      const described = await storages.describe(uri);
      const usable = described.applied >= described.known && described.copy === undefined;
      const state = {
        storage: nameOfStorage(uri),
        schema: { applied: described.applied, minimum: described.minimum, known: described.known },
        ...(described.copy === undefined ? {} : { halfCopy: described.copy }),
        ...(usable ? await contentsOf(terminal, uri) : {}),
      };
      terminal.write(json ? `${JSON.stringify(state, null, 2)}\n` : textOf(state, described));
    });
}

async function contentsOf(terminal: Terminal, uri: string) {
  const storage = await storages.open(uri, { now: terminal.now });
  try {
    const now = terminal.now();
    const leases = await heldLeases(storage, now);
    const state = await storage.archive.state();
    return {
      bytes: state.bytes,
      auditSetAside: state.auditSetAside,
      counts: await storage.archive.counts(),
      backlog: await storage.outbox.backlog(now),
      nodes: leases.filter(({ name }) => isNodeLease(name)).length,
      leases,
    };
  } finally {
    await storage.close();
  }
}

function textOf(
  state: Partial<Awaited<ReturnType<typeof contentsOf>>> & { storage: string },
  described: Awaited<ReturnType<typeof storages.describe>>,
) {
  const { applied, minimum, known, copy } = described;
  const lines: [string, string][] = [
    ['storage', state.storage],
    ['schema', applied === 0 ? 'none yet' : `${applied} (this version upgrades it to ${Math.max(applied, known)})`],
  ];
  if (minimum > known) lines.push(['', `needs a version that knows schema ${minimum}; this one knows ${known}`]);
  if (copy !== undefined)
    lines.push([
      copy.seenEmpty === true ? 'half a copy' : 'mark of a copy',
      `of ${copy.from}, begun at ${new Date(copy.startedAt).toISOString()}`,
    ]);
  const { bytes, counts, auditSetAside = 0, backlog, leases, nodes = 0 } = state;
  if (bytes !== undefined)
    lines.push(['size', `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`]);
  if (counts !== undefined) for (const kind of archiveKinds) lines.push([kind, counts[kind].toLocaleString('en')]);
  if (auditSetAside > 0)
    lines.push([
      'audit set aside',
      `${auditSetAside.toLocaleString('en')}, which the log did not take (see pedel storage check)`,
    ]);
  if (backlog !== undefined) {
    const since =
      backlog.oldestDueAt === undefined ? '' : `, the oldest due since ${new Date(backlog.oldestDueAt).toISOString()}`;
    const aside = backlog.setAside === 0 ? '' : `; ${backlog.setAside} set aside (see pedel outbox list)`;
    lines.push(['backlog', `${backlog.waiting} waiting${since}; ${backlog.failed} given up${aside}`]);
  }
  if (leases !== undefined) {
    const jobs = leases.map(({ name }) => name).filter((name) => !isNodeLease(name));
    const atWork = [
      ...(nodes === 0 ? [] : [nodes.toLocaleString('en')]),
      ...(jobs.length === 0 ? [] : [jobs.join(', ')]),
    ];
    lines.push(['nodes', atWork.length === 0 ? 'none at work' : `at work: ${atWork.join('; ')}`]);
  }
  return `${lines.map(([name, value]) => `${name.padEnd(18)} ${value}`.trimEnd()).join('\n')}\n`;
}

export function upgradeCommand({ terminal }: Setting): Command {
  return new Command('upgrade')
    .description("upgrade the configured storage to this version's schema, as pedel serve does when it starts")
    .option('-n, --dry-run', 'say what would be done, and change nothing')
    .option('--json', '{ from, to, done } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', UPGRADE_HELP)
    .action(async ({ dryRun, json = false, config }: Options & { dryRun?: true }) => {
      const uri = storageOf(terminal, config);
      const described = await storages.describe(uri);
      const { applied, known, copy } = described;
      requireUsable(described, known);
      requireWhole(copy);
      const to = Math.max(applied, known);
      const done = dryRun !== true && applied < known;
      if (done)
        await (
          await storages.open(uri, { now: terminal.now, say: (text) => terminal.writeError(`${text}\n`) })
        ).close();
      if (json) terminal.write(`${JSON.stringify({ from: applied, to, done }, null, 2)}\n`);
      else if (applied >= known) terminal.write(`schema ${applied}: nothing to do\n`);
      else terminal.write(`schema ${applied} ${done ? 'was upgraded' : 'would be upgraded'} to ${to}\n`);
    });
}

const UPGRADE_HELP = `
After an upgrade of Pedel, any number of nodes may start at once: one upgrades
the database, and the others wait for it. Nodes of the version before keep
working, and may restart, unless the new schema excludes them.

Example:
  pedel storage upgrade --dry-run
`;
