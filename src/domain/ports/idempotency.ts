/** The port for acts that are carried out once, however often they are asked for (Idempotency-Key). */
import type { JsonValue } from '../json-value.ts';

/** What is answered again: never a secret. */
export type KeptAnswer = { status: number; headers: Record<string, string>; body: JsonValue };

export type Begun =
  /** this caller acts, and no other */
  | { kind: 'begun' }
  /** another request with this key is under way since `since` (epoch ms), or was and never ended */
  | { kind: 'running'; since: number }
  | { kind: 'done'; answer: KeptAnswer }
  /** the key came before with another request */
  | { kind: 'other' };

/** `key`: of one actor. `hash`: of the whole request. Each key is remembered for 24 hours. */
export type Idempotency = {
  /** of callers at once, one begins */
  begin(key: string, hash: string): Promise<Begun>;
  /** the act was done: this is its answer from now on */
  finish(key: string, hash: string, answer: KeptAnswer): Promise<void>;
  /** nothing was done: the key is free again */
  release(key: string): Promise<void>;
};

/** How long a key is remembered. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;
