/** `pedel incident`: what happened under the number that a page showed. */
import { Command } from 'commander';
import { createTranslations } from '../../locales/index.ts';
import { createAttemptsInMemory } from '../domain/rate-limits/attempts-in-memory.ts';
import { systemActor } from '../use-cases/actor.ts';
import { incidentForOverseer } from '../use-cases/incidents/find-incident.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting, userOf } from './terminal.ts';

export function incidentCommand({ terminal }: Setting): Command {
  return new Command('incident')
    .argument('<number>', 'as the page showed it: ten digits and letters')
    .option('--json', 'one JSON object, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (number: string, { json, config }: { json?: true; config?: string }) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const limiter = { attempts: createAttemptsInMemory(), onLimitHit: () => {} };
        const ports = { ...storage, limiter, writeIncidents: async () => {}, now: terminal.now };
        const answer = await incidentForOverseer(systemActor(userOf(terminal.environment).by), number, ports);
        if (answer.kind !== 'found') throw new CommandFault('nothing of the last 14 days has this number', 3);
        const { at, kind, ...rest } = answer.incident;
        if (json) {
          terminal.write(`${JSON.stringify({ ...rest, kind, at: new Date(at).toISOString() })}\n`);
          return;
        }
        const t = createTranslations()('en');
        const key = `incidents.${kind.replaceAll('-', '_') as 'bug'}` as const;
        const { person } = answer;
        const lines = [
          `${new Date(at).toISOString()}  ${t(key)}`,
          t(`${key}_do`),
          ...(person === undefined ? [] : [`person: ${person.givenName} ${person.familyName}, account ${person.id}`]),
          ...(rest.client === undefined ? [] : [`application: ${rest.client}`]),
          ...(rest.refusal === undefined ? [] : [`refused for: ${rest.refusal}`]),
          ...(rest.page === undefined ? [] : [`page: ${rest.page}`]),
        ];
        terminal.write(`${lines.map(printable).join('\n')}\n`);
      });
    });
}

const HELP = `
Pages of the last 14 days that showed an incident number. The log has more under the same number.
Exit status: 0 found; 3 nothing has this number.

Example:
  pedel incident 8c1f2e3d4a
`;
