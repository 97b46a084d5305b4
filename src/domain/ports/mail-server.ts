/** The mail server by which emails leave, as it is configured. */
export type MailServer = {
  /** `smtp://host[:port]` (STARTTLS if offered), `smtps://…` (TLS from the start) or `terminal:` (printed, to try Pedel out) */
  url: string;
  /** e.g. `"ICTS Helpdesk" <helpdesk@icts.kuleuven.be>` */
  from: string;
  user?: string;
  password?: string;
  /** STARTTLS or no email. Default: true if there is a user and the host is another machine. */
  requireTLS?: boolean;
  /** PEM of the operator's own certificate authority, in place of the public ones. */
  ca?: string;
  /** Greets the server (EHLO). Default: the name of this machine. */
  name?: string;
};
