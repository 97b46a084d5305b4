/** The limits by name: how many tries, in how many seconds, and which of them a configured network may change. */

/** Tries allowed in a window, and its length in seconds. The numbers suit a campus behind one address. */
export const limits = {
  /** one typed login from one network: enough for a person who forgot, too few for a list of passwords */
  passwordPerLoginAndNetwork: { tries: 10, windowSeconds: 15 * 60 },
  /** one typed login from all networks together: a distributed attack on one person */
  passwordPerLoginFromStrangers: { tries: 50, windowSeconds: 60 * 60 },
  /**
   * the same over all logins of an account (number, addresses): beyond it no password is right, and nothing tells, or
   * two logins that share a counter would be known to be one person's (rule 1)
   */
  passwordPerAccountAndNetwork: { tries: 20, windowSeconds: 15 * 60 },
  passwordPerAccountFromStrangers: { tries: 100, windowSeconds: 60 * 60 },
  /** one account in one known browser: its owner, independent of what strangers do */
  passwordInKnownBrowser: { tries: 20, windowSeconds: 15 * 60 },
  /** distinct logins with a wrong password, known or not, in one browser */
  loginsFailedPerBrowser: { tries: 100, windowSeconds: 60 * 60 },
  /**
   * the same from one network: beyond it its tries wait behind those of others and are told to come back, but a right
   * password opens
   */
  loginsFailedPerNetwork: { tries: 300, windowSeconds: 60 * 60 },
  /** logins of accounts with a wrong password from one network: against one password tried on everybody */
  accountsFailedPerNetwork: { tries: 300, windowSeconds: 60 * 60 },
  /** wrong second-factor codes of one account over all networks and browsers; a known browser may go on (rule 3) */
  factorPerAccount: { tries: 20, windowSeconds: 24 * 60 * 60 },
  factorInKnownBrowser: { tries: 10, windowSeconds: 15 * 60 },
  /** the same over a day, because a thief of the password may have the browser, or a copy of its cookie */
  factorInKnownBrowserPerDay: { tries: 50, windowSeconds: 24 * 60 * 60 },
  /** all known browsers of an account together: two of them, so that one stolen browser does not use up the others */
  factorInAllKnownBrowsers: { tries: 100, windowSeconds: 24 * 60 * 60 },
  /** user numbers tried at /activate: against collecting which ones exist */
  numbersPerNetwork: { tries: 100, windowSeconds: 60 * 60 },
  /** codes and links asked for by mail */
  mailsPerAccount: { tries: 5, windowSeconds: 60 * 60 },
  mailsPerNetwork: { tries: 60, windowSeconds: 60 * 60 },
  /**
   * megabytes of sign-ins that people who are not signed in begin (src/oidc/records/stored-for-strangers.ts). A waiting sign-in is
   * about a kilobyte, so a campus behind one address may begin some twenty thousand. Of large requests one address stores 32
   * MB an hour on each node, of all 96 MB, of which a third is there at a time.
   */
  megabytesBegunPerNetwork: { tries: 24, windowSeconds: 15 * 60 },
  /** copies of all data of one account: each reads all that is stored of the person */
  dataPerAccount: { tries: 5, windowSeconds: 24 * 60 * 60 },
  /** short codes tried from one network, beside the ten tries of each code */
  codesPerNetwork: { tries: 100, windowSeconds: 60 * 60 },
  /** wrong codes of devices in one browser that signed in before */
  deviceCodesInKnownBrowser: { tries: 20, windowSeconds: 15 * 60 },
  /** wrong answers about one person that the service desk checks, and those of one agent: a birth date is soon guessed */
  identityPerPerson: { tries: 5, windowSeconds: 60 * 60 },
  identityPerAgent: { tries: 30, windowSeconds: 60 * 60 },
  /** incident numbers that one agent typed and that stand for nothing the agent may see */
  incidentsPerAgent: { tries: 60, windowSeconds: 60 * 60 },
  /** new passwords judged for one account: a page asks for one each time that somebody who types pauses */
  judgementsPerAccount: { tries: 200, windowSeconds: 15 * 60 },
  /** those while typing only, so that a hall full of new students can set theirs in any case */
  judgementsPerNetwork: { tries: 3000, windowSeconds: 15 * 60 },
} as const;

export type Limit = keyof typeof limits;

/** The limits that count by network; a configured network may have numbers of its own for them. */
export const networkLimits = [
  'passwordPerLoginAndNetwork',
  'loginsFailedPerNetwork',
  'accountsFailedPerNetwork',
  'numbersPerNetwork',
  'mailsPerNetwork',
  'codesPerNetwork',
  'judgementsPerNetwork',
  'megabytesBegunPerNetwork',
] as const satisfies Limit[];

export type NetworkLimit = (typeof networkLimits)[number];

/** Where a request comes from, as limits count it. */
export type LimitedNetwork = {
  /**
   * What is counted, narrowest first: an IPv4 address, or the /64, /56 and /48 of an IPv6 address. A household or a
   * server has one of these, not one address; each wider one is allowed twice as much as the one before.
   */
  groups: readonly string[];
  /** the configured network (a campus, eduroam); absent: none of them */
  name?: string;
  /** its own tries per window */
  limits?: Readonly<Partial<Record<NetworkLimit, number>>>;
};

/** The tries that a limit allows the network's group at this place of `groups`. */
export function triesOf(limit: NetworkLimit, network: LimitedNetwork, place: number): number {
  return (network.limits?.[limit] ?? limits[limit].tries) * 2 ** place;
}
