/** `pedel clients preview`, `diff` and `export`: what an application learns of somebody, and how files and registrations differ. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { clientDocument } from '../domain/clients/client-document.ts';
import type { Release } from '../domain/clients/release/release.ts';
import { samplePeople } from '../domain/clients/sample-people.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { ClientRecord, Clients, MemberChange } from '../domain/ports/clients.ts';
import { type Preview, type Previewed, previewRelease } from '../use-cases/clients/preview-release.ts';
import { actorOf, changeText, denied } from './clients-changing.ts';
import { previewPorts } from './clients-ports.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

type Options = { config?: string; json?: true };

export function viewingCommands(setting: Setting): Command[] {
  return [previewing(setting), exporting(setting), diffing(setting)];
}

function previewing({ terminal }: Setting): Command {
  return new Command('preview')
    .description('say what an application would learn of a person, claim by claim and why')
    .argument('<client_id>')
    .option('--person <number>', 'a user number, institution address or sub')
    .option('--sample <who>', 'a person made up, such as staff@kuleuven')
    .option('--scope <scopes>', 'scopes that it asks, in quotes; without it, all of its registration')
    .option('--claims <names>', 'single claims that it asks by name, in quotes')
    .option(
      '--json',
      '{ client_id, person, scopes, closed, id_token, userinfo: [{ claim, value, reason }] }, for scripts',
    )
    .addOption(configOption())
    .addHelpText('after', PREVIEW_HELP)
    .action(
      async (
        id: string,
        {
          config,
          json,
          person,
          sample,
          scope,
          claims,
        }: Options & { person?: string; sample?: string; scope?: string; claims?: string },
      ) => {
        if ((person === undefined) === (sample === undefined))
          throw new CommandFault('name a --person, or a --sample such as staff@kuleuven');
        const who: Previewed =
          person === undefined ? { kind: 'sample', id: sample ?? '' } : { kind: 'person', number: person };
        const words = (text: string) => text.split(/\s+/).filter(Boolean);
        await withInstallation(terminal, config, async (installation) => {
          await installation.requireSecret();
          const ports = await previewPorts(terminal, installation);
          const asked =
            scope === undefined && claims === undefined
              ? {}
              : { asked: { scopes: words(scope ?? 'openid'), claims: words(claims ?? '') } };
          const outcome = await previewRelease(actorOf(terminal), { id, person: who, ...asked }, ports);
          if (outcome.kind === 'unknown-person')
            throw new CommandFault(
              person === undefined
                ? `choose a sample: ${samplePeople(installation.config.organisations)
                    .map((each) => each.id)
                    .join(', ')}`
                : `nobody is known as ${printable(person)}`,
            );
          if (outcome.kind === 'refused') throw new CommandFault('its registration cannot be used');
          if (outcome.kind !== 'preview') throw denied(id, outcome);
          terminal.write(json ? `${JSON.stringify(previewJson(id, outcome), null, 2)}\n` : previewText(id, outcome));
        });
      },
    );
}

type Shown = Extract<Preview, { kind: 'preview' }>;

const previewJson = (id: string, { person, scopes, closed, idToken, userinfo }: Shown) => ({
  client_id: id,
  person,
  scopes,
  closed: closed ?? false,
  id_token: idToken,
  userinfo,
});

function previewText(id: string, { person, scopes, closed, idToken, userinfo }: Shown): string {
  const inIdToken = new Set(idToken.filter((each) => 'value' in each).map(({ claim }) => claim));
  const asked = (each: Release) => 'value' in each || each.reason.kind !== 'not_asked';
  const lines = userinfo.filter(asked).map((each) => {
    const value = 'value' in each ? JSON.stringify(each.value) : 'not sent';
    const also = inIdToken.has(each.claim) ? ', in the ID token too' : '';
    return `  ${printable(`${each.claim.padEnd(30)} ${value}`)}  (${reasonText(each.reason)}${also})\n`;
  });
  const open =
    closed === undefined ? '' : `  It is not open to this person (${closed.kind}): nothing of this is told.\n`;
  const who = `${person.name}${person.number === undefined ? '' : `, ${person.number}`}${person.sample ? ', made up' : ''}`;
  return `${printable(`${id} learns of ${who}, where it asks ${scopes.join(' ')} and the person agrees`)}:\n${open}${lines.join('')}`;
}

function reasonText(reason: Release['reason']): string {
  switch (reason.kind) {
    case 'scope':
      return `scope ${reason.scope}`;
    case 'bundle':
      return `bundle ${reason.bundle}, scope ${reason.scope}`;
    case 'by_name':
      return 'asked by name';
    case 'derived':
      return `derived: ${reason.values.join(', ')}`;
    case 'renamed':
      return `the value of ${reason.from}`;
    case 'subject':
      return reason.type === 'public' ? 'the same everywhere' : 'for this application only';
    case 'username':
      return `username: ${reason.name}`;
    case 'not_asked':
      return 'not asked';
    case 'not_allowed':
      return 'not in its registration';
    case 'consent_missing':
      return 'no consent';
    case 'elsewhere':
      return 'not here';
    case 'no_value':
      return 'the person has none';
  }
}

function exporting({ terminal }: Setting): Command {
  return new Command('export')
    .description('write registrations as the JSON that pedel clients apply reads: all, or those that are named')
    .argument('[client_id...]')
    .addOption(configOption())
    .addHelpText('after', EXPORT_HELP)
    .action(async (ids: string[], { config }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const found =
          ids.length === 0 ? await all(storage.clients) : await Promise.all(ids.map((id) => one(id, storage.clients)));
        const documents = found.filter(({ disabled }) => disabled?.removeAt === undefined).map(clientDocument);
        // one that is named is written as edit --file reads it
        terminal.write(`${JSON.stringify(ids.length === 1 ? documents[0] : documents, null, 2)}\n`);
      });
    });
}

function diffing({ terminal, exit }: Setting): Command {
  return new Command('diff')
    .description('say how registrations differ from a file of pedel clients apply, member by member')
    .argument('<file>', 'a JSON array of registrations, or - for standard input')
    .option(
      '--json',
      '{ clients: [{ client_id, outcome, changes: [{ member, before, after }] }] }, for scripts; before: as registered',
    )
    .addOption(configOption())
    .addHelpText('after', DIFF_HELP)
    .action(async (file: string, { config, json }: Options) => {
      const wanted = readList(file);
      await withInstallation(terminal, config, async ({ storage }) => {
        const clients = await Promise.all(wanted.map((each) => difference(each, storage.clients)));
        if (clients.some(({ outcome }) => outcome !== 'same')) exit(1);
        if (json) terminal.write(`${JSON.stringify({ clients }, null, 2)}\n`);
        else
          for (const { client_id: id, outcome, changes } of clients)
            terminal.write(
              `${printable(id)}: ${outcome}\n${changes.map((each) => `    ${printable(changeText(each))}\n`).join('')}`,
            );
      });
    });
}

type Wanted = Record<string, JsonValue>;

/** What an application has and the file does not name, and follows from what it names, is no difference. */
async function difference(wanted: Wanted, clients: Pick<Clients, 'find'>) {
  const id = String(wanted.client_id ?? '');
  const stored = id === '' ? undefined : await clients.find(id);
  if (stored === undefined)
    return { client_id: id || String(wanted.client_name ?? '?'), outcome: 'not registered', changes: [] };
  const { client_secret: _, ...named } = wanted;
  const [is, should] = [
    new Map<string, JsonValue>(Object.entries(clientDocument(stored))),
    new Map(Object.entries(named)),
  ];
  const changes: MemberChange[] = [...new Set([...is.keys(), ...should.keys()])].flatMap((member) => {
    const [before, after] = [is.get(member), should.get(member)];
    if (isDeepStrictEqual(before, after) || (after === undefined && following.includes(member))) return [];
    return [{ member, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  });
  return { client_id: id, outcome: changes.length === 0 ? 'same' : 'differs', changes };
}

/** Members that are stored although nobody names them. */
const following = ['scope', 'subject_type', 'pedel_bundle', 'pedel_sector'];

function readList(file: string): Wanted[] {
  try {
    const read: unknown = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, ''));
    if (Array.isArray(read) && read.every((each) => typeof each === 'object' && each !== null)) return read;
  } catch (error) {
    throw new CommandFault(`${printable(file)}: ${printable((error as Error).message)}`);
  }
  throw new CommandFault(`${printable(file)}: it must hold an array of registrations: [ { "client_name": … } ]`);
}

async function one(id: string, clients: Pick<Clients, 'find'>): Promise<ClientRecord> {
  const found = await clients.find(id);
  if (found === undefined) throw denied(id, { kind: 'not-found' });
  return found;
}

const PAGE = 500;

async function all(clients: Pick<Clients, 'list'>): Promise<ClientRecord[]> {
  const records: ClientRecord[] = [];
  for (;;) {
    const page = await clients.list(records.at(-1)?.id, PAGE);
    records.push(...page);
    if (page.length < PAGE) return records;
  }
}

const PREVIEW_HELP = `
The same function decides it when tokens are issued. It asks as if the person
agreed to all that the application asks.

Examples:
  pedel clients preview toledo --sample student@kuleuven
  pedel clients preview toledo --person u0012345 --scope "openid email"
`;
const EXPORT_HELP = `
Secrets are in no export: an application keeps the one it has. What is deleted
and not removed yet is left out.

Examples:
  pedel clients export > clients.json
  pedel clients export toledo
`;
const DIFF_HELP = `
Exit status:
  0  nothing differs
  1  something does, or the file cannot be read

Example:
  pedel clients diff clients.json
`;
