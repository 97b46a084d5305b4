/**
 * A trial: an administrator signs in as an application would make him do, and reads what arrived. What is kept of it is
 * what he reads, sealed, until it is over.
 */
import type { JsonValue } from '../../json-value.ts';
import type { DeclineReason } from '../../sign-in/reason.ts';
import type { Given, Release, Withheld } from '../release/release.ts';

/** The page of ours at which a trial ends; `error` and `code` come as parameters. */
export const trialPath = '/admin/trial';

/** From its start to the last time that its outcome is shown. */
export const TRIAL_MS = 10 * 60_000;

/**
 * `session`: the `uid` of the session in which it was started, `account`: whose; `consented`: to the application, before.
 * Times in epoch ms.
 */
export type Trial = {
  client: string;
  session: string;
  account: string;
  consented: boolean;
  startedAt: number;
  expiresAt: number;
};

/** Where a claim arrived. */
export type TrialPlace = 'id_token' | 'userinfo';

/** A claim that arrived. Without a reason it is a fact of the sign-in itself, such as `acr`. */
export type Arrived = { claim: string; value: JsonValue; places: TrialPlace[]; reason?: Given };
/** A claim of the registration that did not, and why. */
export type NotArrived = { claim: string; reason: Withheld };

export type TrialOutcome =
  | {
      kind: 'arrived';
      arrived: Arrived[];
      notArrived: NotArrived[];
      /** members of the ID token that serve the protocol, by name only */
      protocol: string[];
      /** the scopes that were granted */
      scopes: string[];
    }
  /** the person broke it off, or may not use the application */
  | { kind: 'declined'; because: DeclineReason }
  /** `error` as in the protocol, and what its description says, bounded */
  | { kind: 'refused'; error: string; description: string };

/** What was decided where: noted when the tokens were made. */
export type Decided = { place: TrialPlace; decisions: readonly Release[] };
