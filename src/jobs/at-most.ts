/** Waits for promises that may never settle, with a time limit. */

/** Resolves when all promises have settled, when `hurry` aborts, or after `ms` milliseconds if given. Never throws. */
export async function atMost(ms: number | undefined, all: Promise<unknown>[], hurry?: AbortSignal): Promise<void> {
  if (hurry?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const enough = () => resolve();
  const timer = ms === undefined ? undefined : setTimeout(enough, ms);
  hurry?.addEventListener('abort', enough);
  void Promise.allSettled(all).then(enough);
  await promise;
  clearTimeout(timer);
  hurry?.removeEventListener('abort', enough);
}
