/** Reads a report of a mail server about an email that did not arrive (RFC 3464), as far as it says which email and why. */

/** `messageId`: of the email, without its brackets; `status`: as RFC 3463 has it; `reply`: the first line of what the receiver said. */
export type BounceReport = { messageId: string; status: string; reply: string };

/** How many characters of a report are read: the email itself comes last, and may be long. */
const LONGEST_REPORT = 1_000_000;
const LONGEST_REPLY = 200;

/**
 * `no-report`: it is no delivery status notification. `delayed`: the mail server still tries, or delivered it. `no-message`: it
 * does not say which email it is about.
 */
export function readBounce(text: string): BounceReport | 'no-report' | 'delayed' | 'no-message' {
  const lines = text
    .slice(0, LONGEST_REPORT)
    .replaceAll('\r\n', '\n')
    .replaceAll(/\n[ \t]+/g, ' ');
  const status = /^content-type: *message\/delivery-status\b/im.exec(lines);
  if (status === null) return 'no-report';
  const report = lines.slice(status.index);
  if (fieldOf(report, 'action')?.toLowerCase() !== 'failed') return 'delayed';
  // the header of the email follows the status, whole or in part (message/rfc822, text/rfc822-headers)
  const messageId = /^message-id: *<([^<>\s]{1,300})>/im.exec(report)?.[1];
  if (messageId === undefined) return 'no-message';
  const reply = fieldOf(report, 'diagnostic-code')?.replace(/^[a-z0-9-]+; */i, '') ?? '';
  return { messageId, status: fieldOf(report, 'status') ?? '', reply: reply.slice(0, LONGEST_REPLY) };
}

const fieldOf = (text: string, name: string) => new RegExp(`^${name}: *(.+)$`, 'im').exec(text)?.[1]?.trim();
