/** `pedel keys`: lists and changes the signing keys, and brings what is sealed under a new secret. */
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
  const command = new Command('keys').description('signing keys, and the change of PEDEL_SECRET');
  command.addHelpText('after', HELP);

  command
    .command('list')
    .description('every signing key: what it does, from when and until when')
    .option('--json', 'for scripts: [{ kid, alg, generation, state, made, from, until, leaves }]')
    .addOption(configOption())
    .addHelpText('after', LIST_HELP)
    .action(async ({ config, json }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const keys = await storage.signingKeys.list();
        const now = terminal.now();
        if (json) terminal.write(jsonOfKeys(keys, now));
        else if (keys.length === 0) terminal.write('no key yet: the first pedel serve makes them\n');
        else terminal.write(tableOfKeys(keys, now));
      });
    });

  command
    .command('rotate')
    .description('publish the next signing keys now, without waiting for their turn')
    .option('--now', 'they sign in a minute, though applications may not know them yet (a key has leaked)')
    .option('--retire <kid>', 'take this key out of what is published, at once (a key has leaked)')
    .option('--json', 'for scripts: the keys as of pedel keys list --json')
    .addOption(configOption())
    .addHelpText('after', ROTATE_HELP)
    .action(async ({ config: file, json, now: hurry, retire }: Options & { now?: true; retire?: string }) => {
      if (hurry && retire !== undefined) throw new CommandFault('--now or --retire, one after the other');
      await withInstallation(terminal, file, async (installation) => {
        const deps = await keyDeps(installation, terminal);
        const keys =
          retire !== undefined ? await withdraw(deps, retire) : await (hurry ? hurryNext(deps) : publishNext(deps));
        if (keys === undefined)
          throw new CommandFault(`no published key has the id "${printable(retire ?? '')}": pedel keys list`);
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
    .description('bring what is sealed under another secret under the current one (PEDEL_SECRET)')
    .option('--check', 'only count what is still under another secret')
    .option(
      '--json',
      'for scripts: { accounts, signingKeys, values, letters }, each { looked, old, unreadable }, as it is now',
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

/** `hurriedCacheSeconds`: in a hurry, and how long applications may go by their copy. */
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
    `\nThe newest sign from ${minuteOf(from)}; those before them stay published until ${minuteOf(from + schedule.keepMs)},`,
    'so that what they signed can be verified. Running nodes see to it themselves.',
  ];
  if (hurriedCacheSeconds !== undefined) {
    const known = coming.every(({ createdAt, usedFrom }) => createdAt + hurriedCacheSeconds * 1000 <= usedFrom);
    lines.push(
      known
        ? 'Every application that reads the published keys as often as it must knows them by then: nothing breaks.'
        : `Applications that do not ask again for a key they do not know refuse sign-ins for up to ${minutes(hurriedCacheSeconds)}.`,
      'A leaked key still verifies: take it away with pedel keys rotate --retire KID.',
    );
  }
  return `${lines.join('\n')}\n`;
}

const minutes = (seconds: number) => count(Math.ceil(seconds / 60), 'minute');

function withdrawnText(cacheSeconds: number): string {
  return `
Every running node stops publishing it, and signing with it, within half a minute. From then on:
- applications that keep a copy of the keys go on trusting it for up to ${minutes(cacheSeconds)}: have those that matter restarted;
- ID tokens that it signed are refused, as hints at signing out too: people sign out on Pedel's own page;
- where another key took its place, applications that do not ask again for a key they do not know refuse sign-ins for up to
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
      'only one secret is known here: without PEDEL_PREVIOUS_SECRET nothing can be opened that is under another (--check counts it)',
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
  ['letters', 'letters under way'],
];

function resealText(changed: SealCounts | undefined, left: SealCounts, safeAt: number): string {
  const cells = (counted: Counted, done: Counted | undefined) =>
    [counted.looked, ...(done === undefined ? [] : [done.old]), counted.old, counted.unreadable].map((each) =>
      each.toLocaleString('en').padStart(12),
    );
  const heads = ['there', ...(changed === undefined ? [] : ['sealed anew']), 'old left', 'unreadable'];
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
      ? `${count(unreadable, 'of these opens', 'of these open')} under no secret that is known here. Give the one that sealed it as PEDEL_PREVIOUS_SECRET.`
      : old > 0
        ? 'Not everything is under the current secret yet: letters go by themselves within three days; if anything else is\nleft, a node still seals under the old secret. Run it again.'
        : `Nothing is left under another secret. Cookies of sessions are signed with it for as long as those live:\ndrop PEDEL_PREVIOUS_SECRET after ${minuteOf(safeAt)}, if every node has run under the new one until now.`;
  return `${table.join('\n')}\n\n${verdict}\n`;
}

const NONE: Counted = { looked: 0, old: 0, unreadable: 0 };

const LIST_HELP = `
State: "signs"; "published, to come" (applications can fetch it, it does not sign yet); "verifies only" (what it signed may
still be shown); "no longer published". Times are those of Brussels.

Examples:
  pedel keys list
  pedel keys list --json
`;

const ROTATE_HELP = `
Keys change by themselves (signingKeys.rotateDays). This does it now: the next key of each algorithm is published, signs
when it was published for signingKeys.publishAheadHours, and nobody notices. The same again changes nothing until then.

For a key that has leaked: first --now, then, as soon as that is said to have happened, --retire with its kid. Both say what
they break. --now waits ${HURRY_MS / 1000} seconds, so that no node signs with a key that another does not publish yet.

Examples:
  pedel keys rotate
  pedel keys rotate --now
  pedel keys rotate --retire mJ3yqSYB7zrv…
`;

const RESEAL_HELP = `
Changing PEDEL_SECRET on any number of nodes without anybody noticing:
  1. every node, one after another, gets PEDEL_NEXT_SECRET=NEW beside its PEDEL_SECRET=OLD, and is restarted;
  2. every node, one after another, gets PEDEL_SECRET=NEW and PEDEL_PREVIOUS_SECRET=OLD, and is restarted;
  3. pedel keys reseal, with the same two;
  4. after the time that it names: every node goes on without PEDEL_PREVIOUS_SECRET.
With one node, begin with 2. Running it twice, or while people sign in, does no harm.

Exit status: 0 nothing is under another secret, 2 something still is, 1 it could not be done.

Examples:
  pedel keys reseal --check
  pedel keys reseal
`;

const HELP = `
Why keys and secrets change, and what that protects: docs/decisions/signing-keys.md and secrets.md.

Examples:
  pedel keys list
  pedel keys rotate
  pedel keys reseal --check
`;
