/** Tries what `pedel serve` needs from this machine, and changes nothing: addresses, storage, secret, mail server. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Config, Fault, Loaded } from '../config/load.ts';
import { rememberedDomain, requirePasskeyDomain } from '../domain/factors/passkey-domain.ts';
import { halfCopied } from '../domain/installation/stored-schema.ts';
import { Problem } from '../domain/problem.ts';
import { requireSecrets } from '../domain/sealing/lasting-key.ts';
import { createMailer } from '../mail/smtp.ts';
import { storages } from './installation.ts';
import { type ListenOption, listen, listenText } from './listen.ts';
import { CommandFault, type Terminal } from './terminal.ts';

type Found = { faults: Fault[]; notes: string[] };

/**
 * Where a start on this machine, by this user, would fail.
 * @param connect also tries what is elsewhere: a MongoDB and the mail server
 */
export async function tryConfig(
  terminal: Pick<Terminal, 'now' | 'randomBytes'>,
  config: Config,
  where: Loaded['where'],
  { connect }: { connect: boolean },
): Promise<Found> {
  const parts = await Promise.all([
    tryAddress(config, 'listen', where),
    tryAddress(config, 'metricsListen', where),
    tryStorage(terminal, config, where, connect),
    connect ? tryMail(config, where) : { faults: [], notes: [] },
  ]);
  return { faults: parts.flatMap(({ faults }) => faults), notes: parts.flatMap(({ notes }) => notes) };
}

async function tryAddress(config: Config, option: ListenOption, where: Loaded['where']): Promise<Found> {
  const address = config[option];
  if (address === undefined) return nothing;
  const server = createServer();
  try {
    await listen(server, address, option);
  } catch (error) {
    if (!(error instanceof CommandFault)) throw error;
    const value = listenText(address);
    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && (await isPedel(address, option)))
      return { faults: [], notes: [`${option}: a Pedel listens on ${value} at present; end it before another starts`] };
    return oneFault({
      key: option,
      where: where([option]),
      value,
      expected: 'an address on which this process can listen',
      remedy: error.message,
    });
  }
  await new Promise((done) => server.close(done));
  return nothing;
}

/** Whether what listens there answers as Pedel does. */
async function isPedel({ host, port }: { host: string; port: number }, option: ListenOption): Promise<boolean> {
  const here = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const [path, sign] = option === 'listen' ? ['healthz', /^alive\n$/] : ['metrics', /^# HELP pedel_/m];
  try {
    const answer = await fetch(`http://${listenText({ host: here, port })}/${path}`, {
      signal: AbortSignal.timeout(2000),
      redirect: 'manual',
    });
    return sign.test(await answer.text());
  } catch {
    return false;
  }
}

async function tryStorage(
  terminal: Pick<Terminal, 'now' | 'randomBytes'>,
  config: Config,
  where: Loaded['where'],
  connect: boolean,
): Promise<Found> {
  const { storage: uri } = config;
  const fault = (expected: string, remedy: string) =>
    oneFault({ key: 'storage', where: where(['storage']), value: visible(uri), expected, remedy });
  const sqlite = uri.startsWith('sqlite:');
  const file = sqlite ? uri.slice('sqlite:'.length) : '';
  if (file === ':memory:' || (!sqlite && !connect)) return nothing;
  if (sqlite && !existsSync(file)) {
    const remedy = folderFault(dirname(resolve(file)));
    return remedy === undefined ? nothing : fault('a file in a folder that this user can write', remedy);
  }
  try {
    if (sqlite) accessSync(file, constants.R_OK | constants.W_OK);
    const { applied, known, copy } = await storages.describe(uri);
    if (copy !== undefined) throw halfCopied(copy);
    if (applied < known) return nothing; // opening it would begin or upgrade it
    const storage = await storages.open(uri, { now: terminal.now });
    try {
      if (config.secret !== '') await requireSecrets(config, storage.values, terminal.randomBytes);
      const domain = await rememberedDomain(storage.values);
      if (domain !== undefined) await requirePasskeyDomain(config, domain, storage.accounts);
    } finally {
      await storage.close();
    }
    return nothing;
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_unreadable')
      return oneFault({
        key: 'PEDEL_SECRET',
        where: 'environment',
        value: '••••••••',
        expected: `the secret under which ${visible(uri)} was sealed`,
        remedy: error.message,
      });
    if (error instanceof Problem && error.code === 'passkeys_lost')
      return oneFault({
        key: 'passkeyDomain',
        where: where(['passkeyDomain']),
        expected: 'what becomes of the passkeys of the issuer before',
        remedy: error.message,
      });
    if (error instanceof Problem) return fault('a storage that Pedel can use', error.message);
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    return fault(
      'a file that this user can read and write',
      `${message}: give it to the user that Pedel runs as, and check as that user`,
    );
  }
}

/** Why a file cannot be made there; undefined: it can, once the folders that are missing have been made. */
function folderFault(folder: string): string | undefined {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (!statSync(nearest).isDirectory()) return `${nearest} is in the way and is no folder: correct the path`;
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS'
      ? `${nearest} is on a disk that is mounted read-only`
      : `this user cannot write ${nearest}: create ${folder}, and give it to the user that Pedel runs as`;
  }
}

async function tryMail({ mail }: Config, where: Loaded['where']): Promise<Found> {
  const mailer = createMailer(mail);
  try {
    const result = await mailer.check();
    if (result.kind === 'delivered') return nothing;
    return oneFault({
      key: 'mail.url',
      where: where(['mail', 'url']),
      value: mail.url,
      expected: 'a mail server that accepts emails from here',
      remedy: `correct mail.url, mail.requireTLS, mail.ca or the credentials; the attempt ended with: ${result.error}`,
    });
  } finally {
    mailer.close();
  }
}

const nothing: Found = { faults: [], notes: [] };

const oneFault = (fault: Fault): Found => ({ faults: [fault], notes: [] });

/** Without user name and password. */
function visible(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/)[^/@]*@/, '$1');
}
