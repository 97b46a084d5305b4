/**
 * Judges new passwords in a process of its own, behind a small queue: neither pages nor sign-ins wait for somebody who
 * types (rule 33).
 */
import type { Judging } from '../domain/passwords/password.ts';
import { Problem } from '../domain/problem.ts';
import type { Work } from './judge-process.ts';
import { createWorkers, type Fork, type Task } from './workers.ts';

/** Judgements that may wait. An awkward password of full length takes a quarter of a second. */
const QUEUE = 50;
/** Judgements of one person under way at once, while typing: a page asks for one at a time. */
const TYPED_AT_ONCE = 3;
/** The same with those sent in forms, as a part of the queue: nobody takes all of it. */
const PERSONS_PART = 0.5;
/**
 * A judgement that takes longer, the start of the process included, ends its process: no password may be found that keeps
 * it for ever. Long, because a machine full of sign-ins goes first.
 */
const LIMIT_MS = 60_000;
/** Then its word lists (85 MB with what is around them) are given back; the next person waits half a second for them. */
const IDLE_MS = 5 * 60_000;
/** It makes much garbage: without them it grows to 240 MB, with them to 160, at the same speed. */
const MEMORY_FLAGS = ['--max-semi-space-size=4', '--max-old-space-size=200'];

export type JudgingFigures = {
  /** passwords that wait for the process at the moment */
  waiting(): number;
  /** judgements accepted since the start; refused ones are not counted */
  taken(): number;
};

/** @param options `words`: of the association, of which a password must not consist (`associationWords`) */
export function createJudging(
  options: { words?: string[]; queue?: number; limitMs?: number; idleMs?: number; fork?: Fork } = {},
): Judging & JudgingFigures {
  const { words = [], queue = QUEUE, limitMs = LIMIT_MS, idleMs = IDLE_MS } = options;
  const waiting: (Task<Work> & { person: string })[] = [];
  const underWay = new Map<string, number>();
  let served: string | undefined;
  let taken = 0;
  let closed = false;
  const workers = createWorkers<Work>({
    module: new URL('./judge-process.ts', import.meta.url),
    processes: 1,
    flags: MEMORY_FLAGS,
    limitMs,
    idleMs,
    next,
    ...(options.fork === undefined ? {} : { fork: options.fork }),
  });

  /** Two people come in turn, however many judgements one of them waits for. */
  function next(): Task<Work> | undefined {
    const other = waiting.findIndex(({ person }) => person !== served);
    const [task] = waiting.splice(Math.max(other, 0), 1);
    served = task?.person;
    return task;
  }

  return {
    async judge(password, context, { person, typing }) {
      const own = underWay.get(person) ?? 0;
      const most = typing ? TYPED_AT_ONCE : Math.ceil(queue * PERSONS_PART);
      if (closed || waiting.length >= queue || own >= most) {
        throw new Problem('busy', 'too many passwords are judged at once', { retryAfterSeconds: 3 });
      }
      underWay.set(person, own + 1);
      taken += 1;
      try {
        return await new Promise((resolve, reject) => {
          waiting.push({
            work: { password, context: { ...context, words: [...context.words, ...words] } },
            person,
            resolve,
            reject,
          });
          workers.assign();
        });
      } finally {
        const left = (underWay.get(person) ?? 1) - 1;
        if (left > 0) underWay.set(person, left);
        else underWay.delete(person);
      }
    },
    waiting: () => waiting.length,
    taken: () => taken,
    async close() {
      closed = true;
      for (const task of waiting.splice(0)) task.reject(new Problem('busy', 'shutting down', { retryAfterSeconds: 5 }));
      await workers.close();
    },
  };
}
