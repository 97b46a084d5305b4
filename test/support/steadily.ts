/** Repeats something while a test does something else, and ends with the test. */
import { afterEach } from '@jest/globals';

export type Steadily = {
  /** how often it succeeded so far */
  done(): number;
  /** every failure so far, with its time */
  failures: string[];
  /** resolves when the turn under way is over */
  stop(): Promise<void>;
};

const running = new Set<Steadily>();

// a test that fails before it stops them must not leave them going for ever
afterEach(async () => {
  await Promise.all([...running].map((each) => each.stop()));
});

/** Does `act`, turn after turn, until it is stopped; a failure is kept, and the next turn comes all the same. */
export function steadily(what: string, act: () => Promise<void>): Steadily {
  let going = true;
  let done = 0;
  const failures: string[] = [];
  const over = (async () => {
    while (going)
      try {
        await act();
        done += 1;
      } catch (error) {
        failures.push(
          `${new Date().toISOString()} ${what}: ${(error as Error).message} ${await causeOf(error as Error)}`,
        );
        await new Promise((resolve) => setTimeout(resolve, 50)); // what is down at once must not keep the processor busy
      }
  })();
  const each: Steadily = {
    done: () => done,
    failures,
    async stop() {
      going = false;
      await over;
      running.delete(each);
    },
  };
  running.add(each);
  return each;
}

async function causeOf({ cause }: Error): Promise<string> {
  if (!(cause instanceof Response)) return String(cause ?? '');
  const body = cause.bodyUsed ? '' : await cause.text();
  return `${cause.url} ${cause.status} ${body.slice(0, 300)}`;
}
