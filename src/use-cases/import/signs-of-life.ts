/** Tells where every node can read it how far a process is with an import, and that it lives (rule 30). */
import { contained } from '../../domain/contained.ts';
import type { ImportRun, Imports } from '../../domain/ports/imports.ts';

const SIGN_OF_LIFE_MS = 2000;

/**
 * Tells of `run` for as long as `work` goes on, which keeps it up to date. It is ended where `work` says `ended` or
 * `fault`: where it throws, it died, and is told of as such once it has been silent.
 */
export async function withSignsOfLife<Outcome>(
  run: ImportRun,
  { imports, now }: { imports: Pick<Imports, 'putRun'>; now: () => number },
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  let written = Promise.resolve();
  /** one after the other, so that an old one never overwrites a newer one */
  const tell = () => {
    const { ...said } = Object.assign(run, { seenAt: now() });
    written = written.then(() => imports.putRun(said)).catch(() => {}); // the next one says it
    return written;
  };
  const living = setInterval(
    contained(tell, () => undefined),
    SIGN_OF_LIFE_MS,
  );
  try {
    await tell();
    return await work();
  } finally {
    clearInterval(living);
    if (run.ended) await tell();
    await written;
  }
}
