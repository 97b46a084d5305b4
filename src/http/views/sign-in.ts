/** What the pages of a sign-in and of signing out are given. */
import type { RecoveryOffer } from '../../domain/factors/slow-recovery.ts';
import type { FactorForm } from './shared.ts';

export type SignInViews = {
  /** `start`: where to begin again; `account`: the sign-in to the account page, for want of it. */
  'sign-in/over': { application: string | undefined; start: string | undefined; account: string };

  /**
   * `seconds`: until it goes back to `path` by itself; `passkeyPath`: where a passkey need not wait; undefined: a password
   * was typed, and is to be again.
   */
  'sign-in/busy': { path: string; seconds: number; passkeyPath: string | undefined };
  'sign-in/consent': {
    application: string;
    /** Who is signed in, as a sentence; undefined if that session is gone. */
    who: string | undefined;
    /** Why the person is asked, before what the application receives. */
    what: string;
    asked: string[];
    /** The names of the claims that it names, which come back with the answer. */
    shown: string;
    /** For what the application needs it, in its own words and their language. */
    purpose: { text: string; language: string } | undefined;
    /** Whether the answer holds for the next time as well. */
    remembered: boolean;
    path: string;
    policyUri: string | undefined;
    tosUri: string | undefined;
  };
  /** `action` and `fields` are HTML; `application` undefined: it goes to us and signs out. */
  'sign-in/send-on': { action: string; fields: string[]; application: string | undefined };
  /** `ways`: of the factors that there still are. */
  /** `recovery`: whether a wait of some days is offered, and how it stands; `sentTo`: where its code went, masked. */
  'sign-in/lost-factor': {
    path: string;
    ways: FactorForm['way'][];
    typed: string;
    recovery: { offer: RecoveryOffer; sentTo: string | undefined };
  };
  /** `sentences`: why it is closed, and when it opens again where that is known. */
  'sign-in/ended': {
    incident: string;
    sentences: string[];
    suspended: boolean;
    application: string;
    path: string;
  };
  /** `outcome`: whether the link was mailed; undefined: nobody asked for it yet. */
  'sign-in/new-password': {
    outcome: 'yes' | 'no' | undefined;
    lifeSeconds: number;
    application: string;
    path: string;
  };
  'sign-in/refused': {
    incident: string;
    application: string;
    path: string;
    /** Whom it is open to, each in some words. */
    openTo: string[];
    /** What a registration has to do with it, as a sentence. */
    dated: string | undefined;
    /** Who is signed in, as a sentence; undefined: nobody wholly is. */
    who: string | undefined;
    /** As what the person is registered today. */
    registrations: string[];
    contacts: string[];
  };
  /** `lead`: for which application, and why. */
  'sign-in/factor': FactorForm & {
    person: string;
    lead: string;
    /** For how many days this browser may be trusted; undefined: it may not. */
    trustDays: number | undefined;
  };
  'sign-in/password': {
    path: string;
    login: string;
    /** JSON for the browser. */
    options: string;
    refusedPasskey: boolean;
  };

  /** `form`: complete except for its button; its id is `op.logoutForm`. */
  'logout/confirm': { form: string; application: string | undefined };
  'logout/done': { application: string | undefined; clientUri: string | undefined };
};
