// One MongoDB for all tests of a run, the quick one where there is one: durability, failpoints and elections are the matter
// of the files that start one of their own (test/support/mongodb.ts). SecantusDB is a single thread on which two stories
// wait for each other, so each worker gets its own.
import { rmSync } from 'node:fs';
import { startMongodb, stopMongodb } from './mongodb-server.ts';
import needs from './needs.cjs';

let servers = [];

export default async function setup({ maxWorkers }) {
  const kind = needs.quickMongodb ?? needs.mongodb;
  const count = kind.kind === 'secantus' ? maxWorkers : 1;
  servers = await Promise.all(Array.from({ length: count }, () => startMongodb(undefined, kind)));
  process.env.PEDEL_TEST_MONGODB_OF_THIS_RUN = servers.map(({ uri }) => uri).join(' ');
  // nothing is left behind where the run is broken off
  process.once('exit', endAtOnce);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      endAtOnce();
      process.kill(process.pid, signal);
    });
}

function endAtOnce() {
  for (const { child, folder } of servers) {
    child?.kill('SIGKILL');
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const teardown = () => Promise.all(servers.map(stopMongodb));
