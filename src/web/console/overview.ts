/** One application at a glance: whose it is, who runs it, since when, and what is wrong with it. */
import type Koa from 'koa';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { isDisabled, originOf } from '../../domain/clients/client-validity.ts';
import { refusedOf, warningsOf } from '../../domain/clients/client-warnings.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { may } from '../../use-cases/actor.ts';
import { historyOfClient } from '../../use-cases/clients/client-revisions.ts';
import { listWebhooks } from '../../use-cases/webhooks/webhooks.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath, placeOfWarning } from './application.ts';
import type { ConsoleHandler } from './frame.ts';
import { peopleNames, whoInWords } from './people-names.ts';
import { WEBHOOKS } from './webhook-words.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export function createOverview(web: Web, application: ApplicationFrame) {
  const { pages, ports, now } = web;

  const textOf = ({ metadata }: ClientRecord, name: string) =>
    typeof metadata[name] === 'string' ? metadata[name] : undefined;

  async function refused(record: ClientRecord): Promise<number> {
    const page = await ports.refusals.page({ client: record.id }, undefined, 100);
    return refusedOf(page, now() - DAY_MS).get(record.id) ?? 0;
  }

  const show: ConsoleHandler = async (ctx: Koa.Context, administrator) => {
    const record = await application.load(ctx, administrator);
    const { metadata, validUntil } = record;
    const found = await historyOfClient(administrator.actor, record.id, ports);
    const [last] = found.kind === 'history' ? found.revisions : [];
    const actor = last?.entry?.actor;
    const who = actor && whoInWords(pages.t(ctx), actor, await peopleNames(web, [actor]));
    const warnings = warningsOf(record, { now: now(), refused: await refused(record) });
    const hooks = await listWebhooks(administrator.actor, { of: record.id }, ports);
    const mayTry = !isDisabled(record) && application.may(administrator, record, 'preview:self');
    const label = pages.t(ctx)('consoleProblems.try');
    await pages.render(
      ctx,
      'console/overview',
      {
        path: applicationPath(record.id),
        contacts: Array.isArray(metadata.contacts) ? metadata.contacts.map(String) : [],
        home: textOf(record, 'client_uri'),
        notes: textOf(record, 'pedel_notes'),
        managedBy: textOf(record, 'pedel_managed_by'),
        bundle: textOf(record, 'pedel_bundle'),
        scope: textOf(record, 'scope'),
        registered: { at: originOf(record).at, kind: originOf(record).kind },
        changed: { at: record.updatedAt, revision: record.revision, who },
        lastMoment: validUntil === undefined ? undefined : validUntil - 1, // of a day as a whole: within that day
        disabled: isDisabled(record) ? record.disabled : undefined,
        warnings: warnings.map((each) => ({
          ...application.badgeOf(ctx, each),
          href: applicationPath(record.id, placeOfWarning[each.kind]),
        })),
        webhooks: { href: `${WEBHOOKS}?${new URLSearchParams({ client: record.id })}`, count: hooks.length },
        mayWrite: may(administrator.actor, 'clients:write', ownerOf(record)) === 'yes',
      },
      application.page(
        ctx,
        administrator,
        record,
        'overview',
        mayTry ? { action: { href: applicationPath(record.id, 'try'), label, icon: 'try' } } : {},
      ),
    );
  };
  return { show };
}
