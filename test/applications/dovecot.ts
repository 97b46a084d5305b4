/** Dovecot, which asks an issuer by introspection whose mailbox a token opens, and a client of its IMAP. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { startForeign } from './foreign.ts';

/** `settings`: of introspection, with Dovecot's own id and secret. */
export async function startDovecot(settings: string) {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-dovecot-'));
  const mail = join(folder, 'mail');
  mkdirSync(mail);
  for (const each of [folder, mail]) chmodSync(each, 0o777); // its processes run as other users
  const port = await freePort();
  // started by root it gives its processes users of their own; by anybody else it must be told to stay who it is
  const { username, uid, gid } = userInfo();
  const asRoot = uid === 0;
  const own = asRoot ? [] : [`default_login_user = ${username}`, `default_internal_user = ${username}`];
  const oauth2 = join(folder, 'oauth2.conf');
  writeFileSync(oauth2, settings);
  const file = join(folder, 'dovecot.conf');
  writeFileSync(
    file,
    [
      ...own,
      `base_dir = ${join(folder, 'run')}`,
      `log_path = ${join(folder, 'log')}`,
      'auth_verbose = yes',
      'protocols = imap',
      'ssl = no',
      'disable_plaintext_auth = no',
      'first_valid_uid = 1',
      `mail_location = maildir:${mail}/%u`,
      'auth_mechanisms = oauthbearer xoauth2',
      `service imap-login {\n  chroot =\n  inet_listener imap {\n    address = 127.0.0.1\n    port = ${port}\n  }\n}`,
      // it lets somebody who was refused wait for longer and longer
      'auth_failure_delay = 0',
      'service anvil {\n  chroot =\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}',
      `passdb {\n  driver = oauth2\n  mechanisms = oauthbearer xoauth2\n  args = ${oauth2}\n}`,
      `userdb {\n  driver = static\n  args = uid=${asRoot ? 'mail' : uid} gid=${asRoot ? 'mail' : gid} home=${mail}/%u\n}`,
    ].join('\n'),
  );
  const dovecot = await startForeign({
    command: needs.applications.dovecot ?? '',
    args: ['-F', '-c', file],
    ready: async () => {
      await (await imap(port)).close();
      return true;
    },
  });
  return {
    port,
    imap: () => imap(port),
    stop: async () => {
      await dovecot.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One connection. @throws where nobody greets */
async function imap(port: number) {
  const socket: Socket = createConnection(port, '127.0.0.1');
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  failed.catch(() => undefined); // told by whoever waits
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (done) throw new Error('the connection was closed');
    return value as string;
  };
  let commands = 0;

  /** All that it answers, the last line without its tag; to a question it says `also`. */
  async function command(words: string, also = ''): Promise<string[]> {
    const tag = `a${++commands}`;
    socket.write(`${tag} ${words}\r\n`);
    const answer: string[] = [];
    for (;;) {
      const line = await next();
      if (line.startsWith('+ ')) socket.write(`${also}\r\n`);
      else if (line.startsWith(`${tag} `)) return [...answer, line.slice(tag.length + 1)];
      else answer.push(line);
    }
  }

  await next();
  return {
    command,
    /** As a webmail that sends the person's address with the token (RFC 7628, 3.1); the status line. */
    async signIn(address: string, token: string): Promise<string> {
      const message = `n,a=${address},\x01auth=Bearer ${token}\x01\x01`;
      // a refusal comes as a question, to be answered with \x01 (RFC 7628, 3.2.3)
      const answer = await command(`AUTHENTICATE OAUTHBEARER ${Buffer.from(message).toString('base64')}`, 'AQ==');
      return answer.at(-1) ?? '';
    },
    async close() {
      socket.destroy();
    },
  };
}
