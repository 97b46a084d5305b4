/** What all pages about one application share: which one, who may see it, its heading and the tabs. */
import type Koa from 'koa';
import type { MessageKey } from '../../../locales/index.ts';
import { logoOf } from '../../domain/clients/client-logo.ts';
import { nameOfClient, ownerOf } from '../../domain/clients/client-owner.ts';
import { isExpired, isPending } from '../../domain/clients/client-validity.ts';
import type { ClientWarning } from '../../domain/clients/client-warnings.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { may, type Permission } from '../../domain/roles/permissions.ts';
import type { Badge, ConsoleHeading } from '../../http/console-heading.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { PageOptions } from '../../http/page.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame } from './frame.ts';
import { provesByKey } from './proof.ts';

/** In their order. A tab leads to `…/applications/:id/<tab>`; `overview` is the page above them. */
const tabs = [
  { tab: 'overview', label: 'settings.tab_overview', permission: 'clients:read' },
  { tab: 'connect', label: 'console.tab_connect', permission: 'clients:read' },
  { tab: 'settings', label: 'settings.tab_settings', permission: 'clients:read' },
  { tab: 'release', label: 'settings.tab_release', permission: 'clients:read' },
  { tab: 'access', label: 'settings.tab_access', permission: 'clients:read' },
  { tab: 'secrets', label: 'console.tab_secrets', permission: 'clients:read' },
  { tab: 'history', label: 'settings.tab_history', permission: 'clients:read' },
  { tab: 'end', label: 'settings.tab_end', permission: 'clients:read' },
  { tab: 'problems', label: 'consoleProblems.tab', permission: 'clients:read' },
] as const satisfies {
  tab: string;
  label: MessageKey;
  permission: Permission;
}[];
export type Tab = (typeof tabs)[number]['tab'];

/** The tab on which each warning is mended; undefined: on none, so the overview. */
export const placeOfWarning = {
  refused: 'problems',
  pending: undefined,
  expired: 'settings',
  expires: 'settings',
  'secret-expired': 'secrets',
  'secret-expires': 'secrets',
} as const satisfies Record<ClientWarning['kind'], Tab | undefined>;

const DAY_MS = 24 * 60 * 60 * 1000;

export type ApplicationFrame = ReturnType<typeof createApplicationFrame>;

/** The address of an application's page. Ids that would be another page, or no part of an address, get a sign before them. */
export function applicationPath(id: string, tab?: string): string {
  const segment = /^(?:new|\.{1,2}|~.*)$/.test(id) ? `~${id}` : id;
  return `/admin/applications/${encodeURIComponent(segment)}${tab === undefined ? '' : `/${tab}`}`;
}

export function createApplicationFrame(web: Web, frame: ConsoleFrame) {
  const { ports, now, pages, organisations } = web;

  /** The name of its organisation, or of the association. */
  function ownerName(ctx: Koa.Context, record: ClientRecord): string {
    const owner = ownerOf(record);
    const found = organisations.find(({ id }) => id === owner);
    return found?.name[languageOf(ctx)] ?? owner ?? pages.t(ctx)('console.association');
  }

  function stateOf(ctx: Koa.Context, record: ClientRecord): Badge {
    const t = pages.t(ctx);
    if (isPending(record)) return { tone: 'warn', label: t('console.state_pending') };
    if (record.disabled !== undefined) {
      const deleted = record.disabled.removeAt !== undefined;
      return { tone: 'danger', label: t(deleted ? 'settings.state_deleted' : 'settings.state_off') };
    }
    if (isExpired(record, now())) return { tone: 'danger', label: t('console.state_expired') };
    return { tone: 'good', label: t('console.state_on') };
  }

  function badgeOf(ctx: Koa.Context, warning: ClientWarning): Badge {
    const t = pages.t(ctx);
    const days = (at: number) => Math.max(0, Math.ceil((at - now()) / DAY_MS));
    if (warning.kind === 'refused')
      return { tone: 'danger', label: t('console.warn_refused', { count: warning.times }) };
    if (warning.kind === 'pending') return { tone: 'warn', label: t('console.state_pending') };
    if (warning.kind === 'expired') return { tone: 'danger', label: t('console.state_expired') };
    if (warning.kind === 'secret-expired') return { tone: 'danger', label: t('console.warn_secret_expired') };
    const key = warning.kind === 'expires' ? 'console.warn_expires' : 'console.warn_secret_expires';
    return { tone: 'warn', label: t(key, { count: days(warning.at) }) };
  }

  return {
    ownerName,
    stateOf,
    badgeOf,

    /** For what a page shows beside what it reads. */
    may: ({ actor }: Administrator, record: ClientRecord, permission: Permission): boolean =>
      may(actor, permission, ownerOf(record)) === 'yes',

    /**
     * The application that the address names (`:id`).
     * @throws HttpError 404 where there is none, or this person may not see it; 403 where it may only be read
     */
    async load(
      ctx: Koa.Context,
      { actor }: Administrator,
      permission: Permission = 'clients:read',
    ): Promise<ClientRecord> {
      const id = String(ctx.params.id).replace(/^~/, '');
      const record = id.length > 200 ? undefined : await ports.clients.find(id);
      const answer = record === undefined ? 'hidden' : may(actor, permission, ownerOf(record));
      if (record === undefined || answer === 'hidden') throw new HttpError(404, 'missing');
      if (answer === 'refused') throw new HttpError(403, 'not-allowed');
      return record;
    },

    page(
      ctx: Koa.Context,
      administrator: Administrator,
      record: ClientRecord,
      current: Tab,
      more: Pick<ConsoleHeading, 'action'> = {},
    ): PageOptions {
      const t = pages.t(ctx);
      const name = nameOfClient(record, languageOf(ctx));
      const seen = tabs.filter(({ permission }) => may(administrator.actor, permission, ownerOf(record)) === 'yes');
      return frame.page(ctx, administrator, {
        room: 'applications',
        title: `${t(tabs.find(({ tab }) => tab === current)?.label ?? 'console.room_applications')}: ${name}`,
        crumbs: [{ href: '/admin/applications', label: t('console.room_applications') }],
        subject: {
          id: record.id,
          name,
          logo: logoOf(record),
          line: [ownerName(ctx, record)],
          state: stateOf(ctx, record),
        },
        tabs: seen.map(({ tab, label }) => ({
          href: applicationPath(record.id, tab === 'overview' ? undefined : tab),
          label: t(tab === 'secrets' && provesByKey(record) ? 'console.tab_keys' : label),
          current: tab === current,
        })),
        ...more,
      });
    },
  };
}
