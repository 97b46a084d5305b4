/** The steps of an application's sign-ins while somebody watches them. Without script they come with a reload. */
import type { Translate } from '../../../locales/index.ts';
import type { WatchStep } from '../../domain/clients/watch/watch.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import type { IconName } from '../../http/icons.ts';
import type { StepShown } from '../../http/views.ts';
import { readWatch, startWatch } from '../../use-cases/clients/watch-client.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { ConsoleHandler } from './frame.ts';
import { refusalShown } from './problem-words.ts';

export function createWatch(web: Web, application: ApplicationFrame) {
  const { ports, pages, now, randomBytes, watches } = web;

  const show: ConsoleHandler = async (ctx, administrator) => {
    const { id } = await application.load(ctx, administrator);
    await web.writeSteps(); // what this node noted a moment ago
    const read = await readWatch(administrator.actor, { client: id }, { clients: ports.clients, watches, now });
    if (read.kind === 'not-found') throw new HttpError(404, 'missing');
    const { client, watch } = read;
    const t = pages.t(ctx);
    const data = {
      here: applicationPath(id, 'watch'),
      mayWatch: application.may(administrator, client, 'clients:write'),
      watch: watch && {
        running: now() < watch.endsAt,
        until: watch.endsAt,
        full: watch.full,
        steps: watch.steps.toReversed().map((step) => stepShown(step, t)),
      },
    };
    await pages.render(ctx, 'console/watch', data, application.page(ctx, administrator, client, 'problems'));
  };

  const start: ConsoleHandler = async (ctx, administrator) => {
    const { id } = await application.load(ctx, administrator, 'clients:write');
    const deps = { clients: ports.clients, auditLog: ports.auditLog, watches, now, randomBytes };
    const started = await startWatch(administrator.actor, { client: id }, deps);
    if (started.kind === 'not-found') throw new HttpError(404, 'missing');
    if (started.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    goTo(ctx, applicationPath(id, 'watch'));
  };

  return { show, start };
}

function stepShown(step: WatchStep, t: Translate): StepShown {
  const { at } = step;
  const told = (title: string, icon: IconName, tone: StepShown['tone'], line?: string): StepShown => ({
    at,
    icon,
    tone,
    title,
    ...(line === undefined ? {} : { line }),
  });
  switch (step.kind) {
    case 'request': {
      const title = t(step.pushed === true ? 'consoleProblems.step_pushed' : 'consoleProblems.step_request');
      const scopes = step.scopes.join(', ');
      return told(
        title,
        'chevron',
        'neutral',
        scopes === '' ? undefined : t('consoleProblems.step_request_scopes', { scopes }),
      );
    }
    case 'asked':
      return told(
        t(`consoleProblems.step_asked_${step.step}`),
        step.step === 'refused' ? 'alert' : 'account',
        step.step === 'refused' ? 'danger' : 'neutral',
      );
    case 'answered':
      return told(t('consoleProblems.step_answered'), 'info', 'neutral', step.error);
    case 'code-issued':
      return told(t('consoleProblems.step_code-issued'), 'check', 'good', t('consoleProblems.step_code-issued_what'));
    case 'tokens':
      return told(t(tokensKey(step.grant)), 'check', 'good');
    case 'refused': {
      const refusal = refusalShown(step.refusal, t);
      const line = step.incident && t('consoleProblems.incident', { incident: step.incident });
      return { ...told(refusal.sentence, 'alert', 'danger', line), refusal };
    }
    default:
      return told(t(`consoleProblems.step_${step.kind}`), 'check', 'good');
  }
}

function tokensKey(grant: string) {
  if (grant === 'refresh_token') return 'consoleProblems.step_tokens_refreshed' as const;
  return grant === 'client_credentials'
    ? ('consoleProblems.step_tokens_service' as const)
    : ('consoleProblems.step_tokens' as const);
}
