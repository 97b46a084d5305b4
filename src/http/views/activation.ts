/** What the pages are given on which accounts are activated, recovered and get a second factor. */
import type { Localized } from '../../domain/account/languages.ts';
import type { ApplicationLink } from '../../domain/clients/client-links.ts';
import type { FactorForm, Meter, Nothing } from './shared.ts';

/** For `activation/where-to`. */
type WhereTo = { applications: ApplicationLink[] };

/** A page that opens from a mailed link. */
type Link = {
  token: string;
  number: string;
  givenName: string;
  fullName: string;
  /** Whether a second factor follows. */
  factor: boolean;
};

/** A step of an enrolment, which several flows embed. `later`: whether the person may postpone it. */
type Step = { path: string; later: boolean };

export type ActivationViews = {
  'activation/active': { number: string; signIn: string };
  /** `lifeSeconds`: for how long the mailed code works. */
  'activation/code': { number: string; typed: string; lifeSeconds: number };
  /** `waited`: the person filled in a form that arrived too late. `token`: of the link, if it says whose it was. */
  'activation/dead': { token: string | undefined; number: string | undefined; signIn: string; waited: boolean };
  'activation/done': WhereTo & { number: string; hasAddress: boolean };
  'activation/email': { number: string; typed: string };
  /** `from`: epoch ms at which it opens; undefined: it has ended for good. */
  /** `sentences`: why it is closed, and what to do. */
  'activation/ended': { sentences: string[] };
  'activation/link': Link & { until: number | undefined };
  'activation/number': { typed: string };
  /** A password already waits for the second factor: `waiting`, typed in this browser; `elsewhere`, in another. */
  'activation/password': Meter & {
    path: string;
    number: string;
    minimum: number;
    buttonLabel: string;
    waiting: boolean;
    elsewhere: boolean;
  };
  'activation/too-many': Nothing;
  'activation/unknown': { number: string; writeTo: { name: Localized; email: string }[] };

  'enrolment/choose': Step;
  'enrolment/codes': Step & {
    /** Ten. */
    codes: string[];
    /** For the printed sheet. */
    whose: string;
    /** A `data:` URL. */
    download: string;
    fileName: string;
  };
  /** `options`: JSON for the browser. */
  'enrolment/passkey': Step & { options: string };
  /** `address`: masked; undefined if there is none. */
  'enrolment/send-code': Step & { address: string | undefined };
  /** `key`: in groups of four. `qr`: an SVG element that we made. */
  'enrolment/totp': Step & { uri: string; key: string; qr: string };
  'enrolment/verify': Step & { address: string | undefined; typed: string };

  /** `login`: as typed. */
  'recovery/ask': { login: string; signIn: string };
  /** `lifeSeconds`: for how long a mailed link works. */
  'recovery/dead': { signIn: string; waited: boolean; lifeSeconds: number };
  'recovery/done': WhereTo;
  'recovery/factor': FactorForm & { number: string };
  'recovery/link': Link;
  /** Times in epoch ms. */
  'recovery/stop': { token: string; number: string; since: number; until: number };
  'recovery/stop-dead': Nothing;
  'recovery/stopped': Nothing;
  'recovery/sent': { lifeSeconds: number };

  'first-owner/dead': { signIn: string };
  'first-owner/form': { typed: { key: string; givenName: string; familyName: string; address: string } };
};
