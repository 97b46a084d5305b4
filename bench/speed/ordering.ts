/** Starts the generator, and gives it orders. */
import { fork } from 'node:child_process';
import type { ActName } from './acts.ts';
import type { Burst } from './burst.ts';
import type { Order } from './generator.ts';
import type { Overload } from './overload.ts';
import type { Target } from './target.ts';

export type Generator = {
  prepare(act: ActName, target: Target, callers: number, slot?: number): Promise<void>;
  run(ms: number, slot?: number): Promise<Burst>;
  /** Closes the connections of what was prepared. */
  close(): Promise<void>;
  overload(target: Target, perSecond: number, seconds: number): Promise<Overload>;
  /** Ends this process too, should the bench be killed. */
  watch(pid: number): Promise<void>;
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
      child.send({ id: ids, order }, (error) => {
        if (error !== null) reject(error);
      });
    });
  return {
    prepare: (act, target, callers, slot = 0) => give({ kind: 'prepare', slot, act, target, callers }),
    run: (ms, slot = 0) => give({ kind: 'run', slot, ms }),
    close: () => give({ kind: 'close' }),
    overload: (target, perSecond, seconds) => give({ kind: 'overload', target, perSecond, seconds }),
    watch: (pid) => give({ kind: 'watch', pid }),
    end: () => void child.kill('SIGKILL'),
  };
}
