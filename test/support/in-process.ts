/** What a Pedel in this process is made of: the configuration of the demo, and a server on a port of its own. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from '../../src/config/load.ts';

export const SECRET = 'a secret of more than thirty-two characters';

/** Nothing is kept, and no mail server answers, unless `environment` says otherwise. */
export function configFor(issuer: string, environment: Record<string, string> = {}): Config {
  const { config, faults } = loadConfig({
    file: fileURLToPath(new URL('../../config/pedel.yaml', import.meta.url)),
    environment: {
      PEDEL_ISSUER: issuer,
      PEDEL_STORAGE: 'sqlite::memory:',
      PEDEL_MAIL: 'smtp://127.0.0.1:1',
      PEDEL_SECRET: SECRET,
      ...environment,
    },
    readFile: (path) => readFileSync(path, 'utf8'),
    secret: 'required',
  });
  if (config === undefined) throw new Error(JSON.stringify(faults));
  return config;
}

/** It listens, and nobody answers there yet. */
export async function openServer() {
  const server = createServer({ keepAliveTimeout: 65_000 }); // as the product has it
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    server,
    address: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
