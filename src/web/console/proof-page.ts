/** `…/keys`: another way in which an application proves who it is, first shown and then saved: a key for a secret, and back. */
import type Koa from 'koa';
import { livingSecrets } from '../../domain/clients/client-secrets.ts';
import { nameOfKey } from '../../domain/clients/keys/client-keys.ts';
import { clientDefaults } from '../../domain/clients/metadata/client-members.ts';
import { presetOf } from '../../domain/clients/presets/connection.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readForm } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { PageFault } from '../../http/page.ts';
import type { Views } from '../../http/views.ts';
import { type EditFault, editClient, prepare } from '../../use-cases/clients/edit-client.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { Connect } from './connect.ts';
import { type EditForm, faultsAt, revisionField } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { publishedAt } from './keys-shown.ts';
import { type ProofTyped, proofForm, provenNow, provesByKey, readKeyChoice, repeated } from './proof.ts';

const form = revisionField.extend(proofForm.shape);
type Patch = Record<string, JsonValue>;
type Shown = Views['console/proof'];

/** The members that the choice decides, in the order of the page. */
const decided = ['token_endpoint_auth_method', 'jwks_uri', 'jwks', 'token_endpoint_auth_signing_alg'];
/** Registrations that have these use keys for more than signing in, and keep them. */
const otherUses = ['request_object_signing_alg', 'require_signed_request_object', 'pedel_resource_servers'];

export function createProofPage(
  web: Web,
  frame: ConsoleFrame,
  application: ApplicationFrame,
  { editing, connect }: { editing: EditForm; connect: Connect },
) {
  const { pages, catalogue, now } = web;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    shown: { typed?: ProofTyped; preview?: Shown['preview']; fault?: PageFault } = {},
  ): Promise<void> {
    const byKey = provesByKey(record);
    const typed = shown.typed ?? { proof: byKey ? ('secret' as const) : ('key' as const), jwks_uri: '', keys: '' };
    await pages.render(
      ctx,
      'console/proof',
      {
        path: applicationPath(record.id, 'keys'),
        back: applicationPath(record.id, 'secrets'),
        revision: record.revision,
        now: provenNow(record),
        mayChange: application.may(administrator, record, 'clients:secrets'),
        by: typed.proof,
        address: typed.jwks_uri,
        keys: repeated(typed.keys),
        preview: shown.preview,
        ...shown.fault,
      },
      application.page(ctx, administrator, record, 'secrets'),
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await application.load(ctx, administrator));

  /** How its product sends a secret, where the catalogue knows it; else the default of the standard. */
  function secretMethod(record: ClientRecord): JsonValue {
    const made = presetOf(record);
    const known = catalogue().find(({ id }) => id === made?.id)?.metadata?.token_endpoint_auth_method;
    return typeof known === 'string' && known.startsWith('client_secret_') ? known : null;
  }

  function patchFor(
    ctx: Koa.Context,
    record: ClientRecord,
    typed: ProofTyped,
  ): Patch | { errors: PageFault['errors'] } {
    if (typed.proof === 'key') {
      const read = readKeyChoice(typed, { t: pages.t(ctx), language: languageOf(ctx) });
      return read.kind === 'refused' ? { errors: read.errors } : { jwks: null, jwks_uri: null, ...read.members };
    }
    const kept = otherUses.some((name) => record.metadata[name] !== undefined);
    return {
      token_endpoint_auth_method: secretMethod(record),
      token_endpoint_auth_signing_alg: null,
      ...(kept ? {} : { jwks: null, jwks_uri: null }),
    };
  }

  const written = (value: JsonValue | undefined): string =>
    value === undefined || value === null ? '' : typeof value === 'string' ? value : namesIn(value);

  function faultOf(ctx: Koa.Context, faults: readonly EditFault[]): PageFault {
    const { errors, others } = faultsAt(faults, new Set(['jwks_uri']), languageOf(ctx));
    const t = pages.t(ctx);
    return { error: [t('clientKeys.refused'), ...others].join(' '), errors };
  }

  const act: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:secrets');
    const t = pages.t(ctx);
    const { revision, action, ...typed } = await readForm(ctx, form);
    const patch = patchFor(ctx, record, typed);
    if ('errors' in patch) {
      const { errors } = patch as { errors: Record<string, string> };
      return render(ctx, administrator, record, { typed, fault: { error: t('clientKeys.refused'), errors } });
    }
    if (action !== 'save') return preview(ctx, administrator, record, { typed, patch });
    const given = { revision: String(revision), action, ...typed };
    const toSecret = typed.proof === 'secret';
    const name = t(toSecret ? 'clientKeys.to_secret' : 'clientKeys.to_key');
    if (!(await frame.recent(ctx, administrator, { dangerous: name }, given))) return;
    const change = { kind: 'patch', patch } as const;
    const outcome = await editClient(administrator.actor, { id: record.id, revision, change }, editing.editPorts);
    switch (outcome.kind) {
      case 'edited':
        if (outcome.secret !== undefined)
          return connect.render(ctx, administrator, outcome.record, { kind: 'made', secret: outcome.secret });
        return goTo(ctx, `${applicationPath(record.id, 'secrets')}?done=proof-saved`);
      case 'unchanged':
        return goTo(ctx, `${applicationPath(record.id, 'secrets')}?done=proof-unchanged`);
      case 'stale':
        return render(ctx, administrator, outcome.current, {
          typed,
          fault: { error: t('clientKeys.stale'), errors: {} },
        });
      case 'refused':
        return render(ctx, administrator, record, { typed, fault: faultOf(ctx, outcome.faults) });
      default:
        if (outcome.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
        throw new HttpError(404, 'missing');
    }
  };

  /** What would be another, before anything is. */
  async function preview(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    { typed, patch }: { typed: ProofTyped; patch: Patch },
  ): Promise<void> {
    const ports = { ...editing.editPorts, fetchLogo: undefined };
    const tried = await prepare(administrator.actor, record, { change: { kind: 'patch', patch } }, ports);
    if ('kind' in tried) return render(ctx, administrator, record, { typed, fault: faultOf(ctx, tried.faults) });
    const changes = decided
      .map((member) => ({
        member,
        was: written(known(record, member)),
        becomes: written(known(tried.record, member)),
      }))
      .filter(({ was, becomes }) => was !== becomes);
    const published =
      typed.proof === 'key' && typed.jwks_uri !== ''
        ? await publishedAt(typed.jwks_uri, web.outgoing, languageOf(ctx))
        : undefined;
    await render(ctx, administrator, record, {
      typed,
      preview: {
        changes,
        secrets: typed.proof === 'key' ? livingSecrets(record.secrets, now()).length : 0,
        makesSecret: tried.secret !== undefined,
        published,
      },
    });
  }

  return { show, act };
}

/** What holds of a member, also where it is left out. */
const known = ({ metadata }: ClientRecord, member: string): JsonValue | undefined =>
  metadata[member] ?? (clientDefaults as Record<string, JsonValue>)[member];

/** Of keys their names: what they are made of tells nobody anything. */
function namesIn(value: JsonValue): string {
  const { keys } = value as { keys?: unknown };
  if (!Array.isArray(keys)) return JSON.stringify(value);
  return keys.map((key) => nameOfKey(key as { kty: string })).join('\n');
}
