/** Roundcube of Debian, and the Dovecot behind it that checks its tokens. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import needs from '../../support/needs.cjs';
import { startDovecot } from '../dovecot.ts';
import { answers } from '../foreign.ts';
import { house, type Place, type Running, startIn, textFor } from './products.ts';
import type { Shown } from './walk.ts';

/** Where Debian keeps what comes with Roundcube. */
const SHIPPED = '/etc/roundcube';

export const startMailServer = (shown: Shown) => startDovecot(textFor(shown, 'dovecot-oauth2.conf.ext'));

/** @param imap where the mail server listens */
export function startRoundcube(shown: Shown, { port, address }: Place, imap: number): Promise<Running> {
  const { php, pages } = needs.applications.roundcube ?? { php: '', pages: '' };
  const of = house({
    'config/defaults.inc.php': `<?php include '${SHIPPED}/defaults.inc.php';`,
    'config/mimetypes.php': `<?php return include '${SHIPPED}/mimetypes.php';`,
  });
  for (const each of ['logs', 'temp']) mkdirSync(join(of.folder, each));
  const own = [
    `$config['db_dsnw'] = 'sqlite:///${of.folder}/roundcube.db?mode=0600';`,
    `$config['imap_host'] = 'localhost:${imap}';`,
    `$config['des_key'] = '${randomBytes(12).toString('hex')}';`,
    `$config['log_dir'] = '${of.folder}/logs/';`,
    `$config['temp_dir'] = '${of.folder}/temp/';`,
  ];
  const text = textFor(shown, 'config/config.inc.php', 'Roundcube 1.6');
  writeFileSync(join(of.folder, 'config/config.inc.php'), ['<?php', '$config = [];', ...own, text].join('\n'));
  return startIn(of, {
    command: php,
    args: ['-S', `localhost:${port}`, '-t', pages],
    env: { ROUNDCUBE_CONFIG_DIR: join(of.folder, 'config'), PHP_CLI_SERVER_WORKERS: '3' },
    ready: () => answers(`${address}/index.php`),
  });
}
