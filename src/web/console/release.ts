/** What an application learns of people: its form, and what it would tell of one person, as it is and as it would be. */
import type Koa from 'koa';
import { z } from 'zod';
import type { ClientMemberName } from '../../domain/clients/metadata/client-members.ts';
import { bundles } from '../../domain/clients/release/bundles.ts';
import type { Release } from '../../domain/clients/release/release.ts';
import { samplePeople } from '../../domain/clients/sample-people.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import { type Previewed, previewRelease } from '../../use-cases/clients/preview-release.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import { type EditForm, faultsAt, notJson, revisionField, type Tried } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { fieldsOf, formOf, patchOf } from './member-fields.ts';

export const releaseFormMembers = [
  'pedel_bundle',
  'scope',
  'pedel_purpose',
  'pedel_purpose#nl',
  'pedel_purpose#en',
  'pedel_id_token_claims',
  'pedel_derived_claims',
  'pedel_rename',
] as const satisfies ClientMemberName[];

const form = revisionField.extend({ ...formOf(releaseFormMembers).shape, as: trimmed(200), number: trimmed(200) });

export type PreviewRow = { claim: string; value: string | undefined; reason: Release['reason']; inIdToken: boolean };

export function createRelease(web: Web, frame: ConsoleFrame, application: ApplicationFrame, editing: EditForm) {
  const { pages, organisations, previewing, accounts } = web;
  const previewPorts = { ...editing.editPorts, ...previewing, accounts, organisations };

  async function preview(
    { actor }: Administrator,
    record: ClientRecord,
    { as, number, patch }: { as: string; number: string; patch: Record<string, unknown> | undefined },
  ) {
    const person: Previewed =
      number !== '' ? { kind: 'person', number } : as === 'self' ? { kind: 'self' } : { kind: 'sample', id: as };
    const draft =
      patch === undefined || Object.keys(patch).length === 0 ? {} : { draft: { kind: 'patch', patch } as const };
    const outcome = await previewRelease(actor, { id: record.id, person, ...draft }, previewPorts);
    if (outcome.kind !== 'preview') return outcome;
    const told = new Set(outcome.idToken.filter((each) => 'value' in each).map(({ claim }) => claim));
    const rows: PreviewRow[] = outcome.userinfo
      .filter((each) => 'value' in each || each.reason.kind !== 'not_asked')
      .map((each) => ({
        claim: each.claim,
        value: 'value' in each ? (typeof each.value === 'string' ? each.value : JSON.stringify(each.value)) : undefined,
        reason: each.reason,
        inIdToken: told.has(each.claim),
      }))
      // what is told first
      .sort((one, other) => Number(one.value === undefined) - Number(other.value === undefined));
    return {
      kind: 'preview' as const,
      name: outcome.person.name,
      closed: outcome.closed !== undefined,
      rows,
      draft: 'draft' in draft,
    };
  }

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    shown: {
      typed?: Record<string, string | undefined>;
      tried?: Tried;
      as?: string;
      number?: string;
      preview?: Awaited<ReturnType<typeof preview>>;
    },
  ): Promise<void> {
    const t = pages.t(ctx);
    const locked = editing.lockedFor(administrator, record);
    const samples = samplePeople(organisations);
    const tried = shown.tried?.kind === 'again' ? shown.tried : undefined;
    const { typed = {}, preview: previewed, as = samples[0]?.id ?? 'self', number = '' } = shown;
    const faults = tried?.faults ?? (previewed?.kind === 'refused' ? previewed.faults : []);
    const { errors, others } = faultsAt(faults, new Set(releaseFormMembers), languageOf(ctx));
    const unknown =
      previewed?.kind === 'unknown-person' || previewed?.kind === 'not-allowed' || previewed?.kind === 'not-found';
    if (unknown)
      errors.number = t(
        previewed.kind === 'unknown-person' ? 'settings.preview_unknown' : 'settings.preview_not_allowed',
      );
    const count = Object.keys(errors).length + others.length;
    const error =
      tried?.both !== undefined ? t('settings.stale') : count > 0 ? t('settings.faults', { count }) : undefined;
    const nameOf = (id: string) => organisations.find((each) => each.id === id)?.name[languageOf(ctx)] ?? id;
    await pages.render(
      ctx,
      'console/release',
      {
        path: applicationPath(record.id, 'release'),
        revision: record.revision,
        readOnly: locked.includes('*'),
        bundles: [...bundles],
        fields: fieldsOf(record, releaseFormMembers, { typed, locked }),
        people: [
          { id: 'self', label: t('settings.preview_self') },
          ...samples.map(({ id, role, organisation, account }) => ({
            id,
            label: `${account.givenName} ${account.familyName}, ${role}, ${nameOf(organisation)}`,
          })),
        ],
        as,
        number,
        preview: previewed?.kind === 'preview' ? previewed : undefined,
        others,
        both: tried?.both ?? [],
        ...editing.saidOf(ctx, frame, shown.tried),
        error,
        errors,
      },
      {
        ...application.page(ctx, administrator, record, 'release'),
        ...(tried?.both === undefined ? {} : { status: 409 }),
      },
    );
  }

  const query = z.object({ as: trimmed(200), number: trimmed(200) });

  const show: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator);
    const asked = query.safeParse(ctx.query);
    const first = samplePeople(organisations)[0]?.id ?? 'self';
    const as = asked.success && asked.data.as !== '' ? asked.data.as : first;
    const mayPreview = !editing.lockedFor(administrator, record).includes('*');
    const previewed = mayPreview
      ? await preview(administrator, record, { as, number: '', patch: undefined })
      : undefined;
    await render(ctx, administrator, record, { as, ...(previewed === undefined ? {} : { preview: previewed }) });
  };

  const save: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:write');
    if (!(await frame.recent(ctx, administrator, pages.t(ctx)('settings.act_release')))) return;
    const { revision, action: _, as, number, ...typed } = await readForm(ctx, form);
    const tried = await editing.save(administrator, record, releaseFormMembers, { revision, typed });
    if (tried.kind === 'again') {
      return render(ctx, administrator, tried.record, { typed, tried, as, number });
    }
    if (tried.warnings.length > 0) return render(ctx, administrator, tried.record, { tried, as, number });
    goTo(
      ctx,
      `${applicationPath(record.id, 'release')}?done=${tried.changed ? 'saved' : 'unchanged'}&as=${encodeURIComponent(as)}`,
    );
  };

  /** Of what was typed, without saving it. */
  const showDraft: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:write');
    const { revision: _, action: __, as, number, ...typed } = await readForm(ctx, form);
    const { patch, unreadable } = patchOf(record, releaseFormMembers, typed);
    if (unreadable.length > 0) {
      return render(ctx, administrator, record, {
        typed,
        as,
        number,
        tried: { kind: 'again', record, faults: unreadable.map(notJson) },
      });
    }
    const previewed = await preview(administrator, record, { as, number, patch });
    await render(ctx, administrator, record, { typed, as, number, preview: previewed });
  };

  return { show, save, preview: showDraft };
}
