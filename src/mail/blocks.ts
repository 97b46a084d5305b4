/** What an email consists of, before it is rendered as text and as HTML. */
export type Block =
  | { kind: 'paragraph'; text: string }
  /** A code or number, in large type. */
  | { kind: 'large'; label: string; value: string }
  /** The full URL is always shown. `main`: the purpose of the email. */
  | { kind: 'link'; label: string; url: string; main: boolean };

export type Content = { subject: string; blocks: Block[] };
