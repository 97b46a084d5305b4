/**
 * The registration as a form: what is changed most first, in groups, every other member below it. What decides about people,
 * and how the application proves who it is, have pages of their own.
 */
import type Koa from 'koa';
import { type ClientMemberName, clientMemberList } from '../../domain/clients/metadata/client-members.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readForm } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';
import { accessMembers } from './access.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { Connect } from './connect.ts';
import { type EditForm, faultsAt, revisionField, type Tried } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { fieldsOf, formOf, patchOf } from './member-fields.ts';
import { provenNow } from './proof.ts';
import { releaseFormMembers } from './release.ts';

/** In the order of the page, each with its heading. */
const mainGroups = [
  {
    group: 'seen',
    names: ['client_name', 'client_name#nl', 'client_name#en', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  },
  {
    group: 'addresses',
    names: ['redirect_uris', 'post_logout_redirect_uris', 'initiate_login_uri', 'backchannel_logout_uri'],
  },
  { group: 'care', names: ['contacts', 'pedel_notes', 'pedel_valid_until'] },
] as const satisfies { group: string; names: ClientMemberName[] }[];
export const mainMembers: readonly ClientMemberName[] = mainGroups.flatMap(({ names }) => names);

/** By these somebody signs in as the application, or is told a new secret: changing one asks what adding a secret asks. */
const asMuchAsASecret: readonly string[] = ['token_endpoint_auth_method', 'jwks_uri', 'jwks'];

const elsewhere: readonly string[] = [
  ...mainMembers,
  ...accessMembers,
  ...releaseFormMembers,
  'client_id',
  'client_secret',
];
/** Every other member that there is, so that a new one is on the page by itself. */
export const furtherMembers: readonly ClientMemberName[] = clientMemberList
  .map(({ name }) => name)
  .filter((name) => !elsewhere.includes(name));

export function createSettings(
  web: Web,
  frame: ConsoleFrame,
  application: ApplicationFrame,
  editing: EditForm,
  connect: Connect,
) {
  const { pages } = web;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    shown: { typed?: Record<string, string | undefined>; tried?: Tried } = {},
  ): Promise<void> {
    const t = pages.t(ctx);
    const locked = editing.lockedFor(administrator, record);
    const { typed = {} } = shown;
    const tried = shown.tried?.kind === 'again' ? shown.tried : undefined;
    const all = [...mainMembers, ...furtherMembers];
    const { errors, others } = faultsAt(tried?.faults ?? [], new Set(all), languageOf(ctx));
    const faulty = Object.keys(errors).length + others.length;
    const error =
      tried === undefined
        ? undefined
        : tried.both === undefined
          ? t('settings.faults', { count: faulty })
          : t('settings.stale');
    await pages.render(
      ctx,
      'console/settings',
      {
        path: applicationPath(record.id, 'settings'),
        revision: record.revision,
        readOnly: locked.includes('*'),
        managedBy: typeof record.metadata.pedel_managed_by === 'string' ? record.metadata.pedel_managed_by : undefined,
        groups: mainGroups.map(({ group, names }) => ({ group, fields: fieldsOf(record, names, { typed, locked }) })),
        proof: { now: provenNow(record), href: applicationPath(record.id, 'secrets') },
        further: fieldsOf(record, furtherMembers, { typed, locked }),
        openFurther: furtherMembers.some((name) => errors[name] !== undefined || typed[name] !== undefined),
        others,
        both: tried?.both ?? [],
        ...editing.saidOf(ctx, frame, shown.tried),
        error,
        errors,
      },
      {
        ...application.page(ctx, administrator, record, 'settings'),
        ...(tried?.both === undefined ? {} : { status: 409 }),
      },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await application.load(ctx, administrator));

  /** Two forms of one page: `action` says which, and only its members are taken. */
  const save: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:write');
    const names = [...mainMembers, ...furtherMembers];
    const { revision, action, ...typed } = await readForm(ctx, revisionField.extend(formOf(names).shape));
    const wanted: readonly ClientMemberName[] = action === 'save-further' ? furtherMembers : mainMembers;
    const { patch, unreadable } = patchOf(record, wanted, typed);
    if ([...Object.keys(patch), ...unreadable].some((name) => asMuchAsASecret.includes(name))) {
      const fields = Object.entries({ revision: String(revision), action, ...typed });
      const given = Object.fromEntries(fields.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
      if (!(await frame.recent(ctx, administrator, pages.t(ctx)('settings.act_settings'), given))) return;
    }
    const tried = await editing.save(administrator, record, wanted, { revision, typed });
    if (tried.kind === 'again') {
      return render(ctx, administrator, tried.record, { typed, tried });
    }
    if (tried.secret !== undefined)
      return connect.render(ctx, administrator, tried.record, {
        kind: 'made',
        secret: tried.secret,
        warnings: tried.warnings,
      });
    // a page that leads back to itself would have forgotten them
    if (tried.warnings.length > 0) return render(ctx, administrator, tried.record, { tried });
    goTo(ctx, `${applicationPath(record.id, 'settings')}?done=${tried.changed ? 'saved' : 'unchanged'}`);
  };

  return { show, save };
}
