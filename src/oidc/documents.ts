/**
 * Answers discovery and the published keys as the library answered them last, without asking it again, until a key
 * signs, appears or goes.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { BuiltProvider, CurrentProvider } from './build-provider.ts';
import type { KeyRing } from './tokens/signing-keys.ts';

/** Exactly as an application that keeps to the standards asks. Any other spelling goes to the library. */
const paths = new Set(['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']);

/** `headers`: names and values in turn. */
type Kept = { headers: string[]; originAt: number; body: string };

export type Documents = {
  /** Answers a request whose answer is known. @returns whether it did */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** Keeps the answer that the library's provider has just given, if it is a document. Call it once all headers are set. */
  keep(ctx: Koa.Context, built: BuiltProvider): void;
};

export function createDocuments(options: {
  current: Pick<CurrentProvider, 'fresh'>;
  keyRing: Pick<KeyRing, 'isOutdated'>;
}): Documents {
  /** By provider: another is built when the keys change. */
  const known = new WeakMap<BuiltProvider, Map<string, Kept>>();

  return {
    answer({ method, url = '', headers: { origin } }, response) {
      if (!paths.has(url) || (method !== 'GET' && method !== 'HEAD')) return false;
      const built = options.current.fresh();
      const kept = built && known.get(built)?.get(url);
      if (kept === undefined) return false;
      const headers = origin ? kept.headers.with(kept.originAt, origin) : kept.headers;
      response.writeHead(200, headers).end(method === 'HEAD' ? undefined : kept.body);
      return true;
    },
    keep(ctx, built) {
      const { url = '', method } = ctx.req;
      if (!paths.has(url) || method !== 'GET' || ctx.status !== 200 || options.keyRing.isOutdated()) return;
      const body = JSON.stringify(ctx.body);
      const sent = ctx.res.getHeaders();
      const headers = rawNames(ctx.res)
        .flatMap((name) => [name, String(sent[name.toLowerCase()])])
        .concat('Content-Length', String(Buffer.byteLength(body)));
      const originAt = headers.indexOf('Access-Control-Allow-Origin') + 1;
      if (originAt === 0 || sent['set-cookie'] !== undefined) return;
      const answers = known.get(built) ?? new Map<string, Kept>();
      answers.set(url, { headers: headers.with(originAt, '*'), originAt, body });
      known.set(built, answers);
    },
  };
}

/** The names of an answer's headers as they were set; the types know it of requests only. */
function rawNames(response: ServerResponse): string[] {
  return (response as unknown as Pick<ClientRequest, 'getRawHeaderNames'>).getRawHeaderNames();
}
