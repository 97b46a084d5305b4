/** `pedel audit export`: prints entries as JSON lines in the order of their chains, with what is needed to verify them elsewhere. */
import { Command } from 'commander';
import { type ChainLink, NO_HASH } from '../domain/audit/audit-chain.ts';
import type { AuditEntry, AuditFilter, AuditLog } from '../domain/ports/audit-log.ts';
import { type FilterOptions, filtered, filterOf, opener } from './audit-choice.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import type { Setting } from './terminal.ts';

type Options = FilterOptions & { values?: true; config?: string };

const PAGE = 500;

export function exportCommand({ terminal }: Setting): Command {
  return filtered(new Command('export'), terminal.now())
    .description('print all entries, or those chosen, as JSON lines in the order of the chain')
    .option('--values', 'also print the old and new values, for people whose account still exists')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ values, config, ...options }: Options) => {
      await withInstallation(terminal, config, async ({ storage, openSealer }) => {
        const open = values === true ? opener(storage, await openSealer()) : undefined;
        const filter = await filterOf(storage, options);
        for await (const { entry, chain } of entriesOf(storage.auditLog)) {
          if (!matches(entry, filter)) continue;
          const { sealedValues, subject } = entry;
          const opened =
            open === undefined || sealedValues === undefined ? {} : { values: await open(subject, sealedValues) };
          const line = { entry, ...(chain === undefined ? {} : { chain }), ...opened };
          terminal.write(`${JSON.stringify(line)}\n`);
        }
      });
    });
}

/** Those in no chain first, oldest first; entries that cannot be read are left out. */
async function* entriesOf(auditLog: Pick<AuditLog, 'chained' | 'loose'>) {
  const ever = { from: 0, to: Number.MAX_SAFE_INTEGER };
  for (let after: { at: number; id: string } | undefined; ; ) {
    const page = await auditLog.loose(ever, after, PAGE);
    for (const { entry } of page) if (entry !== undefined) yield { entry, chain: undefined };
    after = page.at(-1);
    if (page.length < PAGE) break;
  }
  for (let last: ChainLink | undefined; ; ) {
    const page = await auditLog.chained(last, PAGE);
    for (const { entry, chain } of page) {
      const previousHash = last?.node === chain.node ? last.hash : NO_HASH;
      last = chain;
      if (entry !== undefined) yield { entry, chain: { ...chain, previousHash } };
    }
    if (page.length < PAGE) return;
  }
}

function matches(entry: AuditEntry, { subject, actor, action, client, from = 0, to = Infinity }: AuditFilter): boolean {
  return (
    (subject === undefined || entry.subject === subject) &&
    (actor === undefined || entry.actor.id === actor) &&
    (action === undefined || entry.action === action) &&
    (client === undefined || entry.client === client) &&
    entry.at >= from &&
    entry.at < to
  );
}

const HELP = `
Each line is { entry, chain: { node, seq, hash, previousHash } }. The hash is
SHA-256, in base64url, of the canonical JSON (RFC 8785) of
{ entry, node, previousHash, seq }, so that others can verify what they get
without this installation. Times are epoch milliseconds.

Examples:
  pedel audit export > audit.jsonl
  pedel audit export --from 2026-09-01 --to 2026-10-01 --client toledo
`;
