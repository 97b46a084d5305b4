/** What a visitor sees of the protocol itself: errors with an incident that the log has, signing out, signed out. */
import { randomBytes } from 'node:crypto';
import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Localized } from '../domain/account/languages.ts';
import { isPassing } from '../domain/problem.ts';
import { clientNameOf } from './client-metadata.ts';

export type Log = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** Pages of the protocol, as our other pages look. `form`: complete but for its button, with the id `op.logoutForm`. */
export type ProtocolPages = {
  error(
    ctx: Koa.Context,
    error: { error: string; errorDescription?: string; incident: string; status: number },
  ): Promise<void>;
  logout(ctx: Koa.Context, logout: { form: string; clientName?: Localized }): Promise<void>;
  loggedOut(ctx: Koa.Context, loggedOut: { clientName?: Localized; clientUri?: string }): Promise<void>;
};

/** What goes wrong on these is shown as a page, which the library asks for after it has told us. */
const pageRoutes = new Set(['authorization', 'resume']);

export type PageSources = ReturnType<typeof createPageSources>;

/** The pages as the library calls for them. */
export function createPageSources({ pages, log }: { pages: ProtocolPages; log: Log }) {
  async function renderError(
    ctx: KoaContextWithOIDC,
    out: { error: string; error_description?: string | undefined },
    error: unknown,
  ): Promise<void> {
    if (isPassing(error)) throw error; // to the one catch, as from any other page
    const incident = newIncident();
    const { status } = ctx;
    const details = (error as { error_detail?: string }).error_detail;
    log.info({ incident, route: ctx.oidc?.route, status, error: out.error, details }, 'a protocol request was refused');
    if (status >= 500) log.error({ incident, err: error }, 'a protocol request failed');
    await pages.error(ctx as Koa.Context, {
      error: out.error,
      ...(out.error_description === undefined ? {} : { errorDescription: out.error_description }),
      incident,
      status,
    });
  }

  /** An answer to an application that may try again. @throws the error, where it is of another kind */
  function putOff(ctx: KoaContextWithOIDC, error: unknown): void {
    if (!isPassing(error)) throw error;
    const { route, client } = ctx.oidc;
    ctx.status = 503;
    ctx.set('Retry-After', String(error.retryAfterSeconds ?? 5));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again after the time in Retry-After' };
    log.warn({ route, client: client?.clientId, status: 503, why: error.message }, 'a protocol request was put off');
  }

  /** The library's event of that name; to an application it has by then answered 500, for it knows no other fault. */
  function onServerError(ctx: KoaContextWithOIDC, error: unknown): void {
    const { route } = ctx.oidc;
    if (!isPassing(error)) log.error({ route, err: error }, 'a protocol request failed');
    else if (!pageRoutes.has(route)) putOff(ctx, error);
  }

  function clientShown({ oidc: { client } }: KoaContextWithOIDC): { clientName?: Localized; clientUri?: string } {
    if (client === undefined) return {};
    const { clientUri } = client;
    return { clientName: clientNameOf(client), ...(clientUri === undefined ? {} : { clientUri }) };
  }

  async function showLogout(ctx: KoaContextWithOIDC, form: string): Promise<void> {
    // the button that submits the form has a name of ours, so what the library waits for stands in the form
    const complete = form.replace('</form>', '<input type="hidden" name="logout" value="yes"/></form>');
    await pages.logout(ctx as Koa.Context, { form: complete, ...clientShown(ctx) });
  }

  return {
    renderError,
    onServerError,
    putOff,
    logoutSource: showLogout,
    postLogoutSuccessSource: (ctx: KoaContextWithOIDC) => pages.loggedOut(ctx as Koa.Context, clientShown(ctx)),
    /** an error of ours, outside of the library */
    async refuse(ctx: Koa.Context, status: number, error: string, errorDescription: string): Promise<void> {
      const incident = newIncident();
      log.info({ incident, route: ctx.path, status, error }, 'a protocol request was refused');
      ctx.status = status;
      await pages.error(ctx, { error, errorDescription, incident, status });
    },
  };
}

/** Ten hex digits, as on every other page: short enough to be read out. */
function newIncident(): string {
  return randomBytes(5).toString('hex');
}
