/** Starts the generator, and gives it orders. */
import { fork } from 'node:child_process';
import type { ActName } from './acts.ts';
import type { Burst } from './burst.ts';
import type { Order } from './generator.ts';
import type { Target } from './target.ts';

export type Generator = {
  prepare(act: ActName, target: Target, callers: number): Promise<void>;
  run(ms: number): Promise<Burst>;
  close(): Promise<void>;
  end(): void;
};

export function startGenerator(): Generator {
  const child = fork(new URL('generator.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let ids = 0;
  child.on('message', ({ id, value, error }: { id: number; value?: never; error?: string }) => {
    const order = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) order?.resolve(value as never);
    else order?.reject(new Error(error));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the generator ended'));
  });
  const give = <T>(order: Order) =>
    new Promise<T>((resolve, reject) => {
      ids += 1;
      waiting.set(ids, { resolve, reject });
      child.send({ id: ids, order });
    });
  return {
    prepare: (act, target, callers) => give({ kind: 'prepare', act, target, callers }),
    run: (ms) => give({ kind: 'run', ms }),
    close: () => give({ kind: 'close' }),
    end: () => void child.kill('SIGKILL'),
  };
}
