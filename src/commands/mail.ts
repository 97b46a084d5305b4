/** `pedel mail bounce`: marks an email that a mail server could not deliver after all, so that the service desk sees it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Argument, Command } from 'commander';
import { readBounce } from '../domain/desk/bounce-report.ts';
import type { Outbox, OutboxEntry } from '../domain/ports/outbox.ts';
import { tellUndelivered } from '../jobs/undelivered.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

const PAGE = 5000;

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
        const progress = showProgress(terminal);
        const tell = (seen: number) => progress.reach('emails looked through', seen);
        const entry = await sentEmail(storage.outbox, report.messageId, tell);
        progress.clear();
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

/**
 * The Message-ID is a hash of the entry's id (mail/render-email.ts), so the ids of all that were sent are looked through.
 * @param tell gets how many have been, after each page
 */
export async function sentEmail(
  outbox: Pick<Outbox, 'sentLetters' | 'find'>,
  messageId: string,
  tell: (seen: number) => void,
): Promise<OutboxEntry | undefined> {
  const hash = messageId.slice(0, messageId.lastIndexOf('@'));
  let seen = 0;
  for (let after: string | undefined; ; ) {
    const page = await outbox.sentLetters(after, PAGE);
    const found = page.find((id) => createHash('sha256').update(id).digest('hex') === hash);
    if (found !== undefined) return outbox.find(found);
    if (page.length < PAGE) return undefined;
    seen += page.length;
    tell(seen);
    after = page.at(-1);
  }
}

const HELP = `
Let the mail server pipe what comes back to the sender's address into it, such as in /etc/aliases:
  pedel-bounces: "|/usr/bin/pedel mail bounce --config /etc/pedel/pedel.yaml"
Exit status: 0 marked, or nothing to mark; 1 it is no such report; 3 no email of Pedel.
`;
