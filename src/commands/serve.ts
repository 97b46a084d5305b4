/** `pedel serve`: runs Pedel until a signal ends it. */
import { Command } from 'commander';
import { createLog, type Log } from '../operation/log.ts';
import { hasOwner, offerFirstOwner } from '../use-cases/roles/first-owner.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { firstOwnerText } from './roles.ts';
import type { Setting, Terminal } from './terminal.ts';

/** After an exception that nobody caught: what is still under way this long after `drainSeconds` is cut off. */
const ENDS_WITHIN_MS = 30_000;

export function serveCommand({ terminal, exit }: Setting): Command {
  return new Command('serve')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ config: file }: { config?: string }) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const { startServer } = await import('./server.ts'); // loads the server, which other commands do not need
        const log = createLog(config.log.level);
        const running = await startServer({ config, storage, log, now: terminal.now });
        const metrics = running.metricsAddress === undefined ? '' : `, metrics on ${running.metricsAddress}/metrics`;
        terminal.write(`Pedel serves ${config.issuer} on ${running.address}${metrics}\n`);
        await sayFirstOwner(terminal, log, { config, storage });
        await new Promise<void>((resolve) => {
          const { drainSeconds } = config;
          let ending = false;
          let faulty = false;
          const end = () => {
            const soon = drainSeconds === 0 ? '' : `/readyz says no; in ${drainSeconds} s `;
            log.info(
              ending
                ? 'ending at once: requests, emails and logouts under way are cut off'
                : `ending: ${soon}no new requests, those under way get ten seconds`,
            );
            ending = true;
            running
              .stop()
              .catch((err: unknown) => {
                exit(1);
                log.error({ err }, 'not everything could be ended');
              })
              .finally(() => {
                forget();
                resolve();
              });
          };
          const forget = terminal.onStop(end);
          terminal.onUncaught((err) => {
            log.fatal({ err }, 'nobody caught this: the process finishes what is under way and ends with status 1');
            running.noteUncaught();
            exit(1);
            if (!faulty) setTimeout(() => terminal.end(1), drainSeconds * 1000 + ENDS_WITHIN_MS).unref();
            faulty = true;
            if (!ending) end();
          });
        });
        log.info('ended');
      });
    });
}

/**
 * While nobody is an owner: the link that makes one, on a terminal; elsewhere (a journal, a container, whose output is kept
 * and shipped) only how to get one.
 */
async function sayFirstOwner(
  terminal: Terminal,
  log: Log,
  { config, storage }: Pick<Installation, 'config' | 'storage'>,
): Promise<void> {
  const { now, randomBytes } = terminal;
  const deps = { ports: storage, organisations: config.organisations, now, randomBytes };
  if (!terminal.interactive) {
    if (!(await hasOwner(deps)))
      log.warn('nobody is an owner yet: pedel roles first-owner prints a link with which one is set up');
    return;
  }
  const key = await offerFirstOwner(deps);
  if (key !== undefined) terminal.write(firstOwnerText(config.issuer, key));
}

const HELP = `
On SIGTERM or Ctrl-C, /readyz says no. After drainSeconds (default 0) Pedel
accepts no more requests, finishes those under way (10 seconds at most), stops
its background jobs and closes the storage. A second Ctrl-C ends at once.

Without --config, these environment variables are enough: PEDEL_ISSUER,
PEDEL_LISTEN, PEDEL_STORAGE, PEDEL_MAIL, and PEDEL_SECRET or PEDEL_SECRET_FILE.
config/README.md describes all options.

If an exception is caught by nobody, pedel serve logs it, finishes what is under
way as after SIGTERM, and ends with status 1: run it under a supervisor that
starts it again. An email or logout under whose delivery two processes died is
set aside; see pedel outbox.

Exit status: 0 after a signal, 1 if it could not start or after such an exception.

Examples:
  pedel serve --config /etc/pedel/pedel.yaml
  openssl rand -base64 32 > pedel.secret
  PEDEL_SECRET_FILE=pedel.secret pedel serve
`;
