/** The connection between Pedel and its database, which can be cut, go silent, lose answers or become slow. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * `cut`: connections end and none is taken. `silent`: nothing arrives, as where packets are dropped; later it does, as TCP
 * sends it again. `deaf`: requests arrive, answers do not.
 */
export type LineState = 'whole' | 'cut' | 'silent' | 'deaf';

export type Line = {
  port: number;
  set(state: LineState): void;
  /** each answer arrives so much later, from now on */
  delay(milliseconds: number): void;
  /**
   * The next command of this name on this collection is carried out and its answer does not come: its connection ends
   * (`lost`), or from then on the line is `deaf`. Resolves when that happened.
   */
  unanswered(command: string, collection: string, how: 'lost' | 'deaf'): Promise<void>;
  /** Counts from now on how often such a command is sent. */
  count(command: string, collection: string): () => number;
  close(): Promise<void>;
};

type Pair = { near: Socket; far?: Socket };

/** @param target the database's port on 127.0.0.1 */
export async function startLine(target: number): Promise<Line> {
  const pairs = new Set<Pair>();
  let state: LineState = 'whole';
  let delayMs = 0;
  const counted: { start: Buffer; times: number }[] = [];
  let awaited: { start: Buffer; how: 'lost' | 'deaf'; done: () => void } | undefined;

  const server = createServer((near) => {
    const pair: Pair = { near };
    pairs.add(pair);
    near.on('error', () => undefined);
    near.once('close', () => {
      pairs.delete(pair);
      pair.far?.destroy();
    });
    if (state === 'cut') near.destroy();
    else if (state === 'silent') near.pause();
    else join(pair);
  });

  function join(pair: Pair): void {
    const { near } = pair;
    const far = connect(target, '127.0.0.1');
    pair.far = far;
    let lost: (() => void) | undefined;
    near.on('data', (chunk) => {
      for (const each of counted) if (chunk.includes(each.start)) each.times += 1;
      if (awaited !== undefined && chunk.includes(awaited.start)) {
        const { how, done } = awaited;
        awaited = undefined;
        if (how === 'lost') lost = done;
        else {
          set('deaf');
          done();
        }
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (lost !== undefined) {
        near.destroy();
        lost();
      } else if (delayMs === 0) near.write(chunk);
      else setTimeout(() => near.write(chunk), delayMs);
    });
    far.on('error', () => undefined);
    far.once('close', () => near.destroy());
    flow(pair);
  }

  function flow({ near, far }: Pair): void {
    if (state === 'silent') near.pause();
    else near.resume();
    if (state === 'whole') far?.resume();
    else far?.pause();
  }

  function set(next: LineState): void {
    state = next;
    for (const pair of pairs) {
      if (state === 'cut') pair.near.destroy();
      else if (pair.far === undefined && state !== 'silent') join(pair);
      else flow(pair);
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    set,
    delay(milliseconds) {
      delayMs = milliseconds;
    },
    unanswered: (command, collection, how) =>
      new Promise((done) => {
        awaited = { start: startOf(command, collection), how, done };
      }),
    count(command, collection) {
      const each = { start: startOf(command, collection), times: 0 };
      counted.push(each);
      return () => each.times;
    },
    async close() {
      server.close();
      for (const { near } of pairs) near.destroy();
      await once(server, 'close');
    },
  };
}

/** How a command begins (BSON): its first member has its name, and the name of the collection as value. */
function startOf(command: string, collection: string): Buffer {
  const value = Buffer.from(`${collection}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32LE(value.length);
  return Buffer.concat([Buffer.from(`\u0002${command}\0`), length, value]);
}
