/** The library's pages: errors with an incident id that is also in the log, confirming sign-out, and signed out. */
import type Koa from 'koa';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Localized } from '../domain/account/languages.ts';
import type { RefusalCode } from '../domain/clients/refusals/refusal.ts';
import type { ClientLogo } from '../domain/ports/clients.ts';
import { isPassing } from '../domain/problem.ts';
import { isClientFailure } from './clients/client-failures.ts';
import { clientNameOf } from './clients/client-metadata.ts';
import { everydayErrors } from './refusals/everyday-errors.ts';
import { comparisonOf, incidentOf, isUntold, reasonOf } from './refusals/refusal.ts';
import { detailOf, type ProtocolError as Refusing, refusalOf } from './refusals/refusal-codes.ts';
import { memoryOfRequest } from './request.ts';
import { dropFormToken, formOf } from './seams.ts';

export type Log = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/**
 * The protocol's pages in the layout of our other pages. `form`: complete except for its button; its id is
 * `op.logoutForm`.
 */
export type ProtocolPages = {
  error(
    ctx: Koa.Context,
    error: Audience & {
      error: string;
      errorDescription?: string;
      incident: string;
      status: number;
      application?: ApplicationShown;
      /** The person wanted to sign out, and still can at `/session/end`. */
      signingOut?: boolean;
      /** The reason of the refusal: its registration has expired, `since` then (epoch ms), or it was switched off. */
      unusable?: { since: number | undefined };
      /**
       * The client_id of an application that registered itself and that no operator has approved yet: the reason of the
       * refusal. Its name is a stranger's text, and stands on no page of ours.
       */
      pending?: string;
      /** What it was refused for, where operators are told (refusals/refusal-codes.ts). */
      refusal?: RefusalCode;
    },
  ): Promise<void>;
  logout(ctx: Koa.Context, logout: Audience & { form: string; application?: ApplicationShown }): Promise<void>;
  device(ctx: Koa.Context, shown: Audience & { outcome: DeviceOutcome; application?: ApplicationShown }): Promise<void>;
  loggedOut(ctx: Koa.Context, loggedOut: { application?: ApplicationShown }): Promise<void>;
  /**
   * A form that the browser sends on at once, or the visitor where no script runs. `action` and `fields` are HTML.
   * Without `application` it goes to us and signs out.
   */
  sendOn(
    ctx: Koa.Context,
    sent: Audience & { action: string; fields: string[]; application?: ApplicationShown; status: number },
  ): Promise<void>;
};

/** What became of a device's request: its code cannot be used (which of the reasons, nobody is told), or the person decided. */
export type DeviceOutcome = 'refused' | 'stopped' | 'done';

/** A registered application, as pages name it. */
export type ApplicationShown = { id: string; name: Localized; uri?: string; logo?: ClientLogo };

/** For whom a page is: who is signed in, and the application's `ui_locales`. */
type Audience = { accountId?: string; uiLocales: string[] };

function audienceOf(ctx: Koa.Context | KoaContextWithOIDC): Audience {
  const { oidc } = ctx as Partial<KoaContextWithOIDC>;
  const locales = oidc?.params?.ui_locales;
  const accountId = oidc?.session?.accountId;
  return {
    ...(accountId === undefined ? {} : { accountId }),
    uiLocales: typeof locales === 'string' ? locales.split(' ').filter(Boolean) : [],
  };
}

/** An error of the library, or another: then its members are absent. */
type ProtocolError = Refusing & { error: string };

/** On these routes the library shows an error page, and asks for it after it has emitted the event. */
const pageRoutes = new Set(['authorization', 'resume', 'code_verification', 'device_resume']);

/** Answers about consent and factors: the device is told, and nothing else is wrong. */
const ownDecisions = new Set(['access_denied', 'unmet_authentication_requirements']);

/** What became of a device's request. Undefined: a fault of another kind. */
function outcomeOfDevice(error: unknown): 'refused' | 'stopped' | undefined {
  const { name, error: code } = (error ?? {}) as { name?: string; error?: string };
  if (name === 'AbortedError' || ownDecisions.has(code ?? '')) return 'stopped';
  const isAboutCode = /^(NoCode|NotFound|Expired|AlreadyUsed)Error$/.test(name ?? '');
  return isAboutCode || code === 'invalid_request' ? 'refused' : undefined;
}

export type PageSources = ReturnType<typeof createPageSources>;

/** The pages in the form that the library calls. */
export function createPageSources({
  pages,
  log,
  logoOf,
}: {
  pages: ProtocolPages;
  log: Log;
  logoOf: (clientId: string) => Promise<ClientLogo | undefined>;
}) {
  /** One line for the people who run the application, who are told the incident. */
  function tellRefusal(
    ctx: KoaContextWithOIDC,
    error: ProtocolError,
    event?: string,
    level: 'debug' | 'info' = 'info',
  ) {
    const { error: code, error_description: description } = error;
    const details = detailOf(error);
    const { route } = ctx.oidc ?? {};
    const because = reasonOf(ctx);
    const told = { incident: incidentOf(ctx), event, route, status: ctx.status, error: code, description, details };
    log[level](
      { ...told, ...(because === undefined ? {} : { because }), ...comparisonOf(ctx) },
      'a protocol request was refused',
    );
  }

  /** Handles the library's events in which an application is refused. */
  function onRefused(event: string, ctx: KoaContextWithOIDC, error: ProtocolError): void {
    // Silent sign-on gets these errors all the time, so they are not worth an info line.
    const failed = isClientFailure(ctx, error.error);
    const memory = memoryOfRequest(ctx);
    // client-failures.ts tells it once more, within its limit
    if (failed && memory !== undefined) memory.clientFault = detailOf(error);
    const level = failed || everydayErrors.has(error.error) ? 'debug' : 'info';
    if (isUntold(ctx, error)) tellRefusal(ctx, error, event, level);
  }

  async function renderError(
    ctx: KoaContextWithOIDC,
    out: { error: string; error_description?: string | undefined },
    error: unknown,
  ): Promise<void> {
    if (isPassing(error)) throw error; // http/errors.ts shows it, as on any other page
    // A sign-in that is over, or of another browser: the page of sign-ins knows what to offer.
    if (ctx.oidc?.route === 'resume' && error instanceof errors.SessionNotFound) {
      ctx.status = 303;
      return ctx.redirect(`/interaction/${encodeURIComponent(ctx.path.split('/')[2] ?? '')}?over=1`);
    }
    const incident = incidentOf(ctx);
    const { status } = ctx;
    const { unusable, pending } = memoryOfRequest(ctx) ?? {};
    const refusal = ctx.oidc === undefined ? undefined : refusalOf(ctx, error as ProtocolError);
    if (isUntold(ctx, error)) {
      tellRefusal(ctx, error as ProtocolError);
      if (status >= 500) log.error({ incident, err: error }, 'a protocol request failed');
    }
    await pages.error(ctx as Koa.Context, {
      ...audienceOf(ctx),
      ...(await applicationOf(ctx)),
      error: out.error,
      ...(out.error_description === undefined ? {} : { errorDescription: out.error_description }),
      incident,
      status,
      signingOut: ctx.oidc?.route?.startsWith('end_session') === true,
      ...(unusable === undefined
        ? {}
        : {
            application: await withLogo({ id: unusable.id, name: unusable.name }),
            unusable: { since: unusable.since },
          }),
      ...(pending === undefined ? {} : { pending }),
      ...(refusal === undefined ? {} : { refusal: refusal.code }),
    });
  }

  /** Answers an application that may try again. @throws the error, if it is of another kind */
  function putOff(ctx: KoaContextWithOIDC, error: unknown): void {
    if (!isPassing(error)) throw error;
    const { route, client } = ctx.oidc;
    ctx.status = error.code === 'too_many' ? 429 : 503;
    ctx.set('Retry-After', String(error.retryAfterSeconds ?? 5));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again after the time in Retry-After' };
    log.warn(
      { route, client: client?.clientId, status: ctx.status, why: error.message },
      'a protocol request was put off',
    );
  }

  /**
   * Handles the library's `server_error` event. The library has answered 500, the only fault that it knows, so
   * `putOff` replaces that answer.
   */
  function onServerError(ctx: KoaContextWithOIDC, error: unknown): void {
    const { route } = ctx.oidc;
    if (!isPassing(error)) {
      if (isUntold(ctx, error))
        log.error({ incident: incidentOf(ctx), route, err: error }, 'a protocol request failed');
    } else if (!pageRoutes.has(route)) putOff(ctx, error);
  }

  async function applicationOf({ oidc }: Partial<KoaContextWithOIDC>): Promise<{ application?: ApplicationShown }> {
    const { client } = oidc ?? {};
    if (client === undefined) return {};
    const { clientId: id, clientUri: uri } = client;
    const name = clientNameOf(client);
    return { application: await withLogo({ id, name, ...(uri === undefined ? {} : { uri }) }) };
  }

  /** A page that tells of a fault is shown without the logo rather than not at all. */
  async function withLogo(application: ApplicationShown): Promise<ApplicationShown> {
    const logo = await logoOf(application.id).catch(() => undefined);
    return logo === undefined ? application : { ...application, logo };
  }

  async function showLogout(ctx: KoaContextWithOIDC, form: string): Promise<void> {
    // Our submit button has its own name, so the value that the library expects is a hidden field.
    const complete = form.replace('</form>', '<input type="hidden" name="logout" value="yes"/></form>');
    await pages.logout(ctx as Koa.Context, { form: complete, ...audienceOf(ctx), ...(await applicationOf(ctx)) });
  }

  /** The library's `userCodeInputSource`: called where a device is not signed in, and why. */
  async function deviceRefused(
    ctx: KoaContextWithOIDC,
    _form: string,
    out?: { error: string; error_description?: string | undefined },
    error?: unknown,
  ): Promise<void> {
    dropFormToken(ctx);
    if (isPassing(error)) throw error;
    if (error instanceof errors.SessionNotFound && ctx.oidc.route === 'device_resume') {
      ctx.status = 303;
      return ctx.redirect(`/interaction/${encodeURIComponent(ctx.path.split('/')[3] ?? '')}?over=1`);
    }
    const outcome = outcomeOfDevice(error);
    if (outcome === undefined && out !== undefined) return renderError(ctx, out, error);
    await pages.device(ctx as Koa.Context, {
      ...audienceOf(ctx),
      ...(await applicationOf(ctx)),
      outcome: outcome ?? 'refused',
    });
  }

  return {
    renderError,
    deviceRefused,
    deviceDone: async (ctx: KoaContextWithOIDC) =>
      pages.device(ctx as Koa.Context, { ...audienceOf(ctx), ...(await applicationOf(ctx)), outcome: 'done' }),
    onServerError,
    onRefused,
    putOff,
    logoutSource: showLogout,
    postLogoutSuccessSource: async (ctx: KoaContextWithOIDC) =>
      pages.loggedOut(ctx as Koa.Context, await applicationOf(ctx)),
    /** Puts the forms that the library writes itself (`form_post`, signing out without a session) on a page of ours. */
    async sendOn(ctx: KoaContextWithOIDC): Promise<void> {
      const form = formOf(ctx.body);
      if (form === undefined) return;
      const signsOut = new URL(form.action, ctx.oidc.issuer).pathname === '/session/end/confirm';
      await pages.sendOn(ctx as Koa.Context, {
        ...form,
        ...audienceOf(ctx),
        ...(signsOut ? {} : await applicationOf(ctx)),
        status: ctx.status,
      });
    },
    /** An error outside of the library. */
    async refuse(ctx: Koa.Context, status: number, error: string, errorDescription: string): Promise<void> {
      const incident = incidentOf(ctx);
      const came = comparisonOf(ctx as KoaContextWithOIDC);
      log.info({ incident, route: ctx.path, status, error, ...came }, 'a protocol request was refused');
      ctx.status = status;
      await pages.error(ctx, { error, errorDescription, incident, status, uiLocales: [] });
    },
  };
}
