/** docs/operations.md as an operator types it: an upgrade, a backup and a restore, a leaked key, a move. */
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../support/campus.ts';
import needs from '../support/needs.cjs';
import { example, root, snippet, substituted, text } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, ready, type Typed } from './shell.ts';

const SECRET = 'a secret of thirty-two characters or more';

(needs.shell ? describe : describe.skip)('docs/operations.md', () => {
  let shell: Typed;
  let address: string;
  const at = (name: string) => join(shell.folder, name);
  const line = (block: string, words: string): string => {
    const found = block.split('\n').find((each) => each.startsWith(words));
    if (found === undefined) throw new Error(`no line begins with "${words}":\n${block}`);
    return found;
  };
  const nodeEnds = async () => {
    const ending = pid();
    if (ending === undefined || !alive(ending)) return;
    process.kill(ending, 'SIGTERM');
    await until(
      async () => (alive(ending) ? undefined : true),
      () => `the node does not end:\n${readFileSync(at('node.log'), 'utf8')}`,
    );
  };
  const pid = () => (existsSync(at('node.pid')) ? Number(readFileSync(at('node.pid'), 'utf8')) : undefined);

  beforeAll(async () => {
    shell = openFolder({ PEDEL_CONFIG: 'pedel.yaml', PEDEL_SECRET: SECRET });
    const configuration = await ownConfiguration({ mailPort: 1 });
    address = configuration.address;
    shell.file('pedel.yaml', configuration.yaml);
    for (const version of ['pedel-1', 'pedel-2']) {
      mkdirSync(at(`opt/${version}`), { recursive: true });
      symlinkSync(join(root, 'bin'), at(`opt/${version}/bin`)); // both are this Pedel
    }
    symlinkSync('pedel-1', at('opt/pedel'));
    // what systemd does with the unit of examples/, where there is no systemd
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(example('pedel.service')) ?? [];
    const starts = substituted(start, { '/opt/': `${at('opt')}/`, '/etc/pedel/': `${shell.folder}/` });
    const systemctl = shell.file(
      'systemctl',
      `#!/bin/sh
      [ "$*" = 'restart pedel' ] || exit 64
      if [ -e node.pid ]; then
        kill -TERM "$(cat node.pid)"
        while kill -0 "$(cat node.pid)" 2>/dev/null; do sleep 0.1; done
      fi
      ${starts} >>node.log 2>&1 &
      echo $! >node.pid`,
    );
    chmodSync(systemctl, 0o755);
    await shell.run('./systemctl restart pedel');
    await ready(address, { output: () => readFileSync(at('node.log'), 'utf8'), ended: () => !alive(pid()) });
  }, 120_000);
  afterAll(async () => {
    if (shell === undefined) return;
    await nodeEnds();
    await shell.remove();
  });

  test('upgrades a node, and waits until it serves', async () => {
    const before = pid();
    const lines = substituted(snippet('docs/operations.md: Rolling upgrade: sh'), {
      '/opt/': `${at('opt')}/`,
      'http://127.0.0.1:3000': address,
    });
    await shell.run(`PATH="$PWD:$PATH"\n${lines}`);
    expect(pid()).not.toBe(before);
    expect(alive(before)).toBe(false);
    expect(readlinkSync(at('opt/pedel'))).toBe(at('opt/pedel-2'));
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
  });

  test('shows, checks and backs up the storage while Pedel runs; then restores and moves it', async () => {
    const block = snippet('docs/operations.md: Backup, restore, move: sh');
    expect(await shell.run(line(block, 'pedel storage status'))).toMatch(/schema/i);
    expect(await shell.run(line(block, 'pedel storage check'))).toMatch(/no fault/i);
    await shell.run(substituted(line(block, 'pedel storage backup'), { '/backup/pedel.db': at('backup.db') }));
    const [, check = ''] = /`(PEDEL_STORAGE=\S+ pedel storage check)`/.exec(text('docs/operations.md')) ?? [];
    expect(await shell.run(substituted(check, { '/backup/pedel.db': at('backup.db') }))).toMatch(/no fault/i);
    const [, upgrade = ''] = /`(pedel storage upgrade --dry-run)`/.exec(text('docs/operations.md')) ?? [];
    await shell.run(upgrade);

    await nodeEnds();
    const restore = substituted(line(block, 'pedel storage restore'), { '/backup/pedel.db': at('backup.db') });
    await shell.run(`export PEDEL_STORAGE=sqlite:restored.db\n${restore}`);
    const move = substituted(line(block, 'pedel storage copy'), {
      '/var/lib/pedel/pedel.db': at('pedel.db'),
      // another kind of database is the business of test/storage and test/commands
      'mongodb://db1,db2,db3/pedel?replicaSet=rs0': `sqlite:${at('moved.db')}`,
    });
    await shell.run(move);
    const keys = (uri: string) => shell.run(`PEDEL_STORAGE=${uri} pedel keys list --json`);
    expect(await keys('sqlite:moved.db')).toBe(await keys('sqlite:pedel.db'));
    expect(await keys('sqlite:restored.db')).toBe(await keys('sqlite:pedel.db'));
  });

  test('withdraws a leaked key', async () => {
    const block = snippet('docs/operations.md: Restore: sh');
    const restored = 'export PEDEL_STORAGE=sqlite:restored.db';
    const list = line(block, 'pedel keys list');
    const [, kid = ''] = /^\S+ +signs .* (\S+)$/m.exec(await shell.run(`${restored}\n${list}`)) ?? [];
    await shell.run(`${restored}\n${substituted(line(block, 'pedel keys rotate'), { KID: kid })}`);
    expect(await shell.run(`${restored}\n${list}`)).toMatch(new RegExp(`^\\S+ +no longer published .* ${kid}$`, 'm'));
    const [, audit = ''] = /(pedel audit --action \S+)$/.exec(list) ?? [];
    expect(await shell.run(`${restored}\n${audit}`)).toContain(kid);
  });

  test('says what of the audit log would be pruned, and exports it first', async () => {
    const block = snippet('docs/operations.md: How long the audit log is kept: sh');
    const kept = 'export PEDEL_AUDIT_RETAIN=P7Y';
    expect(await shell.run(`${kept}\n${line(block, 'pedel audit prune')}`)).toMatch('would give up 0 entries');
    await shell.run(`${kept}\n${line(block, 'pedel audit export')}`);
    expect(readFileSync(at('audit-2019.jsonl'), 'utf8')).toBe('');
  });

  test('names databases that a configuration accepts', async () => {
    const uris = text('docs/operations.md').match(/mongodb:\/\/[\w.,-]+\/[\w?=]+/g) ?? [];
    expect(uris.length).toBeGreaterThan(1);
    for (const uri of new Set(uris))
      expect(await shell.run(`PEDEL_STORAGE='${uri}' pedel config check`)).toMatch('no fault');
  });
});

function alive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
