/** The process that asks: does the bursts that its parent orders, and ends with it. */
import type { ActName } from './acts.ts';
import { prepare, type Ready } from './burst.ts';
import type { Target } from './target.ts';

export type Order =
  | { kind: 'prepare'; act: ActName; target: Target; callers: number }
  | { kind: 'run'; ms: number }
  | { kind: 'close' };

let ready: Ready | undefined;

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'prepare':
      ready = await prepare(order.act, order.target, order.callers);
      return undefined;
    case 'run':
      return ready?.run(order.ms);
    case 'close':
      ready?.close();
      ready = undefined;
      return undefined;
  }
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  obey(order).then(
    (value) => process.send?.({ id, value }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {}); // the parent says when it is over
