/** `pedel keys`: lists and rotates the signing keys, and seals stored values anew after a change of PEDEL_SECRET. */
import { Command } from 'commander';
import type { SigningKeyRecord } from '../domain/ports/signing-keys.ts';
import { randomId } from '../domain/random.ts';
import { type KeyState, keySchedule, stateOf } from '../domain/signing-keys/signing-key-schedule.ts';
import {
  HURRY_MS,
  hurryNext,
  publishNext,
  type RotationDeps,
  withdraw,
} from '../use-cases/signing-keys/rotate-keys.ts';
import { type Counted, resealingWith, type SealCounts, sealAnew } from '../use-cases/storage/reseal-storage.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { jsonOfKeys, minuteOf, tableOfKeys } from './keys-list.ts';
import { showProgress } from './progress.ts';
import { CommandFault, count, printable, type Setting, type Terminal } from './terminal.ts';

type Options = { config?: string; json?: true };

export function keysCommand({ terminal, exit }: Setting): Command {
  const command = new Command('keys');
  command.addHelpText('after', HELP);

  command
    .command('list')
    .description('list the signing keys with their state and times')
    .option('--json', 'the keys as JSON, for scripts: [{ kid, alg, generation, state, made, from, until, leaves }]')
    .addOption(configOption())
    .addHelpText('after', LIST_HELP)
    .action(async ({ config, json }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const keys = await storage.signingKeys.list();
        const now = terminal.now();
        if (json) terminal.write(jsonOfKeys(keys, now));
        else if (keys.length === 0) terminal.write('no key yet; the first pedel serve makes them\n');
        else terminal.write(tableOfKeys(keys, now));
      });
    });

  command
    .command('rotate')
    .description('publish the next signing keys now, ahead of their schedule')
    .option('--now', 'also sign with them in a minute, before all applications know them (for a leaked key)')
    .option('--retire <kid>', 'stop publishing this key at once (for a leaked key)')
    .option('--json', 'the keys as JSON, as of pedel keys list --json')
    .addOption(configOption())
    .addHelpText('after', ROTATE_HELP)
    .action(async ({ config: file, json, now: hurry, retire }: Options & { now?: true; retire?: string }) => {
      if (hurry && retire !== undefined)
        throw new CommandFault('--now and --retire cannot be combined; run --now first, then --retire');
      await withInstallation(terminal, file, async (installation) => {
        const deps = await keyDeps(installation, terminal);
        const keys =
          retire !== undefined ? await withdraw(deps, retire) : await (hurry ? hurryNext(deps) : publishNext(deps));
        if (keys === undefined)
          throw new CommandFault(
            `no published key has the kid "${printable(retire ?? '')}"; pedel keys list prints them`,
          );
        const now = terminal.now();
        if (json) {
          terminal.write(jsonOfKeys(keys, now));
          return;
        }
        terminal.write(tableOfKeys(keys, now));
        const { cacheSeconds } = installation.config.signingKeys;
        if (retire !== undefined) terminal.write(withdrawnText(cacheSeconds));
        else terminal.write(rotatedText(keys, now, deps, hurry === true ? cacheSeconds : undefined));
      });
    });

  command
    .command('reseal')
    .description('seal all stored secrets anew under the current PEDEL_SECRET')
    .option('--check', 'only count what another secret seals, and change nothing')
    .option(
      '--json',
      'the counts afterwards as JSON, for scripts: { accounts, signingKeys, values, webhooks, letters }, each { looked, old, unreadable }',
    )
    .addOption(configOption())
    .addHelpText('after', RESEAL_HELP)
    .action(async ({ config, json, check }: Options & { check?: true }) => {
      const left = await withInstallation(terminal, config, (installation) =>
        resealAll(installation, terminal, { check: check === true, json: json === true }),
      );
      if (left > 0) exit(2);
    });
  return command;
}

async function keyDeps(
  { config, storage, openSealer }: Installation,
  { now, randomBytes }: Terminal,
): Promise<RotationDeps> {
  const schedule = keySchedule(config.signingKeys, config.lifetimes.sessionMaxSeconds);
  return { storage, sealer: await openSealer(), schedule, now, randomBytes };
}

/** @param hurriedCacheSeconds with --now: how long applications may use their copy of the published keys */
function rotatedText(
  keys: SigningKeyRecord[],
  now: number,
  { schedule }: RotationDeps,
  hurriedCacheSeconds: number | undefined,
): string {
  const inState = (state: KeyState) => keys.filter((key) => stateOf(key, keys, now) === state);
  const coming = [inState('next'), inState('signing')].find((found) => found.length > 0) ?? [];
  const from = Math.max(...coming.map(({ usedFrom }) => usedFrom));
  const lines = [
    `\nThe newest keys sign from ${minuteOf(from)}. The earlier keys stay published until ${minuteOf(from + schedule.keepMs)},`,
    'so that applications can verify what they signed. Running nodes make the change themselves.',
  ];
  if (hurriedCacheSeconds !== undefined) {
    const known = coming.every(({ createdAt, usedFrom }) => createdAt + hurriedCacheSeconds * 1000 <= usedFrom);
    lines.push(
      known
        ? 'By then every application that respects signingKeys.cacheSeconds has fetched them: nothing breaks.'
        : `Applications that do not fetch the keys again for an unknown kid refuse sign-ins for up to ${minutes(hurriedCacheSeconds)}.`,
      'A leaked key still verifies until you run pedel keys rotate --retire KID.',
    );
  }
  return `${lines.join('\n')}\n`;
}

const minutes = (seconds: number) => count(Math.ceil(seconds / 60), 'minute');

function withdrawnText(cacheSeconds: number): string {
  return `
All running nodes stop publishing the key and signing with it within half a minute. Then:
- Applications trust their copy of the key for up to ${minutes(cacheSeconds)}. Restart the important ones.
- Pedel no longer accepts ID tokens that it signed as id_token_hint. Those people confirm signing out on Pedel's own page.
- If another key replaced it, applications that do not fetch the keys again for an unknown kid refuse sign-ins for up to
  ${minutes(cacheSeconds)}.
`;
}

async function resealAll(
  { config, storage }: Installation,
  terminal: Terminal,
  { check, json }: { check: boolean; json: boolean },
): Promise<number> {
  const { previousSecret, nextSecret } = config;
  if (!check && previousSecret === undefined && nextSecret === undefined)
    throw new CommandFault(
      'only one secret is known here, so there is nothing to seal anew; set PEDEL_PREVIOUS_SECRET to the secret before the change (--check counts what it seals)',
    );
  const deps = { storage, resealing: resealingWith(config, terminal.randomBytes) };
  const progress = showProgress(terminal, json);
  const accountsDone = (what: string) => (done: number) => progress.reach(`${what} accounts`, done);
  const changed = check ? undefined : await sealAnew({ ...deps, progress: accountsDone('sealing') }, true);
  const left = await sealAnew({ ...deps, progress: accountsDone('counting') }, false);
  progress.clear();
  if (changed !== undefined) {
    const details = Object.fromEntries(Object.entries(changed).map(([kind, { old }]) => [kind, String(old)]));
    const actor = { kind: 'command' as const, id: 'keys reseal' };
    const id = randomId(terminal.randomBytes);
    await storage.auditLog.append({ id, at: terminal.now(), action: 'secret.resealed', actor, details });
  }
  const rest = Object.values(left).reduce((sum, { old, unreadable }) => sum + old + unreadable, 0);
  if (json) terminal.write(`${JSON.stringify(left, null, 2)}\n`);
  else terminal.write(resealText(changed, left, terminal.now() + config.lifetimes.sessionMaxSeconds * 1000));
  return rest;
}

const KINDS: [keyof SealCounts, string][] = [
  ['accounts', 'accounts'],
  ['signingKeys', 'signing keys'],
  ['values', 'keys of the installation'],
  ['webhooks', 'webhooks'],
  ['letters', 'emails being sent'],
];

function resealText(changed: SealCounts | undefined, left: SealCounts, safeAt: number): string {
  const cells = (counted: Counted, done: Counted | undefined) =>
    [counted.looked, ...(done === undefined ? [] : [done.old]), counted.old, counted.unreadable].map((each) =>
      each.toLocaleString('en').padStart(12),
    );
  const heads = ['total', ...(changed === undefined ? [] : ['sealed anew']), 'old left', 'unreadable'];
  const table = [
    `${''.padEnd(26)}${heads.map((head) => head.padStart(12)).join('')}`,
    ...KINDS.map(
      ([kind, name]) =>
        `${name.padEnd(26)}${cells(left[kind], kind === 'letters' ? changed && NONE : changed?.[kind]).join('')}`,
    ),
  ];
  const { old, unreadable } = Object.values(left).reduce((sum, each) => ({
    looked: 0,
    old: sum.old + each.old,
    unreadable: sum.unreadable + each.unreadable,
  }));
  const verdict =
    unreadable > 0
      ? `${count(unreadable, 'value opens', 'values open')} under no secret that is known here. Set PEDEL_PREVIOUS_SECRET to the secret that sealed ${unreadable === 1 ? 'it' : 'them'}.`
      : old > 0
        ? 'Not everything is under the current secret yet. Emails leave by themselves within three days. If anything else is\nleft, a node still seals under the old secret: update that node, and run this again.'
        : `Nothing is left under another secret. It still signs the cookies of older sessions, so keep PEDEL_PREVIOUS_SECRET\nuntil ${minuteOf(safeAt)}, provided that every node now runs under the new secret.`;
  return `${table.join('\n')}\n\n${verdict}\n`;
}

const NONE: Counted = { looked: 0, old: 0, unreadable: 0 };

const LIST_HELP = `
States:
  published, no time set   applications can fetch it; it will sign later
  published, signs later   as above, with the time from which it signs
  signs                    signs all new tokens of its algorithm
  verifies only            signs nothing new; earlier tokens still verify
  no longer published      tokens that it signed are no longer accepted

Times are in Brussels time; with --json in UTC.

Examples:
  pedel keys list
  pedel keys list --json
`;

const ROTATE_HELP = `
Running nodes rotate the keys every signingKeys.rotateDays. This command starts
the next rotation now: it publishes the next key of each algorithm. The key
signs after signingKeys.publishAheadHours, so that applications know it by then.
Running the command again before that changes nothing.

If a key has leaked:
  1. Run --now. The next keys sign in ${HURRY_MS / 1000} seconds: by then every node publishes
     them.
  2. Once they sign, run --retire with the kid of the leaked key.
Both print what they break.

Examples:
  pedel keys rotate
  pedel keys rotate --now
  pedel keys rotate --retire mJ3yqSYB7zrv…
`;

const RESEAL_HELP = `
To change PEDEL_SECRET without an interruption:
  1. On each node in turn, set PEDEL_NEXT_SECRET=NEW beside PEDEL_SECRET=OLD,
     and restart it. With a single node, skip this step.
  2. On each node in turn, set PEDEL_SECRET=NEW and PEDEL_PREVIOUS_SECRET=OLD,
     and restart it.
  3. Run pedel keys reseal with these two secrets.
  4. After the time that it prints, remove PEDEL_PREVIOUS_SECRET from each node.
Running it twice, or while people sign in, does no harm. An import that was planned
before step 2 is readable until step 4: apply it by then, or plan it anew.

Exit status:
  0  no other secret seals anything
  1  it could not be done
  2  another secret still seals something

Examples:
  pedel keys reseal --check
  pedel keys reseal
`;

const HELP = `
Why keys and secrets change: docs/decisions/signing-keys.md and secrets.md

Examples:
  pedel keys list
  pedel keys rotate
  pedel keys reseal --check
`;
