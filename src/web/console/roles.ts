/** Who has which role: the list, the form that grants one, and the page that takes one away. */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey } from '../../../locales/index.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { may } from '../../domain/roles/permissions.ts';
import { isRoleName, type RoleHolder, type RoleName, roleNames } from '../../domain/roles/role.ts';
import { readForm, text, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import type { NotAllowed } from '../../use-cases/roles/authority.ts';
import type { RoleDeps, WantedGrant } from '../../use-cases/roles/deps.ts';
import { type Granted, grantRole } from '../../use-cases/roles/grant.ts';
import { listRoles, type NamedGrant } from '../../use-cases/roles/list.ts';
import { revokeRole } from '../../use-cases/roles/revoke.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';

const LIST = '/admin/roles';
const ASSOCIATION = 'association';

const form = z.object({ action: text(40), kind: text(10), holder: trimmed(320), role: text(40), where: text(200) });
type Form = z.output<typeof form>;

const roleKeys: Record<RoleName, { name: MessageKey; what: MessageKey }> = {
  owner: { name: 'consoleRoles.role_owner', what: 'consoleRoles.role_owner_what' },
  'client-administrator': { name: 'consoleRoles.role_client_admin', what: 'consoleRoles.role_client_admin_what' },
  'people-administrator': { name: 'consoleRoles.role_people_admin', what: 'consoleRoles.role_people_admin_what' },
  desk: { name: 'consoleRoles.role_desk', what: 'consoleRoles.role_desk_what' },
  auditor: { name: 'consoleRoles.role_auditor', what: 'consoleRoles.role_auditor_what' },
};

const notAllowed: Record<NotAllowed, MessageKey> = {
  'no-right': 'consoleRoles.roles_no_right',
  himself: 'consoleRoles.roles_himself',
  'higher-role': 'consoleRoles.roles_no_right',
  'last-owner': 'consoleRoles.roles_last_owner',
};

/** Which field is at fault, and what to do. */
const faults: Record<Extract<Granted, { kind: 'refused' }>['fault'], [keyof Form, MessageKey]> = {
  'no-role': ['role', 'consoleRoles.roles_no_role'],
  'no-holder': ['holder', 'consoleRoles.roles_no_holder'],
  ended: ['holder', 'consoleRoles.roles_ended'],
  'not-a-service': ['holder', 'consoleRoles.roles_not_a_service'],
  'no-organisation': ['where', 'consoleRoles.roles_no_place'],
  'unknown-organisation': ['where', 'consoleRoles.roles_no_place'],
  'owner-of-association': ['where', 'consoleRoles.roles_owner_of_association'],
  many: ['role', 'consoleRoles.roles_many'],
};

export function createRoles(web: Web, frame: ConsoleFrame) {
  const { pages, ports, organisations } = web;
  const deps: RoleDeps = { ports, organisations, now: () => web.now(), randomBytes: (size) => web.randomBytes(size) };

  function placeOf(ctx: Koa.Context, where: WantedGrant['organisations']): string {
    if (where === ASSOCIATION) return pages.t(ctx)('console.whole_association');
    const names = where.map((id) => organisations.find((each) => each.id === id)?.name[languageOf(ctx)] ?? id);
    return names.join(', ');
  }

  function rowOf(ctx: Koa.Context, { actor }: Administrator, grant: NamedGrant) {
    const t = pages.t(ctx);
    const own = grant.holder.kind === actor.kind && grant.holder.id === actor.id;
    return {
      id: grant.id,
      name: grant.name,
      kind: t(grant.holder.kind === 'client' ? 'console.service_client' : 'console.person'),
      role: t(roleKeys[grant.role].name),
      where: placeOf(ctx, grant.organisations),
      by: grant.grantedByName ?? t(grant.grantedBy === 'upgrade' ? 'console.by_upgrade' : 'console.by_command'),
      at: grant.grantedAt,
      state: grant.state === 'able' ? undefined : t(`console.holder_${grant.state}`),
      href:
        own || may(actor, 'roles:write', undefined) !== 'yes' ? undefined : `${LIST}/${encodeURIComponent(grant.id)}`,
    };
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const listed = await listRoles(administrator.actor, deps);
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const t = pages.t(ctx);
    const mayGrant = may(administrator.actor, 'roles:write', undefined) === 'yes';
    const done = frame.done(ctx, { granted: 'consoleRoles.roles_granted', revoked: 'consoleRoles.roles_revoked' });
    await pages.render(
      ctx,
      'console/roles',
      {
        rows: listed.grants.map((grant) => rowOf(ctx, administrator, grant)),
        roles: roleNames.map((role) => ({ name: t(roleKeys[role].name), what: t(roleKeys[role].what) })),
        done,
      },
      frame.page(ctx, administrator, {
        room: 'roles',
        title: t('console.room_roles'),
        lead: t('consoleRoles.roles_lead'),
        ...(mayGrant ? { action: { href: `${LIST}/new`, label: t('console.grant_role'), icon: 'plus' } } : {}),
      }),
    );
  };

  async function showForm(ctx: Koa.Context, administrator: Administrator, typed: Partial<Form>, fault?: PageFault) {
    const t = pages.t(ctx);
    await pages.render(
      ctx,
      'console/role-new',
      {
        typed: { kind: 'person', holder: '', role: '', where: '', ...typed },
        roles: roleNames.map((role) => ({ id: role, name: t(roleKeys[role].name), what: t(roleKeys[role].what) })),
        places: [
          { id: ASSOCIATION, name: placeOf(ctx, ASSOCIATION) },
          ...organisations.map(({ id, name }) => ({ id, name: name[languageOf(ctx)] })),
        ],
        ...fault,
      },
      frame.page(ctx, administrator, {
        room: 'roles',
        title: t('console.grant_role'),
        crumbs: [{ href: LIST, label: t('console.room_roles') }],
      }),
    );
  }

  const showNew: ConsoleHandler = async (ctx, administrator) => {
    frame.require(administrator, 'roles:write', undefined);
    await showForm(ctx, administrator, {});
  };

  async function holderOf({ kind, holder }: Form): Promise<RoleHolder | undefined> {
    if (kind === 'client') return { kind, id: holder };
    const account = holder === '' ? undefined : await ports.accounts.findByLogin(normalizeLogin(holder));
    return account === undefined ? undefined : { kind: 'person', id: account.id };
  }

  /** ⚑ */
  const grant: ConsoleHandler = async (ctx, administrator) => {
    const t = pages.t(ctx);
    // somebody without the right is not asked to sign in first; the use case records the refusal
    const mayGrant = may(administrator.actor, 'roles:write', undefined) === 'yes';
    if (mayGrant && !(await frame.recent(ctx, administrator, t('console.grant_role')))) return;
    const typed = await readForm(ctx, form);
    const holder = await holderOf(typed);
    if (holder === undefined && mayGrant) {
      const sentence = t('consoleRoles.roles_no_holder');
      return showForm(ctx, administrator, typed, faultAt('holder', sentence, t('console.not_possible')));
    }
    const organisations = typed.where === ASSOCIATION ? ASSOCIATION : typed.where === '' ? [] : [typed.where];
    const role = isRoleName(typed.role) ? typed.role : ('' as RoleName);
    const wanted = { holder: holder ?? { kind: 'person', id: '' }, role, organisations } as const;
    const outcome = await grantRole(administrator.actor, wanted as WantedGrant, deps);
    switch (outcome.kind) {
      case 'granted':
      case 'unchanged':
        return goTo(ctx, `${LIST}?done=granted`);
      case 'not-found':
        throw new HttpError(404, 'missing');
      case 'not-allowed':
        if (outcome.because === 'no-right') throw new HttpError(403, 'not-allowed');
        return showForm(
          ctx,
          administrator,
          typed,
          faultAt('holder', t(notAllowed[outcome.because]), t('console.not_possible')),
        );
      case 'refused': {
        const [field, key] = faults[outcome.fault];
        return showForm(ctx, administrator, typed, faultAt(field, t(key), t('console.not_possible')));
      }
    }
  };

  async function showRevoke(ctx: Koa.Context, administrator: Administrator, fault?: MessageKey): Promise<void> {
    frame.require(administrator, 'roles:write', undefined);
    const listed = await listRoles(administrator.actor, deps);
    const found = listed.kind === 'listed' ? listed.grants.find(({ id }) => id === ctx.params.id) : undefined;
    if (found === undefined) throw new HttpError(404, 'missing');
    const t = pages.t(ctx);
    await pages.render(
      ctx,
      'console/role-revoke',
      {
        path: `${LIST}/${encodeURIComponent(found.id)}`,
        row: rowOf(ctx, administrator, found),
        ...(fault === undefined ? {} : { error: t(fault) }),
      },
      frame.page(ctx, administrator, {
        room: 'roles',
        title: t('console.revoke_role'),
        crumbs: [{ href: LIST, label: t('console.room_roles') }],
      }),
    );
  }

  /** ⚑ */
  const revoke: ConsoleHandler = async (ctx, administrator) => {
    const mayRevoke = may(administrator.actor, 'roles:write', undefined) === 'yes';
    if (mayRevoke && !(await frame.recent(ctx, administrator, { dangerous: pages.t(ctx)('console.revoke_role') })))
      return;
    const outcome = await revokeRole(administrator.actor, String(ctx.params.id), deps);
    if (outcome.kind === 'revoked') return goTo(ctx, `${LIST}?done=revoked`);
    if (outcome.kind === 'not-found') throw new HttpError(404, 'missing');
    if (outcome.because === 'no-right') throw new HttpError(403, 'not-allowed');
    await showRevoke(ctx, administrator, notAllowed[outcome.because]);
  };

  return { show, showNew, grant, showRevoke: ((ctx, who) => showRevoke(ctx, who)) as ConsoleHandler, revoke };
}
