/** How this node and its database fare, in figures that a page and a program can show. */
import type { Storage } from '../../domain/ports/storage.ts';

export type Health = {
  /** milliseconds of a read, and of a write that is durable; undefined: no answer within two seconds */
  readMs: number | undefined;
  writeMs: number | undefined;
  queue: Awaited<ReturnType<Storage['outbox']['backlog']>> | undefined;
};

const WAIT_MS = 2000;

/** Never rejects. @param elapsed milliseconds on a monotonic clock */
export async function measureHealth(
  { values, outbox, ready }: Pick<Storage, 'values' | 'outbox' | 'ready'>,
  now: number,
  elapsed: () => number,
): Promise<Health> {
  const timed = async (act: () => Promise<unknown>): Promise<number | undefined> => {
    const since = elapsed();
    const done = await inTime(act().then(() => true));
    return done === true ? Math.round((elapsed() - since) * 10) / 10 : undefined;
  };
  const readMs = await timed(() => values.get('health'));
  const writeMs = readMs === undefined ? undefined : await timed(ready);
  return { readMs, writeMs, queue: readMs === undefined ? undefined : await inTime(outbox.backlog(now)) };
}

async function inTime<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), WAIT_MS);
  try {
    return await Promise.race([asked, promise]);
  } catch {
    return undefined; // the page says that there was no answer
  } finally {
    clearTimeout(timer);
  }
}
