/** The question for a second factor, wherever it is asked: by which way, what an answer proves, what to say of one that proves nothing. */
import type { Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { matchRecoveryCode } from '../../domain/factors/recovery-code.ts';
import { matchTotp } from '../../domain/factors/totp.ts';
import type { Evidence } from '../../domain/sign-in/sign-in.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import type { Web } from '../web.ts';
import { askPasskey } from './passkey-question.ts';

export type Way = 'code' | 'passkey' | 'recovery';

/** What the partial `factor` shows, and the passkey question that is under way after it. */
export type FactorQuestion = {
  data: { way: Way; others: Way[]; options: string | undefined };
  challenge: string | undefined;
};

/** By the way that is wished where the account has it, else by its first; a passkey question under way is asked again. */
export async function askFactor(
  web: Web,
  account: Account,
  wished: unknown,
  challenge: string | undefined,
): Promise<FactorQuestion> {
  const ways = waysOf(account);
  const way = ways.find((each) => each === wished) ?? ways[0] ?? 'code';
  const passkey = way === 'passkey' ? await askPasskey(web, account, challenge) : undefined;
  const others = ways.filter((each) => each !== way);
  return { data: { way, others, options: passkey?.options }, challenge: passkey?.challenge ?? challenge };
}

/** The ways this account has, the one used last first; a recovery code is never the first. */
function waysOf(account: Account): Way[] {
  const lastUse = (factors: { lastUsedAt?: number; createdAt: number }[]) =>
    Math.max(0, ...factors.map(({ lastUsedAt, createdAt }) => lastUsedAt ?? createdAt));
  const ways: Way[] = [];
  if (account.totps.length > 0) ways.push('code');
  if (account.passkeys.length > 0) ways.push('passkey');
  if (lastUse(account.passkeys) > lastUse(account.totps)) ways.reverse();
  if ((account.recoveryCodes?.macs.length ?? 0) > 0) ways.push('recovery');
  return ways;
}

/** One field takes both: six digits are the application's, ten letters a recovery code. Nothing is spent yet. */
export function evidenceOf(web: Pick<Web, 'sealer' | 'now'>, account: Account, typed: string): Evidence | undefined {
  for (const { id, sealedSeed } of account.totps) {
    // 0 instead of the last step: that a code was used before is found, and said, by the write that spends it
    const step = matchTotp(web.sealer.open(sealedSeed, account.id, 'totp'), typed, 0, web.now());
    if (step !== undefined) return { kind: 'totp', factorId: id, step };
  }
  const mac = matchRecoveryCode(account, typed, web.sealer);
  return mac === undefined ? undefined : { kind: 'recovery-code', mac };
}

/** What was wrong, and beside the field what to do now; a passkey has no field. */
export function factorFault(t: Translate, refused: 'wrong' | 'used' | 'passkey', way: Way): PageFault {
  if (refused === 'passkey') return { error: t('signIn.passkey_refused'), errors: {} };
  if (way === 'passkey') return { error: t(`signIn.code_${refused}`), errors: {} }; // the way that was taken is gone
  return faultAt('code', t(`signIn.${way}_${refused}`), t(`signIn.${way}_${refused}_field`));
}
