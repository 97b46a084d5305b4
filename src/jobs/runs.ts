/** What is known of the repeated jobs of this node: when each last ran to its end, and when it last failed. */

/** Times in epoch ms; absent: not since this node started. */
export type JobRun = { name: string; everyMs: number; succeededAt?: number; failedAt?: number };

export function createJobRuns(now: () => number) {
  const runs = new Map<string, JobRun>();
  return {
    /** The job, which notes how it ends. */
    watched(name: string, everyMs: number, job: () => Promise<unknown>): () => Promise<void> {
      runs.set(name, { name, everyMs });
      const note = (end: Partial<JobRun>) => runs.set(name, { name, everyMs, ...runs.get(name), ...end });
      return async () => {
        try {
          await job();
          note({ succeededAt: now() });
        } catch (error) {
          note({ failedAt: now() });
          throw error;
        }
      };
    },
    all: (): JobRun[] => [...runs.values()],
  };
}
