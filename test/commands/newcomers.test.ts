/** Who waits for a connection is let in before anything more is answered, and nobody waits long for that. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { newcomersFirst } from '../../src/commands/newcomers.ts';
import { startServer } from '../../src/commands/server.ts';
import { createLog } from '../../src/operation/log.ts';
import { configFor } from '../support/in-process.ts';
import { freePort } from '../support/ports.ts';
import { openTestStorage } from '../support/storage.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** A server of which the test says when somebody connects and asks. `answered`: what was asked, in turn. */
function told() {
  const server = new EventEmitter();
  const answered: string[] = [];
  let ms = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => ms);
  const listener = newcomersFirst(server as Server, ({ url }) => {
    answered.push(url ?? '');
  });
  return {
    answered,
    connects: () => server.emit('connection'),
    asks(url: string) {
      const response = { closed: false };
      listener({ url } as IncomingMessage, response as ServerResponse);
      return response;
    },
    later(by: number) {
      ms += by;
    },
  };
}

test('a request is answered at once where nobody has just connected', async () => {
  const { answered, connects, asks } = told();
  asks('/a');
  expect(answered).toEqual(['/a']);
  connects();
  for (let turns = 0; turns < 3; turns += 1) await turn();
  asks('/b');
  expect(answered).toEqual(['/a', '/b']);
});

test('requests wait while each turn brings another connection, and then go in their order', async () => {
  const { answered, connects, asks } = told();
  connects();
  for (const url of ['/a', '/b', '/c']) {
    asks(url);
    await turn();
    expect(answered).toEqual([]);
    connects();
  }
  for (let turns = 0; turns < 4; turns += 1) await turn();
  expect(answered).toEqual(['/a', '/b', '/c']);
});

test('who has left meanwhile is not answered', async () => {
  const { answered, connects, asks } = told();
  connects();
  const response = asks('/a');
  asks('/b');
  response.closed = true;
  for (let turns = 0; turns < 3; turns += 1) await turn();
  expect(answered).toEqual(['/b']);
});

test('however many connect, nobody waits longer than 25 ms for them', async () => {
  const { answered, connects, asks, later } = told();
  connects();
  asks('/a');
  for (let turns = 0; turns < 5; turns += 1) {
    connects();
    await turn();
  }
  expect(answered).toEqual([]);
  later(26);
  for (let turns = 0; turns < 3; turns += 1) {
    connects();
    await turn();
  }
  expect(answered).toEqual(['/a']);
});

test('of forty who connect to a node at once, all are in before the first is answered', async () => {
  const crowd = 40;
  const server = await started();
  const insideAtAnswer: number[] = [];
  let inside = 0;
  const come = () => {
    inside += 1;
  };
  const answer = () => {
    insideAtAnswer.push(inside);
  };
  subscribe('net.server.socket', come);
  subscribe('http.server.response.finish', answer);
  jest.spyOn(performance, 'now').mockReturnValue(0);
  const { hostname, port } = new URL(server.address);
  const sockets = Array.from({ length: crowd }, () => connect(Number(port), hostname));
  try {
    await Promise.all(
      sockets.map(async (socket) => {
        socket.write('GET /healthz HTTP/1.1\r\nHost: any\r\n\r\n');
        const [answered] = (await once(socket, 'data')) as [Buffer];
        expect(String(answered)).toMatch(/^HTTP\/1.1 200 /);
      }),
    );
    expect(insideAtAnswer).toEqual(Array(crowd).fill(crowd));
  } finally {
    unsubscribe('net.server.socket', come);
    unsubscribe('http.server.response.finish', answer);
    for (const socket of sockets) socket.destroy();
    jest.restoreAllMocks();
    await server.stop();
  }
});

/** All of `pedel serve`, in this process. */
async function started() {
  const config = configFor('http://localhost:3000', { PEDEL_LISTEN: `127.0.0.1:${await freePort()}` });
  const now = Date.now;
  const storage = await openTestStorage({ now });
  const server = await startServer({ config, storage, log: createLog('error'), now });
  return {
    address: server.address,
    async stop() {
      await server.stop();
      await storage.close();
    },
  };
}
