/** Runs Pedel on its sockets: listens, and drains requests under way before it ends. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as immediately, setTimeout as wait } from 'node:timers/promises';
import { createApp } from '../app.ts';
import type { Config } from '../config/load.ts';
import { contained } from '../domain/contained.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Log } from '../operation/log.ts';
import { listen } from './listen.ts';
import { newcomersFirst } from './newcomers.ts';

const DRAIN_MS = 10_000;
/** Before all is cut off, whoever is still sending a file is told why it ends. */
const TOLD_MS = 2000;
/**
 * After a node began to answer: the first applications do not wait for what only people need. A balancer sends nobody
 * before, because /readyz is one of the pages.
 */
const WARM_UP_MS = 1000;

export type Running = {
  /** `http://127.0.0.1:3000` */
  address: string;
  metricsAddress?: string;
  /**
   * /readyz says no at once. After `drainSeconds` no new connection is accepted, requests under way get ten seconds, and
   * the background jobs stop. A second call ends all of this at once.
   */
  stop(): Promise<void>;
  /** Call it when nobody caught an exception, and `stop` after it. */
  noteUncaught(): void;
};

/** @throws CommandFault when an address cannot be used */
export async function startServer(parts: {
  config: Config;
  storage: Storage;
  log: Log;
  now: () => number;
  /** only tests replace it */
  drainMs?: number;
}): Promise<Running> {
  const { config, log, drainMs = DRAIN_MS } = parts;
  const app = await createApp(parts);
  // bodies have limits of their own (http/body-time.ts), because a file takes longer than Node lets any request take
  const server = createServer({ requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 65_000 });
  server.on('request', newcomersFirst(server, app.listener));
  let draining = false;
  let closing = false;
  server.prependListener('request', (_request, response) => {
    if (draining) response.shouldKeepAlive = false;
    // a request that was under way when the end began kept its connection open: close that too once it is answered
    response.once('close', () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });
  // such as too many open files, when a connection is accepted; without a listener it would end the process
  for (const each of [server, app.metricsServer])
    each.on('error', (err) => {
      if (each.listening) log.error({ err }, 'a connection was not accepted');
    });
  try {
    await listen(server, config.listen, 'listen');
    if (config.metricsListen !== undefined) await listen(app.metricsServer, config.metricsListen, 'metricsListen');
  } catch (error) {
    server.close();
    await app.stop();
    throw error;
  }
  const warmUp = setTimeout(
    contained(
      () => app.warmUp(),
      (err) => log.error({ err }, 'the pages could not be loaded: the first request for one tries again'),
    ),
    WARM_UP_MS,
  );

  let stopping: Promise<void> | undefined;
  const hurry = new AbortController();
  async function drain() {
    draining = true;
    clearTimeout(warmUp);
    app.announceEnd();
    if (config.drainSeconds > 0) await wait(config.drainSeconds * 1000, undefined, hurry).catch(() => {});
    await acceptedAll(server);
    closing = true;
    const cutOff = () => {
      server.closeAllConnections();
      log.warn('requests still under way after ten seconds are cut off');
    };
    const deadline = setTimeout(
      contained(cutOff, (err) => log.error({ err }, 'requests could not be cut off')),
      drainMs,
    );
    const telling = setTimeout(
      contained(app.endFiles, (err) => log.error({ err }, 'files under way could not be refused')),
      drainMs - TOLD_MS,
    );
    const over = closed(server);
    if (hurry.signal.aborted) server.closeAllConnections();
    await over;
    clearTimeout(deadline);
    clearTimeout(telling);
    await app.stop(hurry.signal);
    app.metricsServer.closeAllConnections();
    await closed(app.metricsServer);
  }
  return {
    address: addressOf(server),
    ...(config.metricsListen === undefined ? {} : { metricsAddress: addressOf(app.metricsServer) }),
    noteUncaught: () => app.noteUncaught(),
    stop() {
      if (stopping !== undefined) {
        hurry.abort();
        server.closeAllConnections();
      }
      stopping ??= drain();
      return stopping;
    },
  };
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Resolves once a turn of the event loop brings no new connection. Closing resets connections that the kernel has
 * accepted and this process has not, although their requests were sent.
 */
async function acceptedAll(server: Server): Promise<void> {
  let quiet = false;
  const noted = () => {
    quiet = false;
  };
  server.on('connection', noted);
  for (let turns = 0; turns < 100 && !quiet; turns += 1) {
    quiet = true;
    await immediately();
  }
  server.off('connection', noted);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
  });
}
