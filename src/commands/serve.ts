/** `pedel serve`: runs Pedel until it is told to end. */
import { Command } from 'commander';
import { createLog } from '../operation/log.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import type { Setting } from './terminal.ts';

export function serveCommand({ terminal }: Setting): Command {
  return new Command('serve')
    .description('run Pedel')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ config: file }: { config?: string }) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const { startServer } = await import('./server.ts'); // the whole of Pedel: only this command waits for it
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
                ? 'ending at once: requests, letters and logouts under way are broken off'
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
Ends on SIGTERM or Ctrl-C: /readyz says no; after drainSeconds (0 unless configured) it stops accepting, finishes the
requests under way (10 s at most), hands over its work in the background and closes the storage. A second Ctrl-C waits
for nothing.

Without a file, these are enough: PEDEL_ISSUER, PEDEL_LISTEN, PEDEL_STORAGE, PEDEL_MAIL, and PEDEL_SECRET or
PEDEL_SECRET_FILE. Every option: config/README.md.

Examples:
  pedel serve --config /etc/pedel/pedel.yaml
  openssl rand -base64 32 > pedel.secret; PEDEL_SECRET_FILE=pedel.secret pedel serve
`;
