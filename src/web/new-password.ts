/** Judges a new password from a form: what is wrong with it, why, and what would help (rule 5). */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey, Translate } from '../../locales/index.ts';
import type { Account } from '../domain/account/account.ts';
import { ownWords } from '../domain/passwords/change-password.ts';
import { minimumLength, normalizePassword, type PasswordVerdict } from '../domain/passwords/password.ts';
import { counterOf, countersOf, givenBackUnlessJudged, takeAll } from '../domain/rate-limits/rate-limits.ts';
import { durationIn } from '../http/duration.ts';
import { readForm, text } from '../http/form.ts';
import { languageOf, preferLanguage, speakAsPage } from '../http/language.ts';
import { faultAt, type PageFault } from '../http/page.ts';
import type { Web } from './web.ts';

export const newPasswordFields = { password: text(4096), password_again: text(4096) };
/** `language`: of the page; `current_password`: where the page asks for it. */
const typingShape = z.object({ password: text(4096), current_password: text(4096), language: text(20) });

/** What a page shows about a judged password. Without `error` it can be set. */
export type Judged = Partial<PageFault> & {
  /** Score from 0 to 4 and its word; absent if nothing was typed. */
  strength?: { score: number; word: string };
  /** Sentences: why it is weak and what would help. */
  advice: string[];
  /** Of the answer, where it is not the usual one. */
  status?: number;
};

/** The account that the password is for. */
export type PasswordOwner = { account: Account; secondFactorRequired: boolean };

/** The minimum length of a password, in characters: lower if a second factor is required (rule 5). */
export function minimumFor({ secondFactorRequired }: PasswordOwner): number {
  return minimumLength(secondFactorRequired);
}

/** Whether two typed passwords are the same to whoever checks them. */
function samePassword(one: string, other: string): boolean {
  return normalizePassword(one) === normalizePassword(other);
}

/** Judges new passwords for the pages: those sent in a form, and those still being typed. */
export function createNewPassword(web: Pick<Web, 'attempts' | 'judging' | 'network' | 'now' | 'onLimitHit' | 'pages'>) {
  /** Judges a password that was sent in a form. @throws Problem `busy` */
  async function judge(
    ctx: Koa.Context,
    owner: PasswordOwner,
    typed: { password: string; password_again: string; current_password?: string },
  ): Promise<Judged> {
    const t = web.pages.t(ctx);
    if (typed.password === '') {
      return { ...faultAt('password', t('activation.password_missing'), t('pages.field_empty')), advice: [] };
    }
    const counters = [counterOf('judgementsPerAccount', owner.account.id)];
    const taken = await takeAll(web, counters, web.network(ctx), web.now());
    if (!taken.allowed)
      return {
        error: t('activation.password_too_many', { time: durationIn(languageOf(ctx), taken.retryAfterSeconds) }),
        advice: [],
        status: 429,
      };
    const judged = await givenBackUnlessJudged(taken, () => verdictOn(t, owner, typed, false));
    if (judged.error !== undefined || samePassword(typed.password, typed.password_again)) return judged;
    const [sentence, beside] = [t('activation.password_differs'), t('activation.password_differs_field')];
    // no strength: the page shows both fields empty
    return { ...faultAt('password_again', sentence, beside), advice: [] };
  }

  /**
   * Answers POST `…/check`: the judgement of a password while it is typed. Only an `owner`, who may set a password, gets
   * it, and not without end.
   */
  async function answerTyping(ctx: Koa.Context, findOwner: () => Promise<PasswordOwner | undefined>): Promise<void> {
    const { language, ...typed } = await readForm(ctx, typingShape);
    const owner = await findOwner();
    if (owner !== undefined) preferLanguage(ctx, owner.account.language);
    speakAsPage(ctx, language);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = {};
    if (owner === undefined) {
      ctx.status = 403;
      return;
    }
    const network = web.network(ctx);
    const counters = [
      counterOf('judgementsPerAccount', owner.account.id),
      ...countersOf('judgementsPerNetwork', network),
    ];
    const taken = await takeAll(web, counters, network, web.now());
    if (!taken.allowed) {
      ctx.status = 429;
      ctx.set('Retry-After', String(taken.retryAfterSeconds));
      return;
    }
    ctx.body = await givenBackUnlessJudged(taken, () => verdictOn(web.pages.t(ctx), owner, typed, true));
  }

  /** The one judgement of both, so that the meter never praises what the form refuses. */
  async function verdictOn(
    t: Translate,
    { account, secondFactorRequired }: PasswordOwner,
    { password, current_password: current = '' }: { password: string; current_password?: string },
    typing: boolean,
  ): Promise<Judged> {
    const context = { secondFactorRequired, words: ownWords(account) };
    const judged = judgedAs(t, await web.judging.judge(password, context, { person: account.id, typing }));
    if (judged.error !== undefined || current === '' || !samePassword(password, current)) return judged;
    return {
      ...faultAt('password', t('account.password_same'), t('account.password_same_field')),
      strength: strengthOf(t, 0),
      advice: [],
    };
  }

  return { judge, answerTyping };
}

/** The verdict in the words of a page. */
function judgedAs(t: Translate, verdict: PasswordVerdict): Judged {
  // The score is zxcvbn's. A password that another rule refuses must not look strong.
  const score = verdict.ok ? verdict.score : Math.min(verdict.score, verdict.reason === 'too_short' ? 2 : 1);
  const strength = strengthOf(t, score);
  if (verdict.ok) return { strength, advice: [] };
  const { reason, minimum } = verdict;
  const [sentence, beside] = [`activation.password_${reason}`, `activation.password_${reason}_field`] as const;
  return {
    ...faultAt('password', t(sentence, { minimum }), t(beside, { minimum })),
    strength,
    advice: adviceOn(t, verdict),
  };
}

function strengthOf(t: Translate, score: number) {
  return { score, word: t(`activation.strength_${score}` as MessageKey) };
}

function adviceOn(t: Translate, verdict: Extract<PasswordVerdict, { ok: false }>): string[] {
  return [
    ...(verdict.warning === undefined ? [] : [t(`activation.warning_${verdict.warning}` as MessageKey)]),
    ...verdict.suggestions.map((suggestion) => t(`activation.suggestion_${suggestion}` as MessageKey)),
  ];
}
