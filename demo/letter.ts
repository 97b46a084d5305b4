/** Shows an email without trusting it: text with clickable links, HTML in a frame without scripts. */
import type { Message } from './messages.ts';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

/** Escaped HTML of a plain text. The whole address stays visible. */
export function linkedText(text: string): string {
  const parts = text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/);
  return parts
    .map((part, index) => {
      const safe = escapeHtml(part);
      return index % 2 === 1 ? `<a href="${safe}" rel="noreferrer">${safe}</a>` : safe;
    })
    .join('');
}

/** A document for `srcdoc`: links open in a new tab, outside the sandbox, and send no Referer. */
export function framedDocument(html: string): string {
  return `<!doctype html><meta name="color-scheme" content="light"><meta name="referrer" content="no-referrer"><base target="_blank">${html}`;
}

/** No script can measure a sandboxed frame, so its height is estimated from the length of the text. */
export function frameHeightRem(letter: Message): number {
  const lines = letter.text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 60)), 0);
  return Math.min(80, Math.max(16, Math.round(lines * 1.75 + 9)));
}

/** `Helpdesk <helpdesk@…>` becomes Helpdesk. */
export function senderName(from: string): string {
  return /^"?([^"<]+?)"?\s*</.exec(from)?.[1] ?? from;
}

const today = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Brussels' });
const otherDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'Europe/Brussels' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'Europe/Brussels' });
const calendarDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Brussels' });

/** The time for an email of today, the day for an older one; both for a title. */
export function dateWords(iso: string, now: Date): { short: string; whole: string } {
  const date = new Date(iso);
  const isToday = calendarDay.format(date) === calendarDay.format(now);
  return { short: (isToday ? today : otherDay).format(date), whole: whole.format(date) };
}
