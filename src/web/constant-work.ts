/** Constant work: an answer takes the same time with and without an account, so timing reveals nothing (rule 1). */
import type { Account, Decision } from '../domain/account/account.ts';
import type { Web } from './web.ts';

const MINUTE_MS = 60_000;
/**
 * Answers leave at a multiple of this time. The work differs by fractions of a millisecond (an email is sealed, an
 * account is written instead of a counter), and 200 tries on a quiet machine can measure that. A person does not
 * notice this delay.
 */
const BEAT_MS = 100;

/**
 * Applies the rule to the account and dispatches its effects. Without an account, or if the rule changes nothing, does
 * equal work instead: one read and one durable write. Either way the answer takes a multiple of `BEAT_MS`.
 * @returns the rule's outcome; undefined without an account
 * @throws what `web.update` throws
 */
export async function updateOrPretend<Outcome>(
  web: Web,
  account: Account | undefined,
  rule: (account: Account) => Decision<Outcome>,
): Promise<Outcome | undefined> {
  const startedAt = web.now();
  const outcome = await update(web, account, rule);
  const pastBeat = Math.max(0, web.now() - startedAt) % BEAT_MS;
  await new Promise((resolve) => setTimeout(resolve, BEAT_MS - pastBeat));
  return outcome;
}

async function update<Outcome>(
  web: Web,
  account: Account | undefined,
  rule: (account: Account) => Decision<Outcome>,
): Promise<Outcome | undefined> {
  if (account !== undefined) {
    const { outcome, changed } = await web.update(account.id, rule);
    if (!changed) await write(web);
    return outcome;
  }
  await web.accounts.findById('nobody');
  await write(web);
  return undefined;
}

async function write(web: Web): Promise<void> {
  const now = web.now();
  await web.attempts.take('nobody', now + MINUTE_MS, now);
}
