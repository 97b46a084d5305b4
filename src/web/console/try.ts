/** An administrator signs in to an application as it would make him do, and reads what it would have got. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Translate } from '../../../locales/index.ts';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import type { Given, Withheld } from '../../domain/clients/release/release.ts';
import type { TrialOutcome } from '../../domain/clients/trial/trial.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { Views } from '../../http/views.ts';
import { tryClient, whyUntryable } from '../../use-cases/clients/try-client.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';

type Shown = Views['console/try'];

/** Characters of one value. */
const LONGEST = 500;

export function createTry(web: Web, frame: ConsoleFrame, application: ApplicationFrame) {
  const { ports, pages, now, randomBytes, trials } = web;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    client: ClientRecord,
    more: Pick<Shown, 'over' | 'outcome'>,
  ): Promise<void> {
    const t = pages.t(ctx);
    const because = whyUntryable(client, now());
    const data: Shown = {
      here: applicationPath(client.id, 'try'),
      name: nameOfClient(client, languageOf(ctx)),
      untryable: because && t(`consoleProblems.try_not_${because}`),
      mayTry: application.may(administrator, client, 'preview:self'),
      watch: applicationPath(client.id, 'watch'),
      ...more,
    };
    await pages.render(ctx, 'console/try', data, application.page(ctx, administrator, client, 'problems'));
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const client = await application.load(ctx, administrator);
    const { trial } = readQuery(ctx, z.object({ trial: trimmed(60) }));
    const found = trial === '' ? undefined : await trials.outcome(trial, administrator.session);
    const told = found?.client === client.id ? found.outcome : undefined;
    await render(ctx, administrator, client, {
      over: trial !== '' && told === undefined,
      outcome: told && outcomeShown(told, pages.t(ctx)),
    });
  };

  const start: ConsoleHandler = async (ctx, administrator) => {
    const client = await application.load(ctx, administrator, 'preview:self');
    const name = nameOfClient(client, languageOf(ctx));
    if (!(await frame.recent(ctx, administrator, pages.t(ctx)('consoleProblems.try_start', { name })))) return;
    const { actor, session } = administrator;
    const deps = { clients: ports.clients, auditLog: ports.auditLog, begin: trials.begin, now, randomBytes };
    const started = await tryClient(actor, { client: client.id, session }, deps);
    if (started.kind === 'not-found') throw new HttpError(404, 'missing');
    if (started.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    if (started.kind === 'started') return goTo(ctx, started.url);
    return render(ctx, administrator, client, { over: false, outcome: undefined });
  };

  /**
   * Where a trial ends. It stands outside the gate, which would take the answer's parameters for those of a sign-in of its
   * own; the trial itself asks for the session that began it.
   */
  const finish: Koa.Middleware = async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    const session = await web.sessions.current(ctx);
    const id = session === undefined ? undefined : await trials.finish(ctx.query, session);
    const found = id === undefined || session === undefined ? undefined : await trials.outcome(id, session);
    if (found === undefined) throw new HttpError(410, 'expired');
    goTo(ctx, `${applicationPath(found.client, 'try')}?trial=${id}`);
  };

  return { show, start, finish };
}

function outcomeShown(outcome: TrialOutcome, t: Translate): Shown['outcome'] {
  if (outcome.kind === 'declined') return { kind: 'failed', line: t(`consoleProblems.declined_${outcome.because}`) };
  if (outcome.kind === 'refused') {
    const error = outcome.description === '' ? outcome.error : `${outcome.error} (${outcome.description})`;
    return { kind: 'failed', line: t('consoleProblems.refused_what', { error }) };
  }
  const said = outcome.notArrived.filter(({ reason }) => reason.kind !== 'no_value');
  const without = outcome.notArrived.filter(({ reason }) => reason.kind === 'no_value').map(({ claim }) => claim);
  return {
    kind: 'arrived',
    without: without.join(', '),
    claims: [
      ...outcome.arrived.map(({ claim, value, places, reason }) => ({
        claim,
        value: textOf(value),
        why: reason === undefined ? t('consoleProblems.reason_fact') : whyGiven(reason, t),
        where: places.map((place) => t(`consoleProblems.place_${place}`)).join(', '),
      })),
      ...said.map(({ claim, reason }) => ({
        claim,
        value: undefined,
        why: whyNot(reason, t),
        where: '',
      })),
    ],
    scopes: outcome.scopes.join(', '),
    protocol: outcome.protocol.join(', '),
  };
}

function textOf(value: JsonValue): string {
  const text =
    typeof value === 'string'
      ? value
      : Array.isArray(value) && value.every((each) => typeof each === 'string')
        ? value.join(', ')
        : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function whyGiven(reason: Given, t: Translate): string {
  switch (reason.kind) {
    case 'scope':
      return t('consoleProblems.reason_scope', { scope: reason.scope });
    case 'bundle':
      return t(`consoleProblems.reason_bundle_${reason.bundle}`, { scope: reason.scope });
    case 'subject':
      return t(`consoleProblems.reason_subject_${reason.type}`);
    case 'renamed':
      return t('consoleProblems.reason_renamed', { from: reason.from });
    default:
      return t(`consoleProblems.reason_${reason.kind}`);
  }
}

const whyNot = ({ kind }: Withheld, t: Translate): string => t(`consoleProblems.reason_${kind}`);
