/** `pedel clients edit`, `history`, `restore`, `disable`, `enable` and `delete`: what happens to an application after it is registered. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { ClientRevision, MemberChange } from '../domain/ports/clients.ts';
import { systemActor } from '../use-cases/actor.ts';
import type { Denied } from '../use-cases/clients/client-authority.ts';
import { clientAtRevision, historyOfClient, restoreClient } from '../use-cases/clients/client-revisions.ts';
import { type Edit, type Edited, editClient } from '../use-cases/clients/edit-client.ts';
import { type EndAct, endClient, REMOVED_AFTER_DAYS } from '../use-cases/clients/end-client.ts';
import { resultText } from './clients-applying.ts';
import { editPorts } from './clients-ports.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { KEYS_HELP, membersByKeys } from './keys-file.ts';
import { readRevision } from './revision.ts';
import { localTime } from './since.ts';
import { CommandFault, printable, type Setting, userOf } from './terminal.ts';

type Options = { config?: string; json?: true };
type EditFiles = { file?: string; keys?: string };
type EditOptions = Options & { revision?: number; offline?: true; changeSubjects?: true };

const revisionOption = () =>
  new Option('--revision <number>', 'only as it was then: refused if somebody has changed it since').argParser(
    readRevision,
  );
const subjectsOption = () =>
  new Option('--change-subjects', 'let subject_type or the sector change: everybody becomes new to the application');

export function changingCommands(setting: Setting): Command[] {
  return [editing(setting), history(setting), restoring(setting), ...ends.map((each) => ending(setting, each))];
}

function editing({ terminal, exit }: Setting): Command {
  return new Command('edit')
    .description('change members of one registration, or replace it whole from a file')
    .argument('<client_id>')
    .argument('[member=value...]', 'a value as JSON, or as text where it is none; nothing after = removes the member')
    .option(
      '--file <file>',
      'the whole registration as JSON (as pedel clients export writes it), or - for standard input',
    )
    .option('--keys <file>', `has it sign in by a key instead of a secret: ${KEYS_HELP}`)
    .addOption(revisionOption())
    .addOption(subjectsOption())
    .option('--offline', 'fetch no logo and look at no keys: ask no other host')
    .option(
      '--json',
      '{ client_id, outcome, revision, members, client_secret, warnings } or { outcome, faults: [{ pointer, member, value, expected, remedy }] }, for scripts',
    )
    .addOption(configOption())
    .addHelpText('after', EDIT_HELP)
    .action(async (id: string, given: string[], { config: file, json, ...how }: EditOptions & EditFiles) => {
      const change = changeOf(given, how);
      await withInstallation(terminal, file, async (installation) => {
        await installation.requireSecret();
        const edit = { id, change, revision: how.revision, changeSubjects: how.changeSubjects === true };
        const ports = editPorts(terminal, installation, how.offline === true);
        const outcome = await editClient(actorOf(terminal), edit, ports);
        tell({ terminal, exit }, id, outcome, json === true);
      });
    });
}

/** @throws CommandFault where both or neither are given, or one cannot be read */
function changeOf(given: string[], { file, keys }: EditFiles): Edit['change'] {
  if ((file === undefined) === (given.length === 0 && keys === undefined))
    throw new CommandFault(
      'name members to change, such as client_name=Toledo, or a --file with the whole registration',
    );
  if (file !== undefined) return { kind: 'whole', metadata: readJson(file) };
  const patch = given.map((each): [string, unknown] => {
    const at = each.indexOf('=');
    if (at < 1) throw new CommandFault(`"${printable(each)}": write member=value, such as client_name=Toledo`);
    const text = each.slice(at + 1);
    return [each.slice(0, at), text === '' ? null : parsedOr(text)];
  });
  const byKeys = keys === undefined ? {} : { ...membersByKeys(keys), jwks_uri: null };
  return { kind: 'patch', patch: { ...byKeys, ...Object.fromEntries(patch) } };
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CommandFault(`${printable(file)}: ${printable((error as Error).message)}`);
  }
}

function history({ terminal }: Setting): Command {
  return new Command('history')
    .description('list what was changed of a registration, by whom and when, newest first')
    .argument('<client_id>')
    .option(
      '--json',
      '{ client_id, revisions: [{ revision, at, action, actor, changes: [{ member, before, after }], restorable }] }, for scripts',
    )
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients history toledo\n')
    .action(async (id: string, { config, json }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const found = await historyOfClient(actorOf(terminal), id, storage);
        if (found.kind !== 'history') throw denied(id, found);
        if (json) {
          const revisions = found.revisions.map(({ at, entry, ...each }) => ({
            ...each,
            at: new Date(at).toISOString(),
            ...(entry === undefined ? {} : { action: entry.action, actor: entry.actor }),
          }));
          terminal.write(`${JSON.stringify({ client_id: id, revisions }, null, 2)}\n`);
        } else if (found.revisions.length === 0) terminal.write(`${printable(id)}: no change of it is known\n`);
        else for (const each of found.revisions) terminal.write(revisionText(each));
      });
    });
}

function revisionText({ revision, at, entry, changes, withoutValues }: ClientRevision): string {
  const who = entry === undefined ? '' : `  ${entry.action}  by ${entry.actor.kind} ${entry.actor.id ?? ''}`;
  const lines = changes.map((change) => `    ${printable(changeText(change))}\n`);
  const lost = withoutValues ? '    (its values were too large to be kept)\n' : '';
  return `revision ${revision}  ${localTime(at)}${printable(who).trimEnd()}\n${lines.join('')}${lost}`;
}

/** Old and new value of a member in one line. */
export function changeText({ member, before, after }: MemberChange): string {
  if (before === undefined && after === undefined) return `${member}: changed`;
  const shown = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));
  return `${member}: ${shown(before)} -> ${shown(after)}`;
}

function restoring({ terminal, exit }: Setting): Command {
  return new Command('restore')
    .description(
      'make a registration what it was at an earlier revision; secrets, and whether it is on, stay as they are',
    )
    .argument('<client_id>')
    .argument('<revision>', 'as pedel clients history lists it', readRevision)
    .addOption(subjectsOption())
    .option('-n, --dry-run', 'print the registration of then, and change nothing')
    .option('--json', 'as of pedel clients edit')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients restore toledo 4 --dry-run\n  pedel clients restore toledo 4\n')
    .action(async (id: string, to: number, { config, json, ...how }: EditOptions & { dryRun?: true }) => {
      await withInstallation(terminal, config, async (installation) => {
        const { storage } = installation;
        const unknown = new CommandFault(
          `revision ${to} of ${printable(id)} is not kept; pedel clients history lists them`,
        );
        if (how.dryRun) {
          const found = await clientAtRevision(actorOf(terminal), { id, revision: to }, storage);
          if (found.kind === 'unknown-revision') throw unknown;
          if (found.kind !== 'found') throw denied(id, found);
          terminal.write(`${JSON.stringify(found.earlier, null, 2)}\n`);
          return;
        }
        await installation.requireSecret();
        const ports = { ...editPorts(terminal, installation, true), clients: storage.clients };
        const wish = { id, revision: undefined, to, changeSubjects: how.changeSubjects === true };
        const outcome = await restoreClient(actorOf(terminal), wish, ports);
        if (outcome.kind === 'unknown-revision') throw unknown;
        tell({ terminal, exit }, id, outcome, json === true);
      });
    });
}

const ends: { act: EndAct; description: string; done: string; help: string }[] = [
  {
    act: 'disable',
    description: 'switch an application off at once: nobody signs in, its tokens open nothing',
    done: 'off',
    help: 'Within a minute it is told of the sessions that people have there, which end.',
  },
  {
    act: 'enable',
    description: 'switch an application on again, also one that was deleted',
    done: 'on',
    help: 'People sign in again; what they consented to is remembered.',
  },
  {
    act: 'delete',
    description: `delete an application; for ${REMOVED_AFTER_DAYS} days pedel clients enable takes it back`,
    done: `deleted; it is removed for good in ${REMOVED_AFTER_DAYS} days, until then: pedel clients enable`,
    help: 'It is off at once, as with disable. pedel clients remove removes without a way back.',
  },
];

function ending({ terminal }: Setting, { act, description, done, help }: (typeof ends)[number]): Command {
  return new Command(act)
    .description(description)
    .argument('<client_id>')
    .addOption(revisionOption())
    .option('--json', '{ client_id, outcome, revision, disabled }, for scripts')
    .addOption(configOption())
    .addHelpText('after', `\n${help}\n\nExample:\n  pedel clients ${act} toledo\n`)
    .action(async (id: string, { config, json, revision }: EditOptions) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const ports = {
          clients: storage.clients,
          now: terminal.now,
          randomBytes: terminal.randomBytes,
          grants: async () => [],
        };
        const outcome = await endClient(actorOf(terminal), { id, revision, act }, ports);
        if (outcome.kind === 'stale') throw stale(id, outcome.current.revision);
        if (outcome.kind === 'too-late')
          throw new CommandFault(`${printable(id)} was deleted ${REMOVED_AFTER_DAYS} days ago and is being removed`);
        if (outcome.kind === 'not-found' || outcome.kind === 'not-allowed') throw denied(id, outcome);
        const { disabled, revision: now } = outcome.record;
        const told = { client_id: id, outcome: outcome.kind, revision: now, disabled: disabled ?? false };
        if (json) terminal.write(`${JSON.stringify(told)}\n`);
        else terminal.write(`${printable(id)}: ${outcome.kind === 'unchanged' ? 'it was so already' : done}\n`);
      });
    });
}

export const actorOf = ({ environment }: Setting['terminal']) => systemActor(userOf(environment).by);

function stale(id: string, revision: number): CommandFault {
  return new CommandFault(
    `${printable(id)} was changed since, and is at revision ${revision}: look at it again (pedel clients show)`,
  );
}

/** @returns what to throw */
export function denied(id: string, { kind }: Denied): CommandFault {
  if (kind === 'not-allowed') return new CommandFault(`${printable(id)}: that is not allowed`);
  return new CommandFault(`no application has the client_id "${printable(id)}"; pedel clients list prints them all`);
}

function tell({ terminal, exit }: Setting, id: string, outcome: Edited, json: boolean): void {
  if (outcome.kind === 'stale') throw stale(id, outcome.current.revision);
  if (outcome.kind === 'not-found' || outcome.kind === 'not-allowed') throw denied(id, outcome);
  if (outcome.kind === 'refused') {
    exit(1);
    const { faults } = outcome;
    if (json) terminal.write(`${JSON.stringify({ client_id: id, outcome: 'refused', faults }, null, 2)}\n`);
    else terminal.writeError(resultText({ client: id, outcome: 'refused', faults }));
    return;
  }
  const { record, warnings, kind } = outcome;
  const [members, secret] = kind === 'edited' ? [outcome.members, outcome.secret] : [[], undefined];
  const word = kind === 'edited' ? 'changed' : 'unchanged';
  if (json) {
    const made = secret === undefined ? {} : { client_secret: secret };
    const told = { client_id: id, outcome: word, revision: record.revision, members, ...made, warnings };
    terminal.write(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const warned = warnings.length === 0 ? {} : { warnings };
  terminal.write(
    resultText({ client: id, outcome: word, members, ...(secret === undefined ? {} : { secret }), ...warned }),
  );
}

const EDIT_HELP = `
All faults are told at once, each with its remedy, and then nothing is changed.
pedel clients members explains every member.

Exit status:
  0  it is changed, or was so already
  1  it was refused, and why is printed

Examples:
  pedel clients edit toledo client_name=Toledo contacts='["toledo@example.edu"]'
  pedel clients edit toledo pedel_valid_until=2027-06-30 --revision 4
  pedel clients edit toledo policy_uri=
  pedel clients export toledo > toledo.json && pedel clients edit toledo --file toledo.json
`;
