/** What the pages of webhooks say: whose one is, how it stands, and what is wrong with what was typed. */
import type Koa from 'koa';
import type { MessageKey } from '../../../locales/index.ts';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import type { Webhook } from '../../domain/ports/webhooks.ts';
import { webhookEvents, webhookGroups } from '../../domain/webhooks/events.ts';
import type { WebhookFault } from '../../domain/webhooks/webhook.ts';
import type { Badge } from '../../http/console-heading.ts';
import { languageOf } from '../../http/language.ts';
import type { Pages } from '../../http/page.ts';
import type { Views } from '../../http/views.ts';
import { sentenceOf } from '../audit-in-words.ts';
import { applicationPath } from './application.ts';

/** At the top of the page, and beside fields. */
export type Fault = { error: string; errors?: Record<string, string> };

export const WEBHOOKS = '/admin/webhooks';
export const webhookPath = (id: string, more = '') => `${WEBHOOKS}/${encodeURIComponent(id)}${more}`;

const because = {
  operator: 'consoleWebhooks.disabled_operator',
  'gave-up': 'consoleWebhooks.disabled_gave_up',
  gone: 'consoleWebhooks.disabled_gone',
} as const satisfies Record<NonNullable<Webhook['disabled']>['because'], MessageKey>;

const fields = { url: 'url', events: 'events', contact: 'contact', note: 'note', client: 'client' } as const;
const faultKeys: Record<string, MessageKey> = {
  url_not_an_address: 'consoleWebhooks.fault_url',
  url_not_https: 'consoleWebhooks.fault_https',
  url_with_password: 'consoleWebhooks.fault_password',
  url_with_fragment: 'consoleWebhooks.fault_fragment',
  events_number: 'consoleWebhooks.fault_events_number',
  event_unknown: 'consoleWebhooks.fault_event_unknown',
  event_not_of_clients: 'consoleWebhooks.fault_event_not_of_clients',
  contact_address: 'consoleWebhooks.fault_contact',
  note_text: 'consoleWebhooks.fault_note',
};

export function createWebhookWords({ pages, clients }: { pages: Pages; clients: Pick<Clients, 'find'> }) {
  return {
    /** The application, with its page; without a page: the association's, or the application is gone. */
    async whose(ctx: Koa.Context, { client }: Pick<Webhook, 'client'>): Promise<{ name: string; href?: string }> {
      if (client === undefined) return { name: pages.t(ctx)('console.association') };
      const found = await clients.find(client);
      if (found === undefined) return { name: client };
      return { name: nameOfClient(found, languageOf(ctx)), href: applicationPath(client) };
    },

    stateOf(ctx: Koa.Context, { state, disabled }: Pick<Webhook, 'state' | 'disabled'>): Badge {
      const t = pages.t(ctx);
      if (state === 'enabled') return { tone: 'good', label: t('consoleWebhooks.state_enabled') };
      const tone = disabled?.because === 'operator' ? 'neutral' : 'danger';
      return { tone, label: t('consoleWebhooks.state_disabled') };
    },

    /** Why it hears nothing; undefined: it hears. */
    whyDisabled: (ctx: Koa.Context, { disabled }: Pick<Webhook, 'disabled'>): string | undefined =>
      disabled === undefined ? undefined : pages.t(ctx)(because[disabled.because]),

    /** Every fault beside its field. */
    faultsOf(ctx: Koa.Context, faults: readonly WebhookFault[]): Fault {
      const t = pages.t(ctx);
      const errors: Record<string, string> = {};
      for (const { member, value, code } of faults)
        errors[fields[member]] ??= t(faultKeys[code] ?? 'consoleWebhooks.fault_url', { value });
      return { error: t('consoleWebhooks.fault'), errors };
    },

    /** What there is to hear, as the audit log words it; one of an application hears of applications only. */
    kinds(ctx: Koa.Context, ofClient: boolean): Views['console/webhook-new']['kinds'] {
      const t = pages.t(ctx);
      return webhookGroups
        .filter((group) => !ofClient || group === 'client.*')
        .map((group) => ({
          group,
          types: webhookEvents
            .filter((type) => type.startsWith(group.slice(0, -1)))
            .map((type) => ({
              type,
              words: t(sentenceOf(type)),
            })),
        }));
    },
  };
}

export type WebhookWords = ReturnType<typeof createWebhookWords>;

/** The types of a form, one a line or separated by spaces. */
export const eventsTyped = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
