/** Where an answer must not tell whether there is an account, the work behind it must not tell either (rule 1). */
import type { Account, Decision } from '../domain/account/account.ts';
import type { Web } from './web.ts';

const A_MINUTE = 60_000;
/**
 * Answers leave on the next beat. What is done differs by fractions of a millisecond (a letter is sealed, an account is
 * written rather than a counter), which 200 tries on a quiet machine tell apart; nobody who waits for a letter notices.
 */
const BEAT_MS = 100;

/**
 * Applies the rule to the account where there is one, and dispatches its effects. Where there is none, or the rule changed
 * nothing, the same is done for nobody: one read, one durable write. Either takes a whole number of beats.
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
  await web.attempts.take('nobody', now + A_MINUTE, now);
}
