/** The secrets of an application: their ends and last uses, a new one shown once, and a page for each of them. */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey } from '../../../locales/index.ts';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import {
  asksBeforeRetiring,
  MOST_SECRETS,
  type RetiringAsk,
  SECRET_WARNING_DAYS,
  type SecretLife,
  secretLives,
  USUAL_LIFE,
} from '../../domain/clients/client-secrets.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { randomId } from '../../domain/random.ts';
import { may } from '../../domain/roles/permissions.ts';
import type { Badge } from '../../http/console-heading.ts';
import { readForm, text, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import type { Views } from '../../http/views.ts';
import {
  addSecret,
  listSecrets,
  renameSecret,
  retireSecret,
  type SecretAdded,
  type SecretInUse,
  type SecretsPorts,
} from '../../use-cases/clients/secrets.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { keysShown } from './keys-shown.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const addForm = z.object({ name: trimmed(200), life: z.enum(secretLives), once: z.string().regex(UUID) });
const renameForm = z.object({ name: trimmed(200) });
/** What the page said when the button was pressed. */
const retireForm = z.object({ told: text(40) });
const DAY_MS = 86_400_000;

/** What a new secret gets unless somebody chooses otherwise. */
const done: Record<string, MessageKey> = {
  retired: 'console.secret_retired',
  renamed: 'console.secret_renamed',
  'key-added': 'clientKeys.added',
  'key-removed': 'clientKeys.removed',
  'proof-saved': 'clientKeys.saved',
  'proof-unchanged': 'clientKeys.unchanged',
};

type ListData = Views['console/secrets'];
type Typed = { name: string; life: SecretLife; once?: string };

export function createSecrets(web: Web, frame: ConsoleFrame, application: ApplicationFrame) {
  const { ports, pages, now, randomBytes, accounts } = web;
  const { clients, clientUses } = ports;
  const using: SecretsPorts = {
    clients,
    clientUses,
    grants: async () => (await web.ports.roleGrants.read()).grants,
    now,
    randomBytes,
  };
  const titleOf = (ctx: Koa.Context, { id, name }: Pick<SecretInUse, 'id' | 'name'>) =>
    name ?? pages.t(ctx)('console.secret_unnamed', { id: id.slice(0, 8) });

  function stateOf(ctx: Koa.Context, { living, expiresAt }: SecretInUse): Badge | undefined {
    const t = pages.t(ctx);
    if (!living) return { tone: 'danger', label: t('console.state_expired') };
    const left = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - now();
    if (left > SECRET_WARNING_DAYS[0] * DAY_MS) return undefined;
    return { tone: 'warn', label: t('console.warn_expires', { count: Math.ceil(left / DAY_MS) }) };
  }

  /** Who made it, in words; undefined: nobody is known. */
  async function makerOf(ctx: Koa.Context, { by }: SecretInUse): Promise<string | undefined> {
    const t = pages.t(ctx);
    if (by === undefined) return undefined;
    if (by.kind === 'client') return by.id;
    if (by.kind !== 'person') return t('console.secret_by_command');
    const account = by.id === undefined ? undefined : await accounts.findById(by.id);
    return account === undefined ? t('console.secret_by_gone') : `${account.givenName} ${account.familyName}`.trim();
  }

  async function listed({ actor }: Administrator, record: ClientRecord) {
    const outcome = await listSecrets(actor, record.id, using);
    if (outcome.kind !== 'listed') throw new HttpError(404, 'missing');
    return outcome;
  }

  /** The list, at any moment. `outcome`: of a form that was sent just now. `keys`, `fault`: of the form that adds a key. */
  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    shown: { outcome?: SecretAdded; typed?: Typed; keys?: string; fault?: PageFault } = {},
  ): Promise<void> {
    const { outcome, typed } = shown;
    const { secrets, method } = await listed(administrator, record);
    const rows = secrets.map(async (secret) => ({
      href: secretPath(record.id, secret.id),
      name: titleOf(ctx, secret),
      made: secret.createdAt,
      by: await makerOf(ctx, secret),
      expires: secret.expiresAt,
      hour: secret.hour,
      state: stateOf(ctx, secret),
      fresh: outcome?.kind === 'added' && outcome.stored.id === secret.id,
    }));
    const added = outcome?.kind === 'added' ? { name: outcome.stored.name ?? '', secret: outcome.secret } : undefined;
    const data: ListData = {
      path: applicationPath(record.id, 'secrets'),
      rows: await Promise.all(rows),
      method,
      takesSecrets: method.startsWith('client_secret_'),
      mayChange: may(administrator.actor, 'clients:secrets', ownerOf(record)) === 'yes',
      full: secrets.filter(({ living }) => living).length >= MOST_SECRETS,
      most: MOST_SECRETS,
      added,
      wasShown: outcome?.kind === 'was-added' ? titleOf(ctx, outcome.stored) : undefined,
      name: typed?.name ?? '',
      life: typed?.life ?? USUAL_LIFE,
      lives: secretLives,
      once: randomId(randomBytes),
      done: frame.done(ctx, done),
      byKey: await keysShown(record, clientUses),
      revision: record.revision,
      keys: shown.keys ?? '',
      proofPath: applicationPath(record.id, 'keys'),
    };
    const fault = outcome === undefined ? shown.fault : faultOf(ctx, outcome);
    const page = application.page(ctx, administrator, record, 'secrets');
    await pages.render(ctx, 'console/secrets', { ...data, ...fault }, page);
  }

  function faultOf(ctx: Koa.Context, { kind }: SecretAdded) {
    const t = pages.t(ctx);
    if (kind === 'full') return { error: t('console.secret_full', { most: MOST_SECRETS }) };
    if (kind === 'takes-none') return { error: t('console.secret_takes_none') };
    return kind === 'name-taken' || kind === 'name-refused' ? nameFault(ctx, kind) : undefined;
  }

  function nameFault(ctx: Koa.Context, kind: 'name-taken' | 'name-refused') {
    const t = pages.t(ctx);
    return kind === 'name-taken'
      ? faultAt('name', t('console.secret_name_taken'), t('console.secret_name_taken_beside'))
      : faultAt('name', t('console.secret_name_refused'), t('console.secret_name_refused_beside'));
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await application.load(ctx, administrator));

  /** Answers with the secret itself, which no other answer has. */
  const add: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:secrets');
    if (!(await frame.recent(ctx, administrator, pages.t(ctx)('console.secret_add')))) return;
    const { name, life, once } = await readForm(ctx, addForm);
    const outcome = await addSecret(administrator.actor, { client: record.id, name, life, once }, using);
    if (outcome.kind === 'not-found') throw new HttpError(404, 'missing');
    if (outcome.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    const isMade = outcome.kind === 'added' || outcome.kind === 'was-added';
    await render(ctx, administrator, record, { outcome, ...(isMade ? {} : { typed: { name, life } }) });
  };

  /** The page of one secret. `told`: what whoever retires it has been told. */
  async function renderOne(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    shown: { typed?: string; fault?: { error: string; errors?: Record<string, string> } } = {},
  ): Promise<void> {
    const { secrets } = await listed(administrator, record);
    const secret = secrets.find(({ id }) => id === ctx.params.secret);
    if (secret === undefined) throw new HttpError(404, 'missing');
    const page = application.page(ctx, administrator, record, 'secrets');
    await pages.render(
      ctx,
      'console/secret',
      {
        path: secretPath(record.id, secret.id),
        back: applicationPath(record.id, 'secrets'),
        title: titleOf(ctx, secret),
        name: shown.typed ?? secret.name ?? '',
        made: secret.createdAt,
        by: await makerOf(ctx, secret),
        expires: secret.expiresAt,
        hour: secret.hour,
        state: stateOf(ctx, secret),
        mayChange: may(administrator.actor, 'clients:secrets', ownerOf(record)) === 'yes',
        told: asksBeforeRetiring(secret, secrets, secret.hour, now()),
        ...shown.fault,
      },
      page,
    );
  }

  const showOne: ConsoleHandler = async (ctx, administrator) =>
    renderOne(ctx, administrator, await application.load(ctx, administrator));

  const rename: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:secrets');
    const { name } = await readForm(ctx, renameForm);
    const input = { client: record.id, secret: String(ctx.params.secret), name };
    const outcome = await renameSecret(administrator.actor, input, using);
    if (outcome.kind === 'name-refused' || outcome.kind === 'name-taken')
      return renderOne(ctx, administrator, record, { typed: name, fault: nameFault(ctx, outcome.kind) });
    requireDone(outcome, 'renamed');
    goTo(ctx, `${applicationPath(record.id, 'secrets')}?done=renamed`);
  };

  const retire: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:secrets');
    const t = pages.t(ctx);
    if (!(await frame.recent(ctx, administrator, { dangerous: t('console.secret_retire') }))) return;
    const { told } = await readForm(ctx, retireForm);
    const confirmed = told.split(' ') as RetiringAsk[];
    const input = { client: record.id, secret: String(ctx.params.secret), confirmed };
    const outcome = await retireSecret(administrator.actor, input, using);
    if (outcome.kind === 'used-recently' || outcome.kind === 'only-one')
      return renderOne(ctx, administrator, record, { fault: { error: t('console.secret_look_again') } });
    requireDone(outcome, 'retired');
    goTo(ctx, `${applicationPath(record.id, 'secrets')}?done=retired`);
  };

  return { show, add, showOne, rename, retire, render };
}

const secretPath = (client: string, secret: string) => `${applicationPath(client, 'secrets')}/${secret}`;

/** @throws HttpError for every other outcome */
function requireDone({ kind }: { kind: string }, wanted: string): void {
  if (kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
  if (kind !== wanted) throw new HttpError(404, 'missing');
}
