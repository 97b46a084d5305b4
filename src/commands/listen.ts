/** Listens on a configured address, or says in one sentence why it cannot be used. */
import type { Server } from 'node:net';
import { CommandFault } from './terminal.ts';

export type ListenOption = 'listen' | 'metricsListen';
export type ListenAddress = { host: string; port: number };

/** @throws CommandFault with the remedy; its `cause` has the code of the system */
export function listen(server: Server, { host, port }: ListenAddress, option: ListenOption): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(Object.assign(new CommandFault(sentence(error, host, port, option)), { cause: error })),
    );
    server.listen(port, host, () => resolve());
  });
}

/** As it is written in a configuration. */
export function listenText({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function sentence({ code, message }: NodeJS.ErrnoException, host: string, port: number, option: ListenOption): string {
  const variable = option === 'listen' ? 'PEDEL_LISTEN' : 'PEDEL_METRICS_LISTEN';
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is in use: end the process that listens there, or choose another port (${variable}=${listenText({ host, port: port < 65_535 ? port + 1 : port - 1 })})`;
  if (code === 'EACCES')
    return `only root may listen on port ${port}: choose a port from 1024 up (${variable}), behind the reverse proxy`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `this machine does not have the address ${host}: correct ${variable}`;
  return `cannot listen on ${listenText({ host, port })}: ${message}`;
}
