/** What an account keeps of browsers: where its person signed in, what is trusted, what waits for its second step. */

/**
 * A browser in which the second step was taken and is not asked for some days (../sign-in/trusted-browser.ts). `hash`: of the
 * token in its cookie, SHA-256 in hex; `agent`: what it calls itself; times in epoch ms.
 */
export type TrustedBrowser = {
  id: string;
  hash: string;
  /** `credentialsEpoch` when it was trusted; a higher one ends that */
  epoch: number;
  since: number;
  usedAt?: number;
  agent?: string;
};

/** A browser in which the person signed in (browsers.ts). Times in epoch ms. */
export type SeenBrowser = {
  /** known by its cookie; the same for all epochs */
  id: string;
  /** "Chrome", "Windows"; absent: it does not say */
  name?: string;
  system?: string;
  handheld?: true;
  /** the configured name of the network of its last sign-in, where it has one */
  network?: string;
  firstAt: number;
  lastAt: number;
  /** its owner said that it was somebody else's; it has not signed in since */
  disownedAt?: number;
};

/** The right password was typed in a browser that the account had not seen (../sign-in/halfway.ts). */
export type HalfwaySignIn = Pick<SeenBrowser, 'name' | 'system' | 'network'> & {
  /** its id, as `SeenBrowser.id` */
  browser: string;
  /** the address of its network */
  address: string;
  /** epoch ms of the first time */
  at: number;
};
