/** `pedel mail bounce`: marks an email that a mail server could not deliver after all, so that the service desk sees it. */
import { createReadStream } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Argument, Command } from 'commander';
import { readBounce } from '../domain/desk/bounce-report.ts';
import { tellUndelivered } from '../jobs/undelivered.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

export function mailCommand({ terminal }: Setting): Command {
  const bounce = new Command('bounce')
    .description('mark the email that a report of a mail server (RFC 3464) is about as not delivered')
    .addArgument(new Argument('[file]', 'the report as it came; - : standard input').default('-'))
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (file: string, { config }: { config?: string }) => {
      const report = readBounce(await textOf(file === '-' ? process.stdin : createReadStream(file)));
      if (report === 'no-report') throw new CommandFault('this is no delivery report (message/delivery-status)');
      if (report === 'no-message')
        throw new CommandFault('the report does not say which email it is about (Message-ID)');
      if (report === 'delayed') {
        terminal.write('the mail server still tries, or delivered it: nothing to mark\n');
        return;
      }
      await withInstallation(terminal, config, async ({ storage, config: { organisations } }) => {
        const entry = await storage.outbox.sentAs(report.messageId.slice(0, report.messageId.lastIndexOf('@')));
        if (entry === undefined) throw new CommandFault('no email of the last 90 days has this Message-ID', 3);
        const error = [report.reply, report.status].filter(Boolean).join(' ') || 'returned';
        const { accounts, auditLog, outbox } = storage;
        const deps = { accounts, auditLog, outbox, organisations, now: terminal.now };
        await tellUndelivered(deps, entry, report.status.startsWith('5'), error);
        await outbox.bounced(entry.id, terminal.now(), error);
        terminal.write(`marked ${entry.id}: ${printable(error)}\n`);
      });
    });
  return new Command('mail').addCommand(bounce);
}

const HELP = `
Let the mail server pipe what comes back to the sender's address into it, such as in /etc/aliases:
  pedel-bounces: "|/usr/bin/pedel mail bounce --config /etc/pedel/pedel.yaml"
Exit status: 0 marked, or nothing to mark; 1 it is no such report; 3 no email of Pedel.
`;
