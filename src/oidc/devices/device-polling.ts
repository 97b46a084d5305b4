/**
 * Answers devices in our words: the code in two groups, the address of our page, and `slow_down` to those that ask too often
 * (RFC 8628, 3.2 and 3.5). Each node counts in memory: a counter in the database would be a write for each question.
 */
import { LRUCache } from 'lru-cache';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import { POLLING_SECONDS, shownDeviceCode } from '../../domain/tickets/device-code.ts';
import { memoryOfRequest } from '../request.ts';

/** Devices that are remembered at a time. About 2 MB. */
const REMEMBERED = 20_000;
/** What a device adds to its interval each time that it is told to slow down, and where that ends. */
const SLOWER_SECONDS = 5;
const SLOWEST_SECONDS = 60;
/** A device that waits exactly its interval may arrive a little early. */
const LEEWAY_MS = 500;

/** Where people type the code. */
export const devicePath = '/device';

/** Returns what is to be called with each answer of the library. `now`: epoch ms. */
export function createDeviceAnswers({ issuer, now }: { issuer: string; now: () => number }) {
  const asked = new LRUCache<string, { at: number; interval: number }>({ max: REMEMBERED });

  function isTooSoon(deviceCode: string): boolean {
    const key = recordKeyOf(deviceCode);
    const { at, interval } = asked.get(key) ?? { at: Number.NEGATIVE_INFINITY, interval: POLLING_SECONDS };
    const soon = now() - at < interval * 1000 - LEEWAY_MS;
    asked.set(key, { at: now(), interval: soon ? Math.min(interval + SLOWER_SECONDS, SLOWEST_SECONDS) : interval });
    return soon;
  }

  return (ctx: KoaContextWithOIDC): void => {
    const { route, params } = ctx.oidc;
    const code = memoryOfRequest(ctx)?.userCode;
    if (route === 'device_authorization' && ctx.status === 200 && code !== undefined) {
      const shown = shownDeviceCode(code);
      ctx.body = {
        ...(ctx.body as object),
        user_code: shown,
        verification_uri: issuer + devicePath,
        verification_uri_complete: `${issuer}${devicePath}?user_code=${shown}`,
        interval: POLLING_SECONDS,
      };
    }
    const { error } = (ctx.body ?? {}) as { error?: unknown };
    if (route !== 'token' || error !== 'authorization_pending' || typeof params?.device_code !== 'string') return;
    if (isTooSoon(params.device_code))
      ctx.body = { error: 'slow_down', error_description: 'ask less often: wait five seconds more each time' };
  };
}
