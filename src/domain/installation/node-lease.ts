/** Names the lease that each running node holds, by which a command sees that it is not alone on a storage. */

/** Node leases sort between these two names. An ended one can be deleted, because no other node takes it over. */
export const nodeLeases = { from: 'node:', before: 'node;' } as const;

/** The name of the lease of `holder`, a node's random id. */
export const nodeLease = (holder: string): string => `${nodeLeases.from}${holder}`;

/** Whether a lease of this name is a node's. */
export const isNodeLease = (name: string): boolean => name.startsWith(nodeLeases.from);
