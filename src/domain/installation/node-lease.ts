/** The lease that each running node holds in its own name: whoever must work alone on a storage looks for it. */

/** Such leases sort between these two names; they are of no use once they have ended, for no other node takes one over. */
export const nodeLeases = { from: 'node:', before: 'node;' } as const;

export const nodeLease = (holder: string): string => `${nodeLeases.from}${holder}`;

export const isNodeLease = (name: string): boolean => name.startsWith(nodeLeases.from);
