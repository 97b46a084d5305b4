/** What every process of this room does: answer one message after another at a low priority, until its parent goes. */
import { setPriority } from 'node:os';

/** Answers each message with what `perform` returns. `priority`: of `os.constants.priority`. */
export function answerMessages<Work>(priority: number, perform: (work: Work) => unknown): void {
  setPriority(priority);
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {}); // Ctrl-C reaches the whole process group; the server drains first, and then disconnects
  process.on('SIGTERM', () => {});
  process.on('message', async (work: Work & { id: number }) => {
    const answer = await answerOf(work.id, () => perform(work));
    process.send?.(answer, undefined, undefined, () => {}); // a parent that has gone needs no answer
  });
}

async function answerOf(id: number, perform: () => unknown) {
  try {
    return { id, value: await perform() };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : 'hashing failed' };
  }
}
