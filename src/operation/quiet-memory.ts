/**
 * Gives memory back while nobody asks for anything. V8 keeps as much room for young objects as the busiest moment took, and a
 * start is one of them.
 */
import type { Middleware } from 'koa';

/** What is asked however quiet it is: probes, and applications that look for keys. */
const always = /^\/(?:healthz|readyz|jwks|\.well-known\/.*)$/;
const QUIET_MS = 60_000;

export type QuietMemory = {
  /** Notes that somebody asks. */
  middleware: Middleware;
  /** Gives back at once, if nobody asked yet; from then on after a minute in which nobody did. */
  start(): void;
  stop(): void;
};

/** `collect`: Node's, which it has with `--expose-gc` (bin/pedel). Without it nothing is given back. */
export function createQuietMemory(collect: typeof globalThis.gc = globalThis.gc): QuietMemory {
  let asked = false; // since the last look
  let grown = true; // since it was last given back
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    if (!asked && grown) {
      collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }); // the only flavor that takes room away
      grown = false;
    }
    asked = false;
  }

  return {
    middleware(ctx, next) {
      if (!always.test(ctx.path)) {
        asked = true;
        grown = true;
      }
      return next();
    },
    start() {
      look();
      timer = setInterval(look, QUIET_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
