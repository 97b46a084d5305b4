/** Starts the stub issuer and tells it which person signs in. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Next, Order } from './stub-issuer.ts';

export async function startStubIssuer(
  port: number,
  clients: unknown[],
  people: Record<string, Record<string, unknown>>,
) {
  const child = fork(fileURLToPath(new URL('./stub-issuer.ts', import.meta.url)), {
    execArgv: [],
    // Its library warns at length that it is not set up for production.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  async function tell(order: Order): Promise<Answer> {
    const answered = once(child, 'message');
    child.send(order);
    const [answer] = await answered;
    return answer as Answer;
  }

  const answer = await tell({ begin: { port, clients, people } });
  if (!('listening' in answer)) throw new Error('the stub issuer does not listen');
  return {
    issuer: `http://localhost:${port}`,
    keys: answer.listening.keys,
    expectNext: (next: Next) => tell({ next }),
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
