/** `pedel lifecycle`: applies changed rules of access to the accounts that are stored, and certifies erasures. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { certificateOf, type ErasureCertificate, isGenuine } from '../domain/lifecycle/erasure-certificate.ts';
import type { Alarm } from '../domain/ports/imports.ts';
import { noteApplied } from '../use-cases/lifecycle/applied-rules.ts';
import { type RecomputeCounts, recompute } from '../use-cases/lifecycle/recompute.ts';
import { configOption } from './configuration.ts';
import { erasureSigner } from './erasure-signature.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, count, printable, type Setting } from './terminal.ts';

type Options = { dryRun?: true; allowLosses?: number; json?: true; config?: string };

export function lifecycleCommand({ terminal }: Setting): Command {
  const command = new Command('lifecycle');
  command
    .command('recompute')
    .description('apply the present rules of access to every account')
    .option('-n, --dry-run', 'say how many would change, and change nothing')
    .option('--allow-losses <number>', 'go on although exactly this many open accounts lose access', wholeNumber)
    .option('--json', '{ accounts, outdated, changed, closed, opened, losses, alarms } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ dryRun, allowLosses, json, config: file }: Options) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const { accounts, auditLog } = storage;
        const { organisations, sources } = config;
        const options = { accounts, auditLog, organisations, sources, now: terminal.now() };
        const { kind, counts, alarms } = await recompute({ ...options, dryRun: dryRun === true, allowLosses });
        if (kind === 'applied') await noteApplied(storage, organisations);
        terminal.write(json ? `${JSON.stringify({ ...counts, alarms })}\n` : textOf(counts, kind));
        if (kind === 'losses') throw new CommandFault(lossesText(counts, alarms, allowLosses), 3);
      });
    });
  command
    .command('certificate')
    .description('print a signed certificate of the erasure of an account')
    .argument('<account>', 'the id of the account (its sub)')
    .addOption(configOption())
    .addHelpText('after', CERTIFICATE_HELP)
    .action(async (id: string, { config: file }: Options) => {
      await withInstallation(terminal, file, async ({ config, storage, openSealer }) => {
        const account = await storage.accounts.findById(id);
        const sealer = await openSealer();
        const signed = erasureSigner(await storage.signingKeys.list(), sealer, terminal.now());
        const certificate = account && certificateOf(account, { issuer: config.issuer, sealer, signed });
        if (certificate === undefined)
          throw new CommandFault(`no account with the id "${printable(id.slice(0, 80))}" was erased here`);
        terminal.write(`${JSON.stringify(certificate, null, 2)}\n`);
      });
    });
  command
    .command('verify-certificate')
    .description('say whether a certificate was made by this installation')
    .argument('<file>', 'what pedel lifecycle certificate printed')
    .addOption(configOption())
    .addHelpText('after', '\nExit status: 0 it was, 1 it was not or was changed.\n')
    .action(async (path: string, { config: file }: Options) => {
      await withInstallation(terminal, file, async ({ openSealer }) => {
        const genuine = isGenuine(certificateIn(path), await openSealer());
        if (!genuine) throw new CommandFault('this certificate was not made here, or was changed since');
        terminal.write('genuine: this installation made it, and nobody has changed it\n');
      });
    });
  return command;
}

function certificateIn(path: string): ErasureCertificate {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as ErasureCertificate;
    if (typeof read.mac === 'string') return read;
  } catch (error) {
    throw new CommandFault(`the certificate cannot be read: ${(error as Error).message}`);
  }
  throw new CommandFault('this is no certificate: it has no mac');
}

const CERTIFICATE_HELP = `
It holds the id, the day, the rule and how much was erased, and nothing of the person. One
signature (mac) is made under a key that PEDEL_SECRET seals, so this installation verifies it
for ever: pedel lifecycle verify-certificate FILE. The other one (jws, RFC 7515) is made with
the key that signs ID tokens, so anybody verifies it with /jwks, as long as that key is
published there; print it again for somebody who comes later.

Example:
  pedel lifecycle certificate 5f0c… > erased.json
`;

function textOf(counts: RecomputeCounts, kind: 'applied' | 'rehearsed' | 'losses'): string {
  const { accounts, outdated, changed, closed, opened, losses } = counts;
  const unchanged = { applied: '', rehearsed: 'Dry run, nothing was changed. ', losses: 'Nothing was changed. ' };
  const [others, changes, closes, opens] = [outdated, changed, closed, opened].map((each) => each.toLocaleString('en'));
  return [
    `${unchanged[kind]}${count(accounts, 'account')}: ${others} under other rules; ${changes} changed, of which ${closes} closed and ${opens} opened\n`,
    losses === 0
      ? ''
      : `${count(losses, 'open account')} ${losses === 1 ? 'loses' : 'lose'} access now, within 30 days, or over 30 days earlier than before\n`,
  ].join('');
}

function lossesText({ losses }: RecomputeCounts, alarms: Alarm[], allowed: number | undefined): string {
  const places = alarms.map(({ organisation, losses: { lose, allowed: most } = { lose: 0, allowed: 0 } }) => {
    return `${lose.toLocaleString('en')} at ${organisation}, where ${most.toLocaleString('en')} may without a question`;
  });
  return [
    `${count(losses, 'open account')} would lose access`,
    places.length === 0 ? '' : ` (${places.join('; ')})`,
    ', so nothing was changed: ',
    allowed === undefined ? '' : `--allow-losses ${allowed} is not that number; `,
    `if that is meant, go on with --allow-losses ${losses}`,
  ].join('');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number.');
  return Number(text);
}

const HELP = `
A change of access in the configuration changes the account of nobody until this
command runs, or until a feed says something new of a person; until then /readyz
and /admin/health say so. How long an account is kept (retain) counts at once.
Run it once after the upgrade from 0.2 as well: until then an account opens
before its first affiliation, and between two of them, and no address counts as
verified because its owner activated the account from there.

Changed rules stand under the safeguard of imports: where more open accounts of an
organisation would lose access than its sources let go (safeguard: the share lose,
or the number least where that is more; the strictest source counts, and 5% or 25
where there is none), nothing is changed, and --allow-losses with the very number
that was named goes on. Access is lost by an end that comes now, within 30 days,
or more than 30 days earlier than before, however far away. An account at several
organisations counts once in that number.

Exit status:
  0  done
  3  nothing was changed, because too many would lose access, or not exactly as
     many as --allow-losses says; with --dry-run as well

Examples:
  pedel lifecycle recompute --dry-run
  pedel lifecycle recompute --allow-losses 1234
`;
