/** The port for when a client last did something, to the hour: nodes note much and write little. */

/**
 * What it did: signed a person in, or proved who it is with the secret of this id, or with a key (`useOfKey`). `request`, `code`, `token`: how far it
 * came, for who connects it.
 */
export type UsedFor = 'sign-in' | 'request' | 'code' | 'token' | (string & {});
/** `hour`: epoch ms at which the hour of the last use began */
export type ClientUse = { client: string; of: UsedFor; hour: number };

export type ClientUses = {
  /** Raises each to that hour. A later one that is stored stays. */
  note(uses: readonly ClientUse[]): Promise<void>;
  /** all that is known of these clients, in no order; `clients`: at most 500 */
  of(clients: readonly string[]): Promise<ClientUse[]>;
};
