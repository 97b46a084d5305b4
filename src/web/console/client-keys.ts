/** Another key for an application, and one that goes: how its key is changed while nobody notices. */
import { isUsedRecently } from '../../domain/clients/client-secrets.ts';
import { thumbprintOf } from '../../domain/clients/keys/client-keys.ts';
import { readPasted } from '../../domain/clients/keys/pasted-keys.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readForm, text } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt } from '../../http/page.ts';
import { editClient } from '../../use-cases/clients/edit-client.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import { type EditForm, faultsAt, revisionField } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { keyPath, keysInUse, kindInWords, ownKeys } from './keys-shown.ts';
import { faultsOfKeys, repeated } from './proof.ts';
import type { createSecrets } from './secrets.ts';

const addForm = revisionField.extend({ keys: text(60_000) });
/** What the page said when the button was pressed. */
const removeForm = revisionField.extend({ told: text(40) });
const USED = 'used-recently';

export function createClientKeys(
  web: Web,
  frame: ConsoleFrame,
  application: ApplicationFrame,
  { editing, secrets }: { editing: EditForm; secrets: ReturnType<typeof createSecrets> },
) {
  const { pages, ports, now } = web;

  const saved = (record: ClientRecord, done: string) => `${applicationPath(record.id, 'secrets')}?done=${done}`;

  /** Writes other keys into the registration. @returns why not, in words */
  async function write(
    ctx: Parameters<ConsoleHandler>[0],
    { actor }: Administrator,
    record: ClientRecord,
    revision: number,
    keys: readonly object[],
  ): Promise<string | undefined> {
    const t = pages.t(ctx);
    const change = { kind: 'patch', patch: { jwks: { keys } as unknown as JsonValue } } as const;
    const outcome = await editClient(actor, { id: record.id, revision, change }, editing.editPorts);
    switch (outcome.kind) {
      case 'edited':
      case 'unchanged':
        return undefined;
      case 'stale':
        return t('clientKeys.stale');
      case 'refused': {
        const { errors, others } = faultsAt(outcome.faults, new Set(['jwks']), languageOf(ctx));
        return [errors.jwks, ...others].filter((each) => each !== undefined).join('. ');
      }
      case 'not-allowed':
        throw new HttpError(403, 'not-allowed');
      default:
        throw new HttpError(404, 'missing');
    }
  }

  /** ⚑ What may be private is refused before anything keeps it. */
  const add: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:secrets');
    const t = pages.t(ctx);
    const typed = await readForm(ctx, addForm);
    const refuse = (sentence: string) =>
      secrets.render(ctx, administrator, record, {
        keys: repeated(typed.keys),
        fault: faultAt('keys', t('clientKeys.not_added'), sentence),
      });
    const algorithm = record.metadata.token_endpoint_auth_signing_alg;
    const read = readPasted(typed.keys, typeof algorithm === 'string' ? algorithm : undefined);
    const words = { t, language: languageOf(ctx) };
    if ('faults' in read) return refuse(faultsOfKeys(read.faults, words));
    const given = { revision: String(typed.revision), action: typed.action, keys: typed.keys };
    if (!(await frame.recent(ctx, administrator, t('clientKeys.add'), given))) return;
    const has = new Set(ownKeys(record).map(thumbprintOf));
    if (read.keys.some((key) => has.has(thumbprintOf(key)))) return refuse(t('clientKeys.same'));
    const fault = await write(ctx, administrator, record, typed.revision, [...ownKeys(record), ...read.keys]);
    if (fault !== undefined) return refuse(fault);
    goTo(ctx, saved(record, 'key-added'));
  };

  async function renderOne(
    ctx: Parameters<ConsoleHandler>[0],
    administrator: Administrator,
    record: ClientRecord,
    error?: string,
  ): Promise<void> {
    const all = await keysInUse(record, ownKeys(record), ports.clientUses);
    const one = all.find(({ thumbprint }) => thumbprint === ctx.params.key);
    if (one === undefined) throw new HttpError(404, 'missing');
    await pages.render(
      ctx,
      'console/client-key',
      {
        path: keyPath(record.id, one.thumbprint),
        back: applicationPath(record.id, 'secrets'),
        revision: record.revision,
        name: one.name,
        kind: kindInWords(one.key),
        hour: one.hour,
        mayChange: application.may(administrator, record, 'clients:secrets'),
        told: isInUse(one.hour) ? USED : '',
        isOnly: all.length === 1,
        ...(error === undefined ? {} : { error, errors: {} }),
      },
      application.page(ctx, administrator, record, 'secrets'),
    );
  }

  const isInUse = (hour: number | undefined) => hour !== undefined && isUsedRecently(hour, now());

  const showOne: ConsoleHandler = async (ctx, administrator) =>
    renderOne(ctx, administrator, await application.load(ctx, administrator));

  /** ⚑ */
  const remove: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:secrets');
    const t = pages.t(ctx);
    const { revision, told, action } = await readForm(ctx, removeForm);
    const given = { revision: String(revision), told, action };
    if (!(await frame.recent(ctx, administrator, { dangerous: t('clientKeys.remove') }, given))) return;
    const all = await keysInUse(record, ownKeys(record), ports.clientUses);
    const one = all.find(({ thumbprint }) => thumbprint === ctx.params.key);
    if (one === undefined) throw new HttpError(404, 'missing');
    if (all.length === 1) return renderOne(ctx, administrator, record, t('clientKeys.only'));
    if (isInUse(one.hour) && told !== USED) return renderOne(ctx, administrator, record, t('clientKeys.look_again'));
    const rest = all.filter((each) => each !== one).map(({ key }) => key);
    const fault = await write(ctx, administrator, record, revision, rest);
    if (fault !== undefined) return renderOne(ctx, administrator, record, fault);
    goTo(ctx, saved(record, 'key-removed'));
  };

  return { add, showOne, remove };
}
