/** A node that is stopped (SIGSTOP) between two calls of its storage, and wakes after others have done its work. */
import type { Storage } from '../../../src/domain/ports/storage.ts';

export type Suspended = {
  storage: Storage;
  /** resolves with the name of the point (`before outbox.claim`) when the node has come to it */
  reached: Promise<string>;
  wake(): void;
};

/** The storage as a node sees it that stops at its `point`th moment: before and after each call is one. */
export function suspendAt(storage: Storage, point: number): Suspended {
  const reached = Promise.withResolvers<string>();
  const woken = Promise.withResolvers<void>();
  let passed = 0;
  async function moment(name: string): Promise<void> {
    passed += 1;
    if (passed - 1 !== point) return;
    reached.resolve(name);
    await woken.promise;
  }
  const watched = <Port extends object>(port: Port, name: string): Port =>
    new Proxy(port, {
      get(target, member) {
        const value = Reflect.get(target, member);
        if (typeof value === 'object' && value !== null) return watched(value, `${name}${String(member)}.`);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          await moment(`before ${name}${String(member)}`);
          const answer = await value.apply(target, given);
          await moment(`after ${name}${String(member)}`);
          return answer;
        };
      },
    });
  return { storage: watched(storage, ''), reached: reached.promise, wake: woken.resolve };
}

/**
 * Tells a story once for each moment at which the first node can be stopped, until it ends without coming to another.
 * `story` gets the number of the moment; it starts `node` on a suspended storage and does `meanwhile` while it sleeps.
 */
export async function atEveryMoment(
  story: (point: number) => Promise<{
    suspended: Suspended;
    node: () => Promise<unknown>;
    meanwhile: () => Promise<void>;
    afterwards: (moment: string) => Promise<void>;
  }>,
): Promise<string[]> {
  const moments: string[] = [];
  for (let point = 0; ; point += 1) {
    const { suspended, node, meanwhile, afterwards } = await story(point);
    const over = node().then(() => undefined);
    const moment = await Promise.race([suspended.reached, over]);
    if (moment === undefined) return moments;
    moments.push(moment);
    await meanwhile();
    suspended.wake();
    await over;
    try {
      await afterwards(moment);
    } catch (error) {
      throw new Error(`stopped ${moment} (moment ${point}): ${(error as Error).message}`, { cause: error });
    }
  }
}
