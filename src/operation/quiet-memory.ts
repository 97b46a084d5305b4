/**
 * Gives memory back while nobody asks for anything. V8 keeps as much room for young objects as the busiest moment took, and a
 * start is one of them. While letters go out by the thousand it lets garbage grow to several times what is in use.
 */
import { getHeapStatistics } from 'node:v8';
import type { Middleware } from 'koa';

/** What is asked however quiet it is: probes, and applications that look for keys. */
const always = /^\/(?:healthz|readyz|jwks|\.well-known\/.*)$/;
const QUIET_MS = 60_000;
/**
 * Work that nobody waits for is looked after so often, and where V8 took so much more since. Each time costs some 100 ms of
 * processor, because what was compiled goes too; so it never happens within a minute after somebody asked.
 */
const OFTEN_MS = 1000;
const GROWN_BYTES = 24 * 1024 * 1024;

export type QuietMemory = {
  /** Notes that somebody asks. */
  middleware: Middleware;
  /** Gives back at once, if nobody asked yet; from then on after a minute in which nobody did, and what work beside leaves. */
  start(): void;
  stop(): void;
};

/** Bytes that V8 took for objects, and what these hold beside its heap. */
function taken(): number {
  const { total_heap_size: heap, external_memory: beside } = getHeapStatistics();
  return heap + beside;
}

/**
 * `collect`: Node's, which it has with `--expose-gc` (bin/pedel). Without it nothing is given back. `held`: only tests
 * replace it.
 */
export function createQuietMemory(
  collect: typeof globalThis.gc = globalThis.gc,
  held: () => number = taken,
): QuietMemory {
  let asked = false; // since the last look
  let askedAt = Number.NEGATIVE_INFINITY; // on the clock of `performance`
  let grown = true; // since it was last given back
  let left = 0; // what was held once it was given back
  let timers: NodeJS.Timeout[] = [];

  function giveBack(): void {
    collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }); // the only flavor that takes room away
    grown = false;
    left = held();
  }

  function look(): void {
    if (!asked && grown) giveBack();
    asked = false;
  }

  function lookAfterWork(): void {
    if (performance.now() - askedAt >= QUIET_MS && held() >= left + GROWN_BYTES) giveBack();
  }

  return {
    middleware(ctx, next) {
      if (!always.test(ctx.path)) {
        asked = true;
        askedAt = performance.now();
        grown = true;
      }
      return next();
    },
    start() {
      left = held();
      look();
      if (collect !== undefined)
        timers = [setInterval(look, QUIET_MS).unref(), setInterval(lookAfterWork, OFTEN_MS).unref()];
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
