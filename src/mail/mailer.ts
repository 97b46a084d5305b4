/** The interface of a mailer, and the three results of an attempt to send. */

export type Message = {
  to: string;
  replyTo?: string;
  subject: string;
  text: string;
  html: string;
  /** With angle brackets; the same for every attempt to send one email. */
  messageId: string;
  /** A BCP 47 tag. */
  language: string;
};

export type Delivery =
  | { kind: 'delivered'; response: string }
  /** Another attempt may work. `receiverDown`: the server or the connection failed, so other emails would fail too. */
  | { kind: 'later'; error: string; receiverDown: boolean }
  /** This recipient or message is refused for good (5xx). */
  | { kind: 'never'; error: string };

export type Mailer = {
  /** For logs; never contains credentials. */
  name: string;
  /**
   * Sends one message. `stillOurs` is asked once more when all but the last line has been sent. If it says no, that
   * line is never sent, and without it a server accepts nothing (RFC 5321, 4.1.1.4).
   */
  send(message: Message, how?: { signal?: AbortSignal; stillOurs?: () => boolean }): Promise<Delivery>;
  /** Connects, encrypts and signs in as for an email, and sends none. `error` as of `send`. */
  check(): Promise<Delivery>;
  /** Closes every connection, including busy ones. */
  close(): void;
};
