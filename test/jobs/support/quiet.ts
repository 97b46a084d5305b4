/** A log that keeps its entries in memory, and a clock that moves only when told. */
import type { JobLog } from '../../../src/jobs/log.ts';

export type Written = { level: 'info' | 'warn' | 'error'; message: string; fields: Record<string, unknown> };

export function keepLog(): JobLog & { written: Written[] } {
  const written: Written[] = [];
  const at = (level: Written['level']) => (fields: Record<string, unknown>, message: string) => {
    written.push({ level, message, fields });
  };
  return { written, info: at('info'), warn: at('warn'), error: at('error') };
}

export function standingClock(start = Date.UTC(2026, 10, 22, 18, 0)): { now: () => number; pass(ms: number): void } {
  let time = start;
  return {
    now: () => time,
    pass(ms) {
      time += ms;
    },
  };
}

/** Resolves when it holds; fails the test after five seconds. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 10) {
    if (waited > 5000) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
