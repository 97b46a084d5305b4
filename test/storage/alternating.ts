/** Two nodes on one database, used as one storage by turns. */
import type { Storage } from '../../src/domain/ports/storage.ts';

/** A storage that sends its calls to the two nodes by turns. */
export function alternating(one: Storage, other: Storage): Storage {
  let calls = 0;
  // methods of its own, so that a test may put another in the place of one
  const port = <Name extends keyof Storage>(name: Name) =>
    Object.fromEntries(
      Object.keys(one[name]).map((method) => [
        method,
        (...input: unknown[]) => {
          calls += 1;
          const node = (calls % 2 === 0 ? one : other)[name];
          return Reflect.apply(Reflect.get(node, method) as () => unknown, node, input);
        },
      ]),
    ) as unknown as Storage[Name];
  return {
    accounts: port('accounts'),
    clients: port('clients'),
    clientUses: port('clientUses'),
    consents: port('consents'),
    initialAccessTokens: port('initialAccessTokens'),
    roleGrants: port('roleGrants'),
    attempts: port('attempts'),
    protocolRecords: port('protocolRecords'),
    signingKeys: port('signingKeys'),
    values: port('values'),
    outbox: port('outbox'),
    leases: port('leases'),
    auditLog: port('auditLog'),
    refusals: port('refusals'),
    incidents: port('incidents'),
    webhooks: port('webhooks'),
    archive: port('archive'),
    ready: async () => {
      for (const node of [one, other]) await node.ready();
    },
    clock: () => other.clock(),
    sweep: (now) => other.sweep(now),
    close: async () => {
      for (const node of [one, other]) await node.close();
    },
  };
}
