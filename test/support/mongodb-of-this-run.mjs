// One MongoDB for all tests of a run, or one for each that runs beside others: starting one for each file would take longer
// than many of the files, and SecantusDB is a single thread on which two stories wait for each other.
import { rmSync } from 'node:fs';
import { startMongodb, stopMongodb } from './mongodb-server.ts';
import needs from './needs.cjs';

let servers = [];

export default async function setup({ maxWorkers }) {
  const count = needs.mongodb.kind === 'secantus' ? maxWorkers : 1;
  servers = await Promise.all(Array.from({ length: count }, () => startMongodb()));
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
