/** The client id of Pedel's own pages. Reserved, and never in storage. */
export const ownClientId = 'pedel';
