/** Waiting for what may never end. */

/** Resolves when all have ended however they did, when it is hurried, and after `ms` in any case where a number is given. */
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
