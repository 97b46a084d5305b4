/** Judges a new password from a form: what is wrong with it, why, and what would help (rule 5). */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey, Translate } from '../../locales/index.ts';
import type { Account } from '../domain/account/account.ts';
import { ownWords } from '../domain/passwords/change-password.ts';
import { judgePassword, minimumLength, type PasswordVerdict } from '../domain/passwords/password.ts';
import { readForm, text } from '../http/form.ts';
import { faultAt, type PageFault, type Pages } from '../http/page.ts';

export const newPasswordFields = { password: text(4096), password_again: text(4096) };

/** What a page shows about a judged password. Without `error` it can be set. */
export type Judged = Partial<PageFault> & {
  /** Score from 0 to 4 and its word; absent if nothing was typed. */
  strength?: { score: number; word: string };
  /** Sentences: why it is weak and what would help. */
  advice: string[];
};

/** The account that the password is for. */
export type PasswordOwner = { account: Account; secondFactorRequired: boolean };

/** The minimum length of a password, in characters: lower if a second factor is required (rule 5). */
export function minimumFor({ secondFactorRequired }: PasswordOwner): number {
  return minimumLength(secondFactorRequired);
}

/** Judges a password that was sent in a form. */
export function judgeNewPassword(
  t: Translate,
  owner: PasswordOwner,
  typed: { password: string; password_again: string },
): Judged {
  if (typed.password === '') {
    return { ...faultAt('password', t('activation.password_missing'), t('pages.field_empty')), advice: [] };
  }
  const judged = judgeTyping(t, owner, typed.password);
  if (judged.error !== undefined || typed.password === typed.password_again) return judged;
  const [sentence, beside] = [t('activation.password_differs'), t('activation.password_differs_field')];
  return { ...judged, ...faultAt('password_again', sentence, beside) };
}

/**
 * Answers POST `…/check`: the judgement of a password while it is typed. Only an `owner`, who may set a password, gets
 * it.
 */
export async function answerTyping(
  ctx: Koa.Context,
  pages: Pages,
  findOwner: () => Promise<PasswordOwner | undefined>,
): Promise<void> {
  const { password } = await readForm(ctx, z.object({ password: text(4096) }));
  const owner = await findOwner();
  ctx.set('Cache-Control', 'no-store');
  ctx.status = owner === undefined ? 403 : 200;
  ctx.body = owner === undefined ? {} : judgeTyping(pages.t(ctx), owner, password);
}

/** The same for a password that is still being typed. */
function judgeTyping(t: Translate, { account, secondFactorRequired }: PasswordOwner, password: string): Judged {
  const verdict = judgePassword(password, { secondFactorRequired, words: ownWords(account) });
  // The score is zxcvbn's. A password that another rule refuses must not look strong.
  const score = verdict.ok ? verdict.score : Math.min(verdict.score, verdict.reason === 'too_short' ? 2 : 1);
  const strength = { score, word: t(`activation.strength_${score}` as MessageKey) };
  if (verdict.ok) return { strength, advice: [] };
  const { reason, minimum } = verdict;
  const [sentence, beside] = [`activation.password_${reason}`, `activation.password_${reason}_field`] as const;
  return {
    ...faultAt('password', t(sentence, { minimum }), t(beside, { minimum })),
    strength,
    advice: adviceOn(t, verdict),
  };
}

function adviceOn(t: Translate, verdict: Extract<PasswordVerdict, { ok: false }>): string[] {
  if (verdict.reason === 'too_long') return [];
  const guessable = verdict.score < 3;
  // Weak despite its score: without the person's own words, little of it remains.
  const warning = verdict.warning ?? (verdict.reason === 'guessable' && !guessable ? 'userInputs' : undefined);
  const suggestions = guessable ? verdict.suggestions : ['anotherWord'];
  return [
    ...(warning === undefined ? [] : [t(`activation.warning_${warning}` as MessageKey)]),
    ...suggestions.map((suggestion) => t(`activation.suggestion_${suggestion}` as MessageKey)),
  ];
}
