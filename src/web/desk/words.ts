/** What the service desk says of an account and of its emails. */
import type { MessageKey, Translate } from '../../../locales/index.ts';
import type { PersonState } from '../../domain/desk/person-state.ts';
import type { OutboxEntry } from '../../domain/ports/outbox.ts';
import type { Badge } from '../../http/console-heading.ts';

const tones: Record<PersonState['kind'], Badge['tone']> = {
  'not-invited': 'neutral',
  invited: 'warn',
  active: 'good',
  'not-yet': 'note',
  suspended: 'danger',
  ended: 'danger',
};

export function stateBadge(t: Translate, { kind }: PersonState): Badge {
  return { tone: tones[kind], label: t(`desk.state_${kind.replace('-', '_')}` as MessageKey) };
}

/** How the delivery of an email went, as one says it to a caller. `tone`: whether somebody must do something. */
export function deliveryInWords(
  t: Translate,
  { state, lastError = '' }: Pick<OutboxEntry, 'state' | 'lastError'>,
): { words: string; failed: boolean } {
  if (state === 'done') return { words: t('desk.letter_done'), failed: false };
  if (state === 'waiting') return { words: t('desk.letter_waiting'), failed: false };
  if (state === 'set-aside') return { words: t('desk.letter_set_aside'), failed: true };
  // RFC 3463: the detailed code is surer than that of RFC 5321
  if (/\b[45]\.2\.2\b|\b552\b/.test(lastError)) return { words: t('desk.letter_full'), failed: true };
  if (/\b5\.1\.[1-3]\b|\b5\.1\.10\b|\b550\b(?! [45]\.)/.test(lastError))
    return { words: t('desk.letter_unknown'), failed: true };
  const reply = /\b[45]\d\d(?:[ -][45]\.\d{1,3}\.\d{1,3})?(?=\s|$)|\b5\.\d{1,3}\.\d{1,3}\b/.exec(lastError)?.[0];
  if (lastError.startsWith('given up') && reply === undefined) return { words: t('desk.letter_late'), failed: true };
  return { words: t('desk.letter_refused', { reply: reply ?? '5xx' }), failed: true };
}

const letters: Record<string, MessageKey> = {
  invitation: 'desk.letter_of_activation',
  'activation-code': 'desk.letter_of_activation',
  'already-active': 'desk.letter_of_activation',
  reset: 'desk.letter_of_reset',
  'factor-code': 'desk.letter_of_factor',
  'recovery-code': 'desk.letter_of_factor',
  'desk-acted': 'desk.letter_of_desk',
  'account-ends': 'desk.letter_of_end',
};

/** What an email was about. */
export function letterInWords(t: Translate, template: string): string {
  return t((Object.hasOwn(letters, template) ? letters[template] : undefined) ?? 'desk.letter_of_notice');
}
