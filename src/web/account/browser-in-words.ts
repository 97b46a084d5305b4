/** Names a browser by what it calls itself: "Chrome on Windows". */
import type { Translate } from '../../../locales/index.ts';

/** `agent`: the User-Agent header; absent: it is not known. */
export async function browserInWords(
  agent: string | undefined,
  t: Translate,
): Promise<{ browser: string; handheld: boolean }> {
  const { default: bowser } = await import('bowser'); // for pages that a person sees once
  const { browser, os, platform } = bowser.parse(agent || 'unknown');
  const handheld = ['mobile', 'tablet'].includes(platform.type ?? '');
  if (browser.name === undefined || browser.name === '') return { browser: t('account.session_unknown'), handheld };
  if (os.name === undefined) return { browser: browser.name, handheld };
  return { browser: t('account.session_on', { browser: browser.name, system: os.name }), handheld };
}
