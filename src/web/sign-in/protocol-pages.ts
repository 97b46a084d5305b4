/** The pages of the protocol's own endpoints: a request that fails, confirming sign-out, and signed out. */
import type Koa from 'koa';
import { dayAt } from '../../domain/account/affiliation.ts';
import type { Localized } from '../../domain/account/languages.ts';
import { homeOrganisation, type Organisation } from '../../domain/account/organisation.ts';
import type { RefusalCode } from '../../domain/clients/refusals/refusal.ts';
import type { IncidentKind } from '../../domain/incidents/incident.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';
import { followApplication, languageOf, preferLanguage } from '../../http/language.ts';
import type { Pages } from '../../http/page.ts';
import { showDeviceCode } from '../device/device-code.ts';
import type { Web, WebDeps } from '../web.ts';

/** A registered application, as pages name it. */
type ApplicationShown = { id: string; name: Localized; uri?: string; logo?: ClientLogo };

/** For whom a page of the protocol is. */
export type Audience = {
  /** Who is signed in. */
  accountId?: string;
  /** As the application asked (OpenID Connect `ui_locales`). */
  uiLocales: string[];
};

export type ProtocolPages = {
  error(
    ctx: Koa.Context,
    fault: Audience & {
      error: string;
      errorDescription?: string;
      incident?: string;
      status: number;
      /** Of the application that sent the request, if it is registered. */
      application?: ApplicationShown;
      /** The person wanted to sign out, and still can at `/session/end`. */
      signingOut?: boolean;
      /** The reason of the refusal: its registration has expired, `since` then (epoch ms), or it was switched off. */
      unusable?: { since: number | undefined };
      /** The client_id of an application that waits for approval: the reason of the refusal. Its name is a stranger’s text. */
      pending?: string;
      /** What it was refused for, where operators are told. */
      refusal?: RefusalCode;
    },
  ): Promise<void>;
  /** `form`: complete except for its button; its id is `op.logoutForm`. */
  logout(ctx: Koa.Context, shown: Audience & { form: string; application?: ApplicationShown }): Promise<void>;
  /** What became of a device's request: its code cannot be used, or the person decided. */
  device(
    ctx: Koa.Context,
    shown: Audience & { outcome: 'refused' | 'stopped' | 'done'; application?: ApplicationShown },
  ): Promise<void>;
  loggedOut(ctx: Koa.Context, shown: { application?: ApplicationShown }): Promise<void>;
  /**
   * A form that the browser sends on at once, or the visitor where no script runs. `action` and `fields` are HTML.
   * Without `application` it goes to us and signs out.
   */
  sendOn(
    ctx: Koa.Context,
    shown: Audience & { action: string; fields: string[]; application?: ApplicationShown; status: number },
  ): Promise<void>;
};

type Fault = Parameters<ProtocolPages['error']>[1];

function incidentKindOf({ status, unusable, pending }: Fault): IncidentKind {
  if (status >= 500) return 'bug';
  if (unusable !== undefined) return unusable.since === undefined ? 'application-disabled' : 'application-expired';
  return pending === undefined ? 'request-refused' : 'application-pending';
}

/** The library describes its errors in one language only. */
const LIBRARY_LANGUAGE = 'en';

/** Errors that have a sentence in every language. */
const faultsWithSentence = new Set([
  'invalid_client',
  'invalid_redirect_uri',
  'invalid_request',
  'unauthorized_client',
  'invalid_request_object',
  'invalid_request_uri',
  'unsupported_response_mode',
]);

/** Pass it to `createOidc({ pages })`. */
export function createProtocolPages(
  pages: Pages,
  {
    accounts,
    organisations,
    now,
    incidentNotes,
    network,
  }: Pick<WebDeps, 'accounts' | 'organisations' | 'now' | 'incidentNotes'> & Pick<Web, 'network'>,
): ProtocolPages {
  /** Settles the language. @returns the person's organisation, if somebody is signed in */
  async function settle(ctx: Koa.Context, { accountId, uiLocales }: Audience): Promise<Organisation | undefined> {
    followApplication(ctx, uiLocales);
    const account = accountId === undefined ? undefined : await accounts.findById(accountId);
    if (account === undefined) return undefined;
    preferLanguage(ctx, account.language);
    return homeOrganisation(account, organisations, dayAt(now()));
  }

  /** What the number of the page stands for. */
  function note(ctx: Koa.Context, fault: Fault): void {
    const { incident, application, pending, accountId, refusal } = fault;
    if (incident === undefined) return;
    const client = application?.id ?? pending;
    incidentNotes.note(
      {
        id: incident,
        at: now(),
        kind: incidentKindOf(fault),
        page: `/${ctx.path.split('/')[1] ?? ''}`, // the library knows the path; the rest of it may open something
        ...(client === undefined ? {} : { client }),
        ...(accountId === undefined ? {} : { account: accountId }),
        ...(refusal === undefined ? {} : { refusal }),
      },
      network(ctx),
    );
  }

  const inLanguage = (ctx: Koa.Context, { id, name, logo }: ApplicationShown) => ({
    id,
    name: name[languageOf(ctx)],
    logo,
  });
  return {
    async error(ctx, fault) {
      const { error, errorDescription, incident, status, uiLocales, application, signingOut = false } = fault;
      followApplication(ctx, uiLocales);
      note(ctx, fault);
      const t = pages.follow(ctx);
      if (status >= 500) return pages.error(ctx, { status, reason: 'bug', incident });
      if (fault.unusable !== undefined && application !== undefined) {
        const asking = inLanguage(ctx, application);
        const { since } = fault.unusable;
        const data = { application: asking.name, lastDay: since === undefined ? undefined : since - 1, incident };
        const title = t('pages.error_application_unusable_title', { application: asking.name });
        return pages.render(ctx, 'errors/application-unusable', data, { title, status, journey: 'goes-on', asking });
      }
      if (fault.pending !== undefined) {
        const data = { application: fault.pending, incident };
        const title = t('pages.error_application_pending_title');
        return pages.render(ctx, 'errors/application-pending', data, { title, status, journey: 'goes-on' });
      }
      const title = t('pages.error_protocol_title');
      await pages.render(
        ctx,
        'errors/protocol',
        {
          fault: error,
          meaning: faultsWithSentence.has(error) ? t(`pages.fault_${error as 'invalid_client'}`) : undefined,
          description: languageOf(ctx) === LIBRARY_LANGUAGE ? errorDescription : undefined,
          incident,
          application: application && inLanguage(ctx, application).name,
          signingOut,
        },
        { title, status, journey: 'goes-on', asking: application && inLanguage(ctx, application) },
      );
    },
    async logout(ctx, { form, application, ...audience }) {
      const organisation = await settle(ctx, audience);
      const t = pages.t(ctx);
      const asking = application && inLanguage(ctx, application);
      const data = { form, application: asking?.name };
      await pages.render(ctx, 'logout/confirm', data, {
        title: t('pages.logout_title'),
        organisation,
        asking,
        postMayLeave: true,
      });
    },
    async device(ctx, { outcome, application, ...audience }) {
      const organisation = await settle(ctx, audience);
      const asking = application && inLanguage(ctx, application);
      if (outcome === 'refused') return showDeviceCode(pages, ctx, { fault: 'code_refused' });
      const t = pages.t(ctx);
      const title = t(outcome === 'done' ? 'device.done_title' : 'device.stopped_title');
      const data = { done: outcome === 'done', application: asking?.name };
      await pages.render(ctx, 'device/outcome', data, {
        title,
        organisation,
        asking,
        journey: 'goes-on',
        at: '/device',
      });
    },
    async loggedOut(ctx, { application }) {
      const t = pages.follow(ctx);
      const asking = application && inLanguage(ctx, application);
      const data = { application: asking?.name, clientUri: application?.uri };
      await pages.render(ctx, 'logout/done', data, { title: t('pages.logged_out_title'), asking, journey: 'ends' });
    },
    async sendOn(ctx, { action, fields, application, status, ...audience }) {
      const organisation = await settle(ctx, audience);
      const t = pages.t(ctx);
      const asking = application && inLanguage(ctx, application);
      const title =
        asking === undefined ? t('pages.logout_title') : t('pages.send_on_title', { application: asking.name });
      await pages.render(
        ctx,
        'sign-in/send-on',
        { action, fields, application: asking?.name },
        {
          title,
          asking,
          organisation,
          status,
          journey: 'goes-on',
          postMayLeave: true,
        },
      );
    },
  };
}
