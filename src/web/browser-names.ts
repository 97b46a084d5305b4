/** What a browser calls itself, in names that people know. */

/** `system`: "Windows"; absent members: it does not say. */
export type BrowserNames = { name?: string; system?: string; handheld?: true };

/** `agent`: the User-Agent header; absent: it is not known. */
export async function browserNames(agent: string | undefined): Promise<BrowserNames> {
  const { default: bowser } = await import('bowser'); // for what happens once in each browser, and pages that a person sees once
  const { browser, os, platform } = bowser.parse(agent || 'unknown');
  const [name, systemName] = [plain(browser.name), plain(os.name)];
  const handheld = ['mobile', 'tablet'].includes(platform.type ?? '');
  return {
    ...(name === undefined ? {} : { name }),
    ...(systemName === undefined ? {} : { system: systemName }),
    ...(handheld ? { handheld } : {}),
  };
}

/** A browser may call itself anything; it gets no sentence of its own into an email. */
function plain(name: string | undefined): string | undefined {
  return name !== undefined && /^[\p{L}\p{N}][\p{L}\p{N} .+-]{0,29}$/u.test(name) ? name : undefined;
}
