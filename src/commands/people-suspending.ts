/** `pedel people suspend`, `lift`, `hold` and `release`: close an account whatever its affiliations say, or keep it from being erased. */
import { type Command, Option } from 'commander';
import { type SuspensionKind, suspensionKinds } from '../domain/lifecycle/lifecycle-records.ts';
import { type Actor, systemActor } from '../use-cases/actor.ts';
import type { PeopleDeps, PersonRefusal } from '../use-cases/people/act-on-person.ts';
import { holdPerson, releaseHoldOf } from '../use-cases/people/hold.ts';
import { liftSuspensionOf, suspendPerson } from '../use-cases/people/suspend.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { accountOf } from './roles.ts';
import { CommandFault, printable, type Setting, type Terminal, userOf } from './terminal.ts';

type Common = { config?: string; json?: true };
type Done = { kind: string };
type Act = (actor: Actor, id: string, deps: PeopleDeps) => Promise<Done | PersonRefusal>;

const FAULTS: Record<string, string> = {
  'no-reason': '--reason takes one line of at most 500 characters',
  'no-day': '--until takes a day, such as 2027-02-28',
  over: 'the day of --until has passed',
};

/** What came of it, as the command prints it. */
const RESULTS: Record<string, string> = {
  suspended: 'suspended; signed out everywhere, and both addresses are told',
  lifted: 'no longer suspended',
  'not-suspended': 'unchanged: it is not suspended',
  held: 'nothing erases this account now',
  released: 'no longer held',
  'not-held': 'unchanged: there is no legal hold',
};

/** Adds the commands to `pedel people`. */
export function addSuspending(people: Command, { terminal }: Setting): void {
  const add = (name: string, description: string) =>
    people
      .command(name)
      .description(description)
      .argument('<number>', 'user number or institution address of the person')
      .option('--json', '{ account, outcome } as JSON, for scripts')
      .addOption(configOption());

  const reason = () =>
    new Option('--reason <text>', 'why, for the service desk; not told to the person').makeOptionMandatory();

  add('suspend', 'close an account at once, whatever its affiliations say')
    .addOption(
      new Option('--kind <kind>', 'security: somebody else may be able to sign in')
        .choices(suspensionKinds)
        .makeOptionMandatory(),
    )
    .addOption(reason())
    .option('--until <day>', 'its last day (YYYY-MM-DD); without it, until it is lifted')
    .addHelpText('after', SUSPEND_HELP)
    .action(async (number: string, given: Common & { kind: SuspensionKind; reason: string; until?: string }) => {
      const { kind, reason: why, until } = given;
      const suspending = { kind, reason: why, ...(until === undefined ? {} : { until }) };
      await act(terminal, number, given, (actor, id, deps) => suspendPerson(actor, id, suspending, deps));
    });
  add('lift', 'lift the suspension of an account')
    .addOption(reason())
    .addHelpText(
      'after',
      '\nAfter a suspension for security the person must replace the password by a mailed link,\nand prove the second factor. Lifting it changes nothing of that.\n\nExample:\n  pedel people lift r0123456 --reason "ticket 4711: new password chosen at the counter"\n',
    )
    .action((number: string, given: Common & { reason: string }) =>
      act(terminal, number, given, (actor, id, deps) => liftSuspensionOf(actor, id, given.reason, deps)),
    );
  add('hold', 'put a legal hold on an account: nothing erases it')
    .addOption(reason())
    .addHelpText('after', '\nExample:\n  pedel people hold r0123456 --reason "court case 2027/113"\n')
    .action((number: string, given: Common & { reason: string }) =>
      act(terminal, number, given, (actor, id, deps) => holdPerson(actor, id, given.reason, deps)),
    );
  add('release', 'release the legal hold on an account')
    .addHelpText('after', '\nExample:\n  pedel people release r0123456\n')
    .action((number: string, given: Common) => act(terminal, number, given, releaseHoldOf));
}

async function act(terminal: Terminal, number: string, { config: file, json }: Common, doIt: Act): Promise<void> {
  await withInstallation(terminal, file, async (installation) => {
    const { storage, config } = installation;
    const sealer = await installation.openSealer();
    const { id } = await accountOf(installation, number);
    const { accounts, roleGrants } = storage;
    const { now, randomBytes } = terminal;
    const deps = { accounts, roleGrants, sealer, organisations: config.organisations, now, randomBytes };
    const done = await doIt(systemActor(userOf(terminal.environment).by), id, deps);
    if (done.kind === 'refused' && 'because' in done) throw new CommandFault(FAULTS[String(done.because)] ?? 'refused');
    const said = RESULTS[done.kind];
    if (said === undefined) throw new TypeError(`a command may do it: ${done.kind}`);
    terminal.write(
      json ? `${JSON.stringify({ account: id, outcome: done.kind })}\n` : `${printable(`${number}: ${said}`)}\n`,
    );
  });
}

const SUSPEND_HELP = `
Sessions, codes and tokens end at once, every application is told, and both addresses of
the person get a letter without the reason. No import opens the account or closes it.
After a suspension for security the person must replace the password by a mailed link,
and prove the second factor.

Examples:
  pedel people suspend r0123456 --kind security --reason "password in a public list"
  pedel people suspend r0123456 --kind administrative --reason "fees" --until 2027-02-28
`;
