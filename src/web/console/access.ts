/** Who may use an application, how strongly people sign in to it, and whether they are asked for consent. */
import type Koa from 'koa';
import { z } from 'zod';
import { accessRuleOf } from '../../domain/clients/access-rule.ts';
import type { ClientMemberName } from '../../domain/clients/metadata/client-members.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readForm } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import { type EditForm, faultsAt, revisionField, type Tried } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { fieldsOf, formOf } from './member-fields.ts';

export const accessMembers = ['pedel_access', 'pedel_acr', 'pedel_first_party'] as const satisfies ClientMemberName[];
const besideRule = ['pedel_acr', 'pedel_first_party'] as const;
export const accessLists = ['affiliations', 'organisations', 'groups', 'people'] as const;
export type AccessTyped = { who: 'everybody' | 'some' } & Record<(typeof accessLists)[number], string>;

const list = z.string().max(20_000).default('');
const form = revisionField.extend({
  ...formOf(besideRule).shape,
  who: z.enum(['everybody', 'some']),
  affiliations: list,
  organisations: list,
  groups: list,
  people: list,
});

function typedOf(record: ClientRecord): AccessTyped {
  const rule = accessRuleOf(record.metadata);
  const text = (name: (typeof accessLists)[number]) => (rule === 'everybody' ? '' : (rule[name] ?? []).join('\n'));
  return {
    who: rule === 'everybody' ? 'everybody' : 'some',
    affiliations: text('affiliations'),
    organisations: text('organisations'),
    groups: text('groups'),
    people: text('people'),
  };
}

/** As the member is written. Nobody named: an empty object, which the check refuses with its remedy. */
function ruleIn(typed: AccessTyped): string {
  if (typed.who === 'everybody') return '';
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  const named = accessLists.map((name) => [name, lines(typed[name])] as const).filter(([, found]) => found.length > 0);
  return JSON.stringify(Object.fromEntries(named), null, 2);
}

export function createAccess(web: Web, frame: ConsoleFrame, application: ApplicationFrame, editing: EditForm) {
  const { pages, organisations } = web;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    shown: {
      rule?: AccessTyped;
      typed?: Record<string, string | undefined>;
      tried?: Tried;
    } = {},
  ): Promise<void> {
    const t = pages.t(ctx);
    const locked = editing.lockedFor(administrator, record);
    const { typed = {}, rule = typedOf(record) } = shown;
    const tried = shown.tried?.kind === 'again' ? shown.tried : undefined;
    const { errors, others } = faultsAt(tried?.faults ?? [], new Set(accessMembers), languageOf(ctx));
    const count = Object.keys(errors).length + others.length;
    await pages.render(
      ctx,
      'console/access',
      {
        path: applicationPath(record.id, 'access'),
        revision: record.revision,
        readOnly: locked.includes('*'),
        rule,
        organisations: organisations.map(({ id, name }) => ({ id, name: name[languageOf(ctx)] })),
        fields: fieldsOf(record, besideRule, { typed, locked }),
        others,
        both: tried?.both ?? [],
        ...editing.saidOf(ctx, frame, shown.tried),
        error:
          tried === undefined
            ? undefined
            : tried.both === undefined
              ? t('settings.faults', { count })
              : t('settings.stale'),
        errors,
      },
      {
        ...application.page(ctx, administrator, record, 'access'),
        ...(tried?.both === undefined ? {} : { status: 409 }),
      },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await application.load(ctx, administrator));

  const save: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:write');
    if (!(await frame.recent(ctx, administrator, pages.t(ctx)('settings.act_access')))) return;
    const {
      revision,
      action: _,
      who,
      affiliations,
      organisations,
      groups,
      people,
      ...beside
    } = await readForm(ctx, form);
    const rule = { who, affiliations, organisations, groups, people };
    const typed = { ...beside, pedel_access: ruleIn(rule) };
    const tried = await editing.save(administrator, record, accessMembers, { revision, typed });
    if (tried.kind === 'again') {
      return render(ctx, administrator, tried.record, { rule, typed, tried });
    }
    if (tried.warnings.length > 0) return render(ctx, administrator, tried.record, { tried });
    goTo(ctx, `${applicationPath(record.id, 'access')}?done=${tried.changed ? 'saved' : 'unchanged'}`);
  };

  return { show, save };
}
