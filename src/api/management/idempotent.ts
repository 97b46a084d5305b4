/** An act under an Idempotency-Key is carried out once in 24 hours; a repetition is answered as the first was, without secrets. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Idempotency, KeptAnswer } from '../../domain/ports/idempotency.ts';
import { Problem } from '../../domain/problem.ts';
import type { Actor } from '../../use-cases/actor.ts';
import type { Operation } from './operation.ts';
import { Refused } from './problem.ts';

/** Longer than any act takes: what is still under way then was cut off. */
const CUT_OFF_MS = 60_000;

type Done = { status: number; headers: Record<string, string>; body?: unknown };
export type Keyed = { key: string; actor: Pick<Actor, 'id'>; request: string; body: unknown; wanted: Operation };

/** @throws Refused `idempotency-…`, `malformed`, and what `act` throws */
export async function once(
  { idempotency, now }: { idempotency: Idempotency; now: () => number },
  { key, actor, request, body, wanted }: Keyed,
  act: () => Promise<Done>,
): Promise<Done> {
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    const remedy = 'give 1 to 200 visible ASCII characters, such as a UUID';
    const error = { parameter: 'Idempotency-Key', code: 'malformed', detail: 'it is no key', remedy };
    throw new Refused('malformed', { errors: [error] });
  }
  const place = `${actor.id} ${key}`; // a client_id has no space
  const hash = createHash('sha256')
    .update(`${request}\n${canonicalJson(body ?? null)}`)
    .digest('base64url');
  const begun = await idempotency.begin(place, hash);
  if (begun.kind === 'other') throw new Refused('idempotency-reused');
  if (begun.kind === 'running')
    throw now() - begun.since < CUT_OFF_MS
      ? new Refused('idempotency-running', { headers: { 'Retry-After': '2' } })
      : new Refused('idempotency-unknown');
  if (begun.kind === 'done')
    return { ...begun.answer, headers: { ...begun.answer.headers, 'Idempotency-Replayed': 'true' } };
  const done = await act().catch(async (error: unknown) => {
    // nothing was done where it was refused; after a failure nobody knows
    if (
      error instanceof Refused ||
      (error instanceof Problem && ['busy', 'too_many', 'lost_race'].includes(error.code))
    )
      await idempotency.release(place);
    throw error;
  });
  await idempotency.finish(place, hash, kept(done, wanted));
  return done;
}

function kept({ status, headers, body }: Done, { secrets = [] }: Operation): KeptAnswer {
  const shown = Object.entries((body ?? {}) as Record<string, JsonValue>).filter(([name]) => !secrets.includes(name));
  return { status, headers, body: body === undefined ? null : Object.fromEntries(shown) };
}
