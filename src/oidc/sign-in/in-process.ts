/** Asks the library in this process, as an application would over the network. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { BuiltProvider } from '../build-provider.ts';

export type Answer = { ctx: KoaContextWithOIDC; status: number; body: Record<string, unknown> };

/**
 * One request to an endpoint, for which nothing leaves this process. `prepare` is called before the library sees it.
 * `form`: of a POST; absent: a GET. The answer's body is the object of which the library makes JSON.
 */
export async function askInProcess(
  { provider, handle }: BuiltProvider,
  request: { path: string; form?: Record<string, string>; authorization?: string },
  prepare: (ctx: object) => void,
): Promise<Answer> {
  const socket = new Socket();
  const incoming = new IncomingMessage(socket);
  const body = request.form === undefined ? undefined : new URLSearchParams(request.form).toString();
  incoming.method = body === undefined ? 'GET' : 'POST';
  incoming.url = request.path;
  incoming.headers = {
    host: new URL(provider.issuer).host,
    ...(request.authorization === undefined ? {} : { authorization: request.authorization }),
    ...(body === undefined
      ? {}
      : {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(Buffer.byteLength(body)),
        }),
  };
  if (body !== undefined) incoming.push(body);
  incoming.push(null);
  const ctx = provider.createContext(incoming, new ServerResponse(incoming)) as unknown as Koa.Context;
  prepare(ctx);
  try {
    await handle(ctx as never, async () => {});
  } finally {
    socket.destroy();
  }
  const answer = typeof ctx.body === 'object' && ctx.body !== null ? (ctx.body as Record<string, unknown>) : {};
  return { ctx: ctx as unknown as KoaContextWithOIDC, status: ctx.status, body: answer };
}
