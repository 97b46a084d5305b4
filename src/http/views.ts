/**
 * What each page's view is given: file in views/ -> its data. What every view has besides is told in page.ts. A member
 * that may be missing is `| undefined` and not optional, so that one misspelt where a page is shown does not compile.
 */
import type { Account } from '../domain/account/account.ts';
import type { Localized, languages } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import type { Factor } from '../domain/factors/factor.ts';
import type { ErrorReason } from './http-error.ts';

/** Beside the member `error`, which every view may have. */
type Nothing = Record<never, never>;

/** A password that was just judged, for `activate/meter`. */
type Meter = {
  /** 0 to 4 with its word; absent before the first try */
  strength?: { score: number; word: string };
  /** on the password just refused: sentences */
  advice: string[];
};

/** For the partial `factor`. */
type FactorForm = {
  path: string;
  way: 'code' | 'passkey' | 'recovery';
  others: FactorForm['way'][];
  typed: string;
  /** of the passkey question: JSON for the browser */
  options: string | undefined;
};

/** For `activate/where-to`. */
type WhereTo = { applications: { name: Localized; uri: string }[] };

/** A page that a mailed link opens. */
type Link = {
  token: string;
  number: string;
  givenName: string;
  fullName: string;
  /** whether a second step comes after it */
  factor: boolean;
};

/** A step of an enrolment, which several flows embed. `later`: whether it may be put off */
type Step = { path: string; later: boolean };

export type Views = {
  'account/factors': {
    /** oldest first */
    factors: Factor[];
    mayAdd: boolean;
    maxName: number;
    required: boolean;
    codesLeft: number;
    codesAt: number | undefined;
    /** what was just done, as a sentence */
    done: string | undefined;
  };
  'account/overview': {
    account: Account;
    /** a calendar day (`YYYY-MM-DD`) as an element */
    day: (date: string) => string;
    affiliations: { organisation: string; role: string; from: string | undefined; until: string | undefined }[];
    /** undefined where no end is known */
    end: { lastAt: number; soon: boolean } | undefined;
    /** why it ends, as a sentence */
    why: string | undefined;
    /** how many */
    factors: number;
    languages: typeof languages;
    done: string | undefined;
  };
  'account/password': Meter & { username: string | undefined; setAt: number | undefined; minimum: number };
  'account/recovery-codes': {
    /** how many */
    left: number;
    /** undefined = never */
    madeAt: number | undefined;
  };
  /** `last`: the only one; `locked`: and one is required */
  'account/remove-factor': { factor: Factor; last: boolean; locked: boolean };

  'activate/active': { number: string; signIn: string };
  'activate/code': { number: string; typed: string };
  /** `waited`: a form was filled in meanwhile */
  'activate/dead': { number: string | undefined; signIn: string; waited: boolean };
  'activate/done': WhereTo & { number: string; hasAddress: boolean };
  'activate/email': { number: string; typed: string };
  'activate/ended': Nothing;
  'activate/link': Link & { until: number | undefined };
  'activate/number': { typed: string };
  /** `waiting`: another one waits for the second step already */
  'activate/password': Meter & {
    path: string;
    number: string;
    minimum: number;
    buttonLabel: string;
    waiting: boolean;
  };
  'activate/too-many': Nothing;
  'activate/unknown': { number: string; writeTo: { name: Localized; email: string }[] };

  'enrolment/choose': Step;
  'enrolment/codes': Step & {
    /** ten */
    codes: string[];
    /** for the sheet that is printed */
    whose: string;
    /** `data:` URL */
    download: string;
    fileName: string;
  };
  /** `options`: JSON for the browser */
  'enrolment/passkey': Step & { options: string };
  /** `address`: masked; undefined = none on file */
  'enrolment/send-code': Step & { address: string | undefined };
  /** `key`: in groups of four; `qr`: an SVG element of ours */
  'enrolment/totp': Step & { uri: string; key: string; qr: string };
  'enrolment/verify': Step & { address: string | undefined; typed: string };

  /** `again`: how the same is asked once more */
  'errors/page': {
    sentence: string;
    reason: ErrorReason;
    again: { href?: string; sent: boolean };
    incident: string | undefined;
  };
  /** `fault` and `description`: in English, for who runs the application */
  'errors/protocol': { fault: string; description: string | undefined; incident: string | undefined };

  /** `login`: as typed */
  'forgotten/ask': { login: string; signIn: string };
  'forgotten/dead': { signIn: string; waited: boolean };
  'forgotten/done': WhereTo;
  'forgotten/factor': FactorForm & { number: string };
  'forgotten/link': Link;
  'forgotten/sent': Nothing;

  'home/page': { organisations: Organisation[]; openContacts: true };

  'interaction/consent': {
    application: string;
    /** who is signed in, as a sentence; undefined = no longer */
    who: string | undefined;
    asked: string[];
    path: string;
    policyUri: string | undefined;
    tosUri: string | undefined;
  };
  'interaction/ended': { endsAt: number | undefined; application: string; path: string };
  'interaction/factor': FactorForm & { person: string; application: string };
  'interaction/password': {
    path: string;
    login: string;
    /** JSON for the browser */
    options: string;
    refusedPasskey: boolean;
  };

  /** `form`: complete but for its button, with the id `op.logoutForm` */
  'logout/confirm': { form: string; application: string | undefined };
  'logout/done': { application: string | undefined; clientUri: string | undefined };
};
