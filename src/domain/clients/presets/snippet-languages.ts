/** Writes values into configuration of other products so that none can end the string it stands in, whatever it holds. */

/**
 * How a value is written in a language. `quote`: placeholders stand within these; absent: the language has no quoting that
 * all readers agree on, so only harmless values are taken.
 */
type Syntax = {
  quote?: '"' | "'";
  /** undefined: the value cannot be written in this language */
  write: (value: string) => string | undefined;
};

const unlessControl = (write: (value: string) => string | undefined) => (value: string) =>
  /[\p{Cc}\u2028\u2029]/u.test(value) ? undefined : write(value);
/** Double quotes, backslash and control characters; YAML 1.2, JavaScript, Python and Ruby read JSON's escapes. */
const asJson = (value: string) => JSON.stringify(value.toWellFormed()).slice(1, -1);
/** What no reader of such files takes for a comment, a variable or an end. */
const harmless = (value: string) => (/^[\w:/.~@?=&,+[\]-]*$/.test(value) ? value : undefined);

export const snippetLanguages = {
  yaml: { quote: '"', write: asJson },
  json: { quote: '"', write: asJson },
  javascript: { quote: '"', write: asJson },
  python: { quote: '"', write: asJson },
  /** "#{…}", "#$…" and "#@…" are evaluated */
  ruby: { quote: '"', write: (value) => asJson(value).replaceAll('#', '\\#') },
  php: { quote: "'", write: unlessControl((value) => value.replace(/[\\']/g, '\\$&')) },
  sh: { quote: "'", write: unlessControl((value) => value.replaceAll("'", "'\\''")) },
  /** "${NAME}" is replaced wherever it stands, and nothing escapes it */
  apache: {
    quote: '"',
    write: unlessControl((value) => (value.includes('$') ? undefined : value.replace(/[\\"]/g, '\\$&'))),
  },
  ini: { write: harmless },
  dovecot: { write: harmless },
} as const satisfies Record<string, Syntax>;

export type SnippetLanguage = keyof typeof snippetLanguages;
export const snippetLanguageIds = Object.keys(snippetLanguages) as SnippetLanguage[];

/** The value as it stands between the quotes of the language. Undefined: it cannot. */
export function written(value: string, language: SnippetLanguage): string | undefined {
  return snippetLanguages[language].write(value);
}

/** Whether what follows `before`, a part of one line, stands within the quotes that the language needs. */
export function isQuoted(before: string, language: SnippetLanguage): boolean {
  const { quote }: Syntax = snippetLanguages[language];
  if (quote === undefined) return true;
  let inside = '';
  for (let at = 0; at < before.length; at += 1) {
    const sign = before[at] ?? '';
    if (sign === '\\' && !(language === 'sh' && inside === "'")) at += 1;
    else if (inside === '') inside = sign === '"' || sign === "'" ? sign : '';
    else if (sign === inside) inside = '';
  }
  return inside === quote;
}
