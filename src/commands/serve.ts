/** `pedel serve`: runs Pedel until a signal ends it. */
import { Command } from 'commander';
import { createLog } from '../operation/log.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import type { Setting } from './terminal.ts';

export function serveCommand({ terminal }: Setting): Command {
  return new Command('serve')
    .description('run Pedel until SIGTERM or Ctrl-C')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ config: file }: { config?: string }) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const { startServer } = await import('./server.ts'); // loads the server, which other commands do not need
        const log = createLog(config.log.level);
        const running = await startServer({ config, storage, log, now: terminal.now });
        const metrics = running.metricsAddress === undefined ? '' : `, metrics on ${running.metricsAddress}/metrics`;
        terminal.write(`Pedel serves ${config.issuer} on ${running.address}${metrics}\n`);
        await new Promise<void>((resolve) => {
          let ending = false;
          const forget = terminal.onStop(() => {
            const { drainSeconds } = config;
            const soon = drainSeconds === 0 ? '' : `/readyz says no; in ${drainSeconds} s `;
            log.info(
              ending
                ? 'ending at once: requests, emails and logouts under way are cut off'
                : `ending: ${soon}no new requests, those under way get ten seconds`,
            );
            ending = true;
            running.stop().then(() => {
              forget();
              resolve();
            });
          });
        });
        log.info('ended');
      });
    });
}

const HELP = `
On SIGTERM or Ctrl-C, /readyz says no. After drainSeconds (default 0) Pedel
accepts no more requests, finishes those under way (10 seconds at most), stops
its background jobs and closes the storage. A second Ctrl-C ends at once.

Without --config, these environment variables are enough: PEDEL_ISSUER,
PEDEL_LISTEN, PEDEL_STORAGE, PEDEL_MAIL, and PEDEL_SECRET or PEDEL_SECRET_FILE.
config/README.md describes all options.

Exit status: 0 after a signal, 1 if it could not start.

Examples:
  pedel serve --config /etc/pedel/pedel.yaml
  openssl rand -base64 32 > pedel.secret
  PEDEL_SECRET_FILE=pedel.secret pedel serve
`;
