/** What the account pages are given. */
import type { Account } from '../../domain/account/account.ts';
import type { languages } from '../../domain/account/languages.ts';
import type { ApplicationLink } from '../../domain/clients/client-links.ts';
import type { Factor } from '../../domain/factors/factor.ts';
import type { SlowRecovery } from '../../domain/factors/factor-records.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';
import type { IconName } from '../icons.ts';
import type { Meter, Nothing } from './shared.ts';

/** `words`: what it is, beside its name. */
type FactorShown = Factor & { words: string[] };

/** An application that knows something of the person, in the words of the page (use-cases/account/known-applications.ts). */
type Known = {
  id: string;
  name: string;
  logo?: ClientLogo;
  /** epoch ms */
  consentedAt?: number;
  signedIn: boolean;
  /** what it is told, one phrase each */
  told: string[];
  mayTakeBack: boolean;
};

/**
 * Something that happened to an account, in words. `at`: epoch ms; `tone`: it deserves a look; `name`: of the entry; `notMe`: where
 * its owner says that somebody else did it.
 */
type Happened = {
  what: string;
  line: string;
  icon: IconName;
  tone: 'warn' | undefined;
  name: string;
  at: number;
  time: string;
  notMe: string | undefined;
};

export type AccountViews = {
  'account/activity': {
    /** The newest first. */
    days: {
      day: string;
      rows: Happened[];
    }[];
    /** URLs; absent: this is the first page, or the last. */
    first: string | undefined;
    next: string | undefined;
    /** How many days it goes back. */
    length: number;
    done: string | undefined;
  };
  'account/applications': {
    links: (Omit<ApplicationLink, 'name'> & { name: string })[];
    applications: Known[];
    done: string | undefined;
  };
  'account/data': Nothing;
  'account/email': {
    current: string | undefined;
    /** Epoch ms until when no link or code goes there; undefined: they do. */
    currentHeld: number | undefined;
    typed: string;
    /** A change that waits for its confirmation; `until`: epoch ms. */
    underWay: { address: string; until: number } | undefined;
    /** A personal address that a feed gave, and who gave it; its owner confirms or refuses it. */
    proposed: { address: string; name: string } | undefined;
    /** Institution addresses to which no link or code goes yet, and until when (epoch ms). */
    held: { address: string; until: number }[];
    /** Where links go without the personal address; undefined: it cannot be removed. */
    instead: string | undefined;
    done: string | undefined;
  };
  'account/email-confirm': { token: string; address: string; current: string | undefined };
  'account/email-dead': Nothing;
  'account/email-not-yours': { name: string };
  'account/email-undo': { token: string; number: string; current: string | undefined; former: string | undefined };
  'account/email-undo-dead': Nothing;
  'account/email-undone': { signIn: string };
  'account/factors': {
    /** Oldest first. */
    factors: FactorShown[];
    mayAdd: boolean;
    maxName: number;
    required: boolean;
    codesLeft: number;
    codesAt: number | undefined;
    /** What was just done, as a sentence. */
    done: string | undefined;
  };
  'account/not-me': { row: Happened };
  /** `what` happened; `browser`: where it is known */
  'not-me/link': {
    token: string;
    at: number;
    what: string;
    browser: string | undefined;
    network: string | undefined;
  };
  'not-me/done': object;
  'not-me/dead': object;
  'account/overview': {
    account: Account;
    /** Renders a calendar day (`YYYY-MM-DD`) as an element. */
    day: (date: string) => string;
    affiliations: { organisation: string; role: string; from: string | undefined; until: string | undefined }[];
    /** When the account ends and why, in sentences; `soon`: it stands at the top. */
    end: { text: string; soon: boolean };
    /** A feed gave an address, about which the page of addresses asks. */
    /** A slow recovery of the second step that is under way. */
    recovery: SlowRecovery | undefined;
    unanswered: boolean;
    /** The one thing to do next. */
    advice: { urgent: boolean; title: string; line: string; verb: string; href: string } | undefined;
    /** Their names. */
    factors: string[];
    /** How many browsers are signed in, and of the last sign-in an element ("today 09:12") and the browser. */
    sessions: { count: number; when: string; where: string } | undefined;
    /** The first applications that the person may use, and how many more there are (0 or less: none). */
    links: (Omit<ApplicationLink, 'name'> & { name: string })[];
    moreLinks: number;
    languages: typeof languages;
    done: string | undefined;
  };
  'account/password': Meter & { username: string | undefined; setAt: number | undefined; minimum: number };
  'account/recovery-codes': {
    /** Their number. */
    left: number;
    /** Epoch ms; undefined = never. */
    madeAt: number | undefined;
  };
  'account/sessions': {
    /** this one first */
    sessions: {
      uid: string;
      here: boolean;
      /** "Chrome on Windows" */
      browser: string;
      handheld: boolean;
      /** the configured name of the network, if it has one */
      network: string | undefined;
      /** epoch ms */
      since: number;
      usedAt: number | undefined;
      /** names, separated by commas */
      applications: string;
    }[];
    /** Browsers that are not asked for the second step. */
    trusted: { id: string; browser: string; handheld: boolean; since: number; usedAt: number | undefined }[];
    /** an element: "today at 09:12" */
    moment: (epochMs: number) => string;
    done: string | undefined;
  };
  'account/take-back': { application: Known };
  /** `last`: it is the only factor. `locked`: it is the only one, and one is required. */
  'account/remove-factor': { factor: FactorShown; last: boolean; locked: boolean };
};
