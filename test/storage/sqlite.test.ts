/** SQLite keeps the contract, in a file as it is used; and it keeps it with two nodes on that file. */
import type { Storage } from '../../src/domain/ports.ts';
import { openStorage } from '../../src/storage/open.ts';
import { storageContract } from './contract.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();

storageContract('SQLite', (options) => openStorage(`sqlite:${newFile()}`, options));

storageContract('SQLite under two nodes', async (options) => {
  const uri = `sqlite:${newFile()}`;
  return alternating(await openStorage(uri, options), await openStorage(uri, options));
});

/** One storage of which every call goes to the other node than the call before. */
function alternating(...nodes: [Storage, Storage]): Storage {
  let calls = 0;
  const port = <Name extends keyof Storage>(name: Name) =>
    new Proxy(nodes[0][name], {
      get: (_, method) => {
        calls += 1;
        return Reflect.get(nodes[calls % 2 === 0 ? 0 : 1][name], method);
      },
    });
  return {
    accounts: port('accounts'),
    clients: port('clients'),
    consents: port('consents'),
    attempts: port('attempts'),
    protocolRecords: port('protocolRecords'),
    signingKeys: port('signingKeys'),
    values: port('values'),
    outbox: port('outbox'),
    leases: port('leases'),
    auditLog: port('auditLog'),
    ready: async () => {
      for (const node of nodes) await node.ready();
    },
    sweep: (now) => nodes[1].sweep(now),
    close: async () => {
      for (const node of nodes) await node.close();
    },
  };
}
