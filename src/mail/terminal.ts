/** Prints emails instead of sending them, with links and codes. Only for trying Pedel out. */
import type { Mailer } from './mailer.ts';

const RULE = '─'.repeat(72);

/** `from`: the sender, as in the configuration. `print` is for tests. */
export function createTerminalMailer(
  from: string,
  print: (text: string) => void = (text) => process.stdout.write(text),
): Mailer {
  return {
    name: 'terminal:',
    async send({ to, subject, text }) {
      const head = [`From:    ${from}`, `To:      ${to}`, `Subject: ${subject}`];
      print(`\n${RULE}\n${head.join('\n')}\n${RULE}\n${text.trimEnd()}\n${RULE}\n`);
      return { kind: 'delivered', response: 'printed' };
    },
    check: async () => ({ kind: 'delivered', response: 'printed' }),
    close() {},
  };
}
