/** Pedel on its sockets: listens, and ends without cutting anybody off. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as immediately, setTimeout as wait } from 'node:timers/promises';
import { createApp } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Log } from '../operation/log.ts';
import { CommandFault } from './terminal.ts';

const DRAIN_MS = 10_000;

export type Running = {
  /** `http://127.0.0.1:3000` */
  address: string;
  metricsAddress?: string;
  /**
   * /readyz says no at once; `drainSeconds` later no new connection is taken, requests under way get ten seconds, and the
   * background ends. The second call waits for nothing of this.
   */
  stop(): Promise<void>;
};

/** @throws CommandFault where the address cannot be taken */
export async function startServer(parts: {
  config: Config;
  storage: Storage;
  log: Log;
  now: () => number;
}): Promise<Running> {
  const { config, log } = parts;
  const app = await createApp(parts);
  const server = createServer({ requestTimeout: 30_000, keepAliveTimeout: 65_000 }, app.listener);
  let draining = false;
  let closing = false;
  server.prependListener('request', (_request, response) => {
    if (draining) response.shouldKeepAlive = false;
    // one that was under way when the end began promised to keep its connection: nobody waits for that
    response.once('close', () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });
  try {
    await listen(server, config.listen, 'listen');
    if (config.metricsListen !== undefined) await listen(app.metricsServer, config.metricsListen, 'metricsListen');
  } catch (error) {
    server.close();
    await app.stop();
    throw error;
  }

  let stopping: Promise<void> | undefined;
  const hurry = new AbortController();
  async function drain() {
    draining = true;
    app.announceEnd();
    if (config.drainSeconds > 0) await wait(config.drainSeconds * 1000, undefined, hurry).catch(() => {});
    await acceptedAll(server);
    closing = true;
    const deadline = setTimeout(() => {
      log.warn('requests that are still under way after ten seconds are cut off');
      server.closeAllConnections();
    }, DRAIN_MS);
    const over = closed(server);
    if (hurry.signal.aborted) server.closeAllConnections();
    await over;
    clearTimeout(deadline);
    await app.stop(hurry.signal);
    app.metricsServer.closeAllConnections();
    await closed(app.metricsServer);
  }
  return {
    address: addressOf(server),
    ...(config.metricsListen === undefined ? {} : { metricsAddress: addressOf(app.metricsServer) }),
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

function listen(server: Server, { host, port }: { host: string; port: number }, option: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandFault(sentence(error, host, port, option))),
    );
    server.listen(port, host, () => resolve());
  });
}

function sentence({ code, message }: NodeJS.ErrnoException, host: string, port: number, option: string): string {
  const variable = option === 'listen' ? 'PEDEL_LISTEN' : 'PEDEL_METRICS_LISTEN';
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is in use: end what listens there, or choose another (${variable}=${host}:${port + 1})`;
  if (code === 'EACCES')
    return `port ${port} is for root only: choose one from 1024 on (${variable}) and put the reverse proxy before it`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `this machine has no address ${host}: correct ${variable}`;
  return `cannot listen on ${host}:${port}: ${message}`;
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Resolves when a turn of the event loop brought no new connection: one that the system has taken already, and this process
 * has not, would be reset by closing now, after its request was sent.
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
