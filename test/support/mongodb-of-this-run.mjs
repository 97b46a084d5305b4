// One MongoDB for all tests of a run: starting one for each file would take longer than many of the files.
import { rmSync } from 'node:fs';
import { startMongodb, stopMongodb } from './mongodb-server.ts';

let server;

export default async function setup() {
  server = await startMongodb();
  process.env.PEDEL_TEST_MONGODB_OF_THIS_RUN = server.uri;
  // nothing is left behind where the run is broken off
  process.once('exit', endAtOnce);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      endAtOnce();
      process.kill(process.pid, signal);
    });
}

function endAtOnce() {
  server.child?.kill('SIGKILL');
  if (server.folder !== undefined) rmSync(server.folder, { recursive: true, force: true, maxRetries: 5 });
}

export const teardown = () => stopMongodb(server);
