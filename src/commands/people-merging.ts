/** `pedel people merge`, `unmerge` and `split`: make one account of two of one person, or two of one that is of two people. */
import { type Command, Option } from 'commander';
import type { Account } from '../domain/account/account.ts';
import { dayAt } from '../domain/account/affiliation.ts';
import { nameOf, UNDO_DAYS } from '../domain/lifecycle/merge.ts';
import type { PersonRefusal } from '../use-cases/people/act-on-person.ts';
import { type MergePlan, mergePeople, planMerge, planUndo, undoMerge } from '../use-cases/people/merge.ts';
import { planSplit, type SplitDeps, splitPerson } from '../use-cases/people/split.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { accountOf, actorAt } from './roles.ts';
import { CommandFault, printable, type Setting, type Terminal } from './terminal.ts';

type Given = { config?: string; json?: true; reason: string; dryRun?: true };
type Kit = { installation: Installation; deps: SplitDeps };

const FAULTS: Record<string, string> = {
  'no-reason': '--reason takes one line of at most 500 characters',
  same: 'both are the same account',
  gone: 'one of them was erased, or is part of another account already',
  role: 'an account with a role is neither merged nor split: revoke the role first',
  suspended: 'the account that would go is suspended: lift that first, or suspend the one that stays',
  held: 'the account that would go has a legal hold: release that first',
  'keep-not-active': 'only the account that would go is in use: name it first, so that it stays',
  'not-merged': 'it was not merged, or no longer is',
  'too-late': `it was merged more than ${UNDO_DAYS} days ago, or the account that it is part of is no more: nothing is left to undo`,
  unknown: 'the account has no such entry: pedel people show names them',
  all: 'nothing would be left: leave at least one entry where it is',
  faulty: 'what the source said of this entry makes no account: have the source say it again first',
};

/** Adds the commands to `pedel people`. */
export function addMerging(people: Command, { terminal }: Setting): void {
  const finish = (command: Command, help: string) =>
    command
      .addOption(new Option('--reason <text>', 'why, for the audit log; not told to the person').makeOptionMandatory())
      .option('--dry-run', 'say what would happen, and change nothing')
      .option('--json', 'the same as JSON, for scripts')
      .addOption(configOption())
      .addHelpText('after', help);

  finish(
    people
      .command('merge')
      .description('make one account of two of the same person')
      .argument('<keep>', 'user number, address or id of the account that stays, with its password and second step')
      .argument('<gone>', 'user number, address or id of the account that becomes part of it'),
    MERGE_HELP,
  ).action((keep: string, gone: string, given: Given) =>
    withKit(terminal, given, async (kit) => {
      const [keepId, goneId] = [await idOf(keep, kit.installation), await idOf(gone, kit.installation)];
      const actor = actorAt(terminal);
      const planned = await planMerge(actor, keepId, goneId, kit.deps);
      if (planned.kind !== 'planned') throw faultOf(planned);
      const { plan } = planned;
      if (!given.dryRun) {
        const done = await mergePeople(actor, { keepId, goneId, reason: given.reason }, kit.deps);
        if (done.kind !== 'merged') throw faultOf(done);
      }
      say(terminal, given, mergeBody(plan), mergeLines(plan));
    }),
  );

  finish(
    people
      .command('unmerge')
      .description('undo a merge, within 30 days')
      .argument('<account>', 'a user number or address that the account had before it was merged, or its id'),
    UNMERGE_HELP,
  ).action((name: string, given: Given) =>
    withKit(terminal, given, async (kit) => {
      const goneId = await mergedOf(name, kit.installation);
      const actor = actorAt(terminal);
      const planned = await planUndo(actor, goneId, kit.deps);
      if (planned.kind !== 'planned') throw faultOf(planned);
      if (!given.dryRun) {
        const done = await undoMerge(actor, { goneId, reason: given.reason }, kit.deps);
        if (done.kind !== 'undone') throw faultOf(done);
      }
      const { keep, before } = planned;
      say(terminal, given, { account: keep.id, back: goneId }, [
        `${nameOf(before)} (${goneId}): an account of its own again, with the password and second step of before`,
        `${nameOf(keep)} (${keep.id}): stays, without what belongs to the other; signed out everywhere`,
      ]);
    }),
  );

  finish(
    people
      .command('split')
      .description('make entries of feeds that are another person’s an account of their own')
      .argument('<number>', 'user number or address of the account')
      .requiredOption('--entries <source:key...>', 'the entries, as pedel people show names them'),
    SPLIT_HELP,
  ).action((number: string, given: Given & { entries: string[] }) =>
    withKit(terminal, given, async (kit) => {
      const accountId = (await accountOf(kit.installation, number)).id;
      const asked = { accountId, entries: given.entries.map(entryNamed) };
      const actor = actorAt(terminal);
      const planned = await planSplit(actor, asked, kit.deps);
      if (planned.kind !== 'planned') throw faultOf(planned);
      let fresh = planned.fresh;
      if (!given.dryRun) {
        const done = await splitPerson(actor, { ...asked, reason: given.reason }, kit.deps);
        if (done.kind !== 'split') throw faultOf(done);
        fresh = done.fresh;
      }
      const { rest, kept } = planned;
      const id = given.dryRun ? undefined : fresh.id;
      const body = { account: accountId, fresh: { id, numbers: fresh.userNumbers, addresses: fresh.emails }, kept };
      say(terminal, given, body, [
        `${nameOf(rest)} (${accountId}): keeps ${listed(rest.userNumbers)}; signed out everywhere`,
        `new account${id === undefined ? '' : ` ${id}`}: ${listed([...fresh.userNumbers, ...fresh.emails])}`,
        ...(kept.length === 0 ? [] : [`${listed(kept)} stays, because applications know the account by it`]),
      ]);
    }),
  );
}

async function withKit(terminal: Terminal, { config: file }: Given, act: (kit: Kit) => Promise<void>): Promise<void> {
  await withInstallation(terminal, file, async (installation) => {
    const { storage, config } = installation;
    const { now, randomBytes } = terminal;
    const { organisations, sources } = config;
    const deps: SplitDeps = {
      accounts: storage.accounts,
      roleGrants: storage.roleGrants,
      sealer: await installation.openSealer(),
      organisations,
      sources,
      defaultLanguage: config.defaultLanguage,
      invitationSeconds: config.lifetimes.invitationSeconds,
      now,
      randomBytes,
      onLost: (account, names) =>
        terminal.writeError(
          `${printable(`${account}: another account had ${names.join(', ')} first; that stays there`)}\n`,
        ),
    };
    await act({ installation, deps });
  });
}

/** By id as well: what was split off may have neither number nor address. */
async function idOf(name: string, { storage }: Installation): Promise<string> {
  return ((await storage.accounts.findById(name)) ?? (await accountOf({ storage }, name))).id;
}

/** The id of an account that was merged. */
async function mergedOf(name: string, { storage }: Installation): Promise<string> {
  const known = await storage.accounts.findById(name);
  if (known !== undefined) return known.id;
  const { mergedFrom = [] } = await accountOf({ storage }, name);
  for (const id of mergedFrom) {
    const before = (await storage.accounts.findById(id))?.merged?.before;
    const login = name.trim().toLowerCase();
    if (before?.userNumbers.includes(login) || before?.emails.includes(login)) return id;
  }
  throw new CommandFault(FAULTS['not-merged'] ?? '');
}

/** `sap:00012`: a source has no colon in its name, a key may have. */
function entryNamed(text: string): { source: string; key: string } {
  const colon = text.indexOf(':');
  if (colon < 1) throw new CommandFault('--entries takes source:key, as pedel people show names them');
  return { source: text.slice(0, colon), key: text.slice(colon + 1) };
}

function faultOf(refusal: { kind: 'refused'; because: string } | PersonRefusal): CommandFault {
  if (refusal.kind !== 'refused') throw new TypeError(`a command may do it: ${refusal.kind}`);
  return new CommandFault(FAULTS[refusal.because] ?? refusal.because);
}

function say(terminal: Terminal, { json, dryRun }: Given, body: object, lines: string[]): void {
  if (json) terminal.write(`${JSON.stringify({ ...body, dryRun: dryRun === true })}\n`);
  else
    terminal.write(`${[...lines, ...(dryRun ? ['nothing was changed (--dry-run)'] : [])].map(printable).join('\n')}\n`);
}

const listed = (names: string[]) => names.join(', ') || 'nothing';

function mergeBody({ keep, gone, numbers, emails, entries, affiliations, accessEnds }: MergePlan) {
  const ends = accessEnds === undefined ? {} : { accessEnds: dayAt(accessEnds - 1) };
  return { account: keep.id, gone: gone.id, numbers, addresses: emails, entries, affiliations, ...ends };
}

function mergeLines({ keep, gone, numbers, emails, entries, affiliations }: MergePlan): string[] {
  const steps = gone.totps.length + gone.passkeys.length;
  return [
    `${describe(keep)}: stays`,
    `${describe(gone)}: becomes part of it; its password${steps === 0 ? '' : ` and ${steps} second steps`} open nothing any more`,
    `comes along: ${listed([...numbers, ...emails])}`,
    `entries: ${listed(entries.map(({ source, key }) => `${source}:${key}`))}`,
    `affiliations: ${listed(affiliations.map(({ organisation, role }) => `${role}@${organisation}`))}`,
  ];
}

const describe = (account: Account) =>
  `${`${account.givenName} ${account.familyName}`.trim()}, ${nameOf(account)} (${account.id})`;

const MERGE_HELP = `
The first one keeps its password and second step, and gets the numbers, addresses, feed
entries and affiliations of the other, which signs in nowhere any more. Every application is
told, and both persons get a letter. Applications that know the other one by its sub do not
know the first one by it: see docs/operations.md. It can be undone for 30 days.

Examples:
  pedel people merge r0123456 r0654321 --reason "enrolled twice" --dry-run
  pedel people merge r0123456 r0654321 --reason "enrolled twice"
`;
const UNMERGE_HELP = `
Both accounts are as before, with what their sources said since. All sessions end.

Example:
  pedel people unmerge r0654321 --reason "two people after all"
`;
const SPLIT_HELP = `
The new account gets the numbers, addresses and affiliations that these entries alone gave,
and its person is invited. A number by which applications know the account in use stays.

To undo it, merge the new account into the other one again: numbers, addresses, feed entries,
affiliations, groups and entitlements are as before. Its person’s invitation no longer works. Of
an account in use, nothing is mailed for seven days to the addresses that come back; and the
first address that applications are told may be another one.

Examples:
  pedel people split r0123456 --entries sap:00012 --reason "two people" --dry-run
  pedel people split r0123456 --entries sap:00012 --reason "two people"
  pedel people merge r0123456 r0654321 --reason "one person after all"
`;
