/** Whoever sends a message, and which of three things became of it. */

export type Message = {
  to: string;
  replyTo?: string;
  subject: string;
  text: string;
  html: string;
  /** with its angle brackets; the same for every attempt at one letter */
  messageId: string;
  /** BCP 47 */
  language: string;
};

export type Delivery =
  | { kind: 'delivered'; response: string }
  /** worth trying again; `receiverDown`: it is the server or the way to it, so others would fare no better */
  | { kind: 'later'; error: string; receiverDown: boolean }
  /** this recipient or message is refused for good (5xx) */
  | { kind: 'never'; error: string };

export type Mailer = {
  /** for logs: never with credentials */
  name: string;
  /**
   * `stillOurs`: asked once more when all of the message but its last line has been handed over. Where it says no, that
   * line is never sent, and a server takes nothing without it (RFC 5321, 4.1.1.4).
   */
  send(message: Message, how?: { signal?: AbortSignal; stillOurs?: () => boolean }): Promise<Delivery>;
  /** Closes every connection, busy ones too. */
  close(): void;
};
