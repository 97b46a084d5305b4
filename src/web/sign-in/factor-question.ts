/**
 * Asks for a second factor and reads the answer: by which method, what it proves, and the sentence for an answer that
 * proves nothing.
 */
import type { Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { matchRecoveryCode } from '../../domain/factors/recovery-code.ts';
import { matchTotp } from '../../domain/factors/totp.ts';
import type { Evidence } from '../../domain/sign-in/sign-in.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import type { Web } from '../web.ts';
import { askPasskey } from './passkey-question.ts';

export type Way = 'code' | 'passkey' | 'recovery';

/** The data of the partial `factor`, and the challenge to keep. */
export type FactorQuestion = {
  data: { way: Way; others: Way[]; options: string | undefined; digits: number };
  challenge: string | undefined;
};

/** Asks by the wished method if the account has it, else by its first. A pending challenge is kept. */
export async function askFactor(
  web: Web,
  account: Account,
  wished: unknown,
  challenge: string | undefined,
): Promise<FactorQuestion> {
  const ways = waysOf(account);
  const way = ways.find((each) => each === wished) ?? ways[0] ?? 'code';
  const passkey = way === 'passkey' ? askPasskey(web, account, challenge) : undefined;
  const others = ways.filter((each) => each !== way);
  const digits = Math.max(6, ...account.totps.map((totp) => totp.digits ?? 6));
  return { data: { way, others, options: passkey?.options, digits }, challenge: passkey?.challenge ?? challenge };
}

/** The methods of this account, the last used first. A recovery code is never first. */
export function waysOf(account: Account): Way[] {
  const lastUse = (factors: { lastUsedAt?: number; createdAt: number }[]) =>
    Math.max(0, ...factors.map(({ lastUsedAt, createdAt }) => lastUsedAt ?? createdAt));
  const ways: Way[] = [];
  if (account.totps.length > 0) ways.push('code');
  if (account.passkeys.length > 0) ways.push('passkey');
  if (lastUse(account.passkeys) > lastUse(account.totps)) ways.reverse();
  if ((account.recoveryCodes?.macs.length ?? 0) > 0) ways.push('recovery');
  return ways;
}

/** One field takes both: six or eight digits are a TOTP code, anything longer a recovery code. Marks nothing as used. */
export function evidenceOf(web: Pick<Web, 'sealer' | 'now'>, account: Account, typed: string): Evidence | undefined {
  for (const { id, sealedSeed, ...settings } of account.totps) {
    // 0 instead of the last step: the write that spends the code finds and reports a repeated one.
    const step = matchTotp(web.sealer.open(sealedSeed, account.id, 'totp'), typed, 0, web.now(), settings);
    if (step !== undefined) return { kind: 'totp', factorId: id, step };
  }
  const mac = matchRecoveryCode(account, typed, web.sealer);
  return mac === undefined ? undefined : { kind: 'recovery-code', mac };
}

/** The fault, with a few words beside the field about what to do now. A passkey has no field. */
export function factorFault(t: Translate, refused: 'wrong' | 'used' | 'passkey', way: Way): PageFault {
  if (refused === 'passkey') return { error: t('signIn.passkey_refused'), errors: {} };
  if (way === 'passkey') return { error: t(`signIn.code_${refused}`), errors: {} }; // that method was removed
  return faultAt('code', t(`signIn.${way}_${refused}`), t(`signIn.${way}_${refused}_field`));
}
