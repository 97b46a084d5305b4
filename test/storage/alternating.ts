/** Two nodes on one database, seen as one storage. */
import type { Storage } from '../../src/domain/ports.ts';

/** One storage of which every call goes to the other node than the call before. */
export function alternating(one: Storage, other: Storage): Storage {
  let calls = 0;
  const port = <Name extends keyof Storage>(name: Name) =>
    new Proxy(one[name], {
      get: (_, method) => {
        calls += 1;
        return Reflect.get((calls % 2 === 0 ? one : other)[name], method);
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
      for (const node of [one, other]) await node.ready();
    },
    sweep: (now) => other.sweep(now),
    close: async () => {
      for (const node of [one, other]) await node.close();
    },
  };
}
