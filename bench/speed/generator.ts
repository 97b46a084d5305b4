/** The process that asks: does what its parent orders, and ends with it. */
import type { ActName } from './acts.ts';
import { prepare, type Ready } from './burst.ts';
import { overload } from './overload.ts';
import type { Target } from './target.ts';

/** `slot`: two acts may be ready, and run, at once. */
export type Order =
  | { kind: 'prepare'; slot: number; act: ActName; target: Target; callers: number }
  | { kind: 'run'; slot: number; ms: number }
  | { kind: 'close' }
  | { kind: 'overload'; target: Target; perSecond: number; seconds: number }
  /** a process that does not end by itself when the bench is killed */
  | { kind: 'watch'; pid: number };

const ready = new Map<number, Ready>();
const watched: number[] = [];

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'prepare':
      ready.set(order.slot, await prepare(order.act, order.target, order.callers));
      return undefined;
    case 'run':
      return ready.get(order.slot)?.run(order.ms);
    case 'close':
      for (const each of ready.values()) each.close();
      ready.clear();
      return undefined;
    case 'overload':
      return overload(order.target, order.perSecond, order.seconds);
    case 'watch':
      watched.push(order.pid);
      return undefined;
  }
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  obey(order).then(
    (value) => process.send?.({ id, value }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});
process.on('disconnect', () => {
  for (const pid of watched) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // it has ended
    }
  }
  process.exit();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {}); // the parent says when it is over
