#!/usr/bin/env node
/** The demo campus as a command: `prepare` writes the files that Pedel and the applications read, `serve` runs them. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { issuerOf } from './addresses.ts';
import { prepare } from './prepare.ts';
import { type NotListening, serveCampus } from './serve.ts';

const usage = 'Usage: campus.ts prepare|serve --data DIR [--port 3000] [--issuer URL]';

async function run(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '3000' },
      issuer: { type: 'string' },
    },
  });
  const basePort = Number(values.port);
  if (!values.data) throw new Error(`--data is missing. ${usage}`);
  if (!Number.isInteger(basePort) || basePort < 1 || basePort > 65_510) {
    throw new Error(`--port must be a whole number from 1 to 65510, not ${values.port}.`);
  }
  const data = resolve(values.data);
  const issuer = values.issuer ?? issuerOf(basePort);
  if (!URL.canParse(issuer)) throw new Error(`--issuer must be a URL, not ${issuer}.`);

  switch (positionals[0]) {
    case 'prepare':
      return prepare(data, basePort, new Date());
    case 'serve': {
      const campus = await serveCampus({ data, basePort, issuer, report: (sentence) => console.error(sentence) });
      let isEnding = false;
      const end = () => {
        if (isEnding) return;
        isEnding = true;
        campus.close().then(() => process.exit(0));
      };
      process.once('SIGTERM', end).once('SIGINT', end).once('disconnect', end);
      process.send?.({ ready: true });
      return;
    }
    default:
      throw new Error(usage);
  }
}

run().catch((error: Error | NotListening) => {
  console.error(error.message);
  const { code = 'FAILED', port } = error as Partial<NotListening>;
  if (!process.send) process.exit(1);
  process.send({ error: error.message, code, port }, () => process.exit(1));
});
