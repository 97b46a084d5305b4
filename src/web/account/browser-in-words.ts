/** Names a browser: "Chrome on Windows". */
import type { Translate } from '../../../locales/index.ts';
import { type BrowserNames, browserNames } from '../browser-names.ts';

export function namesInWords({ name, system }: BrowserNames, t: Translate): string {
  if (name === undefined) return t('account.session_unknown');
  return system === undefined ? name : t('account.session_on', { browser: name, system });
}

/** `agent`: the User-Agent header; absent: it is not known. */
export async function browserInWords(
  agent: string | undefined,
  t: Translate,
): Promise<{ browser: string; handheld: boolean }> {
  const names = await browserNames(agent);
  return { browser: namesInWords(names, t), handheld: names.handheld === true };
}
