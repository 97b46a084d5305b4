/** The emails that are in every institution mailbox from the start. */
import { type Message, messageIdentifier } from '../messages.ts';

export function welcomeLetters(address: string, now: Date): Message[] {
  const domain = address.slice(address.indexOf('@') + 1);
  const letter = (key: string, daysAgo: number, from: string, subject: string, text: string): Message => {
    const messageId = `<${key}@${domain}>`;
    return {
      id: messageIdentifier(address, messageId),
      messageId,
      to: address,
      from,
      subject,
      text,
      html: '',
      date: new Date(now.getTime() - daysAgo * 86_400_000).toISOString(),
    };
  };
  return [
    letter(
      'library',
      3,
      `Library <library@${domain}>`,
      'Two books are due next week',
      'Good afternoon,\n\n“Gödel, Escher, Bach” and “A Pattern Language” are due next Friday. You can renew both at the library desk or on the library website.\n\nKind regards,\nThe library',
    ),
    letter(
      'welcome',
      30,
      `Mail service <postmaster@${domain}>`,
      'Welcome to your mailbox',
      `Welcome!\n\nThis is the mailbox of ${address}. Lecturers, the library and the student administration write to you here, so check it regularly.\n\nWe never ask for your password by email.\n\nThe mail service`,
    ),
  ];
}
