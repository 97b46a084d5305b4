/** A watch: for a quarter of an hour each step of an application's sign-ins is kept, for whoever looks for a fault. */
import type { Refusal } from '../refusals/refusal.ts';

export const WATCH_MS = 15 * 60_000;
/** How long its steps can still be read after its end. */
export const WATCH_READ_MS = 60 * 60_000;
/** Steps of one application that one node keeps of a few seconds; further ones are not told. */
export const MOST_STEPS_AT_ONCE = 40;

/** `by`: the id of who began it. Times in epoch ms. */
export type Watch = { client: string; startedAt: number; endsAt: number; by: string };

/** What the person was asked before the request goes on. */
export type AskedFor = 'password' | 'second-factor' | 'consent' | 'refused';

/** What happened. No step tells who the person is, and none has a secret, code or token. */
export type WatchStep = { at: number } & Happened;
type Happened =
  /** the browser came with a request; `pushed`: the application sent it beforehand (RFC 9126) */
  | { kind: 'request'; scopes: string[]; pushed?: true }
  | { kind: 'asked'; step: AskedFor }
  | { kind: 'signed-in' }
  | { kind: 'consented' }
  | { kind: 'code-issued' }
  /** the browser went back with an error that is nobody's fault, such as `login_required` */
  | { kind: 'answered'; error: string }
  /** the token endpoint gave what was asked; `grant`: the grant type */
  | { kind: 'tokens'; grant: string }
  | { kind: 'userinfo' }
  | { kind: 'signed-out' }
  /** as under Problems */
  | { kind: 'refused'; refusal: Refusal; incident?: string };

/** `full`: there was no room for further steps. */
export type WatchSteps = { steps: WatchStep[]; full: boolean };

export const isWatching = ({ startedAt, endsAt }: Watch, at: number): boolean => startedAt <= at && at < endsAt;
