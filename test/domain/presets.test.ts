/** Presets: what is filled in, and that no value breaks out of the text it stands in. Under a second of processor: in memory. */
import { execFileSync } from 'node:child_process';
import vm from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Preset, presetSchema } from '../../src/domain/clients/presets/preset.ts';
import { readAnswers, render } from '../../src/domain/clients/presets/preset-rendering.ts';
import {
  isQuoted,
  snippetLanguageIds,
  snippetLanguages,
  written,
} from '../../src/domain/clients/presets/snippet-languages.ts';
import needs from '../support/needs.cjs';

const wiki = {
  id: 'wiki',
  name: 'Wiki',
  verified: { by: 'run', date: '2026-11-29', source: 'a test' },
  asks: { address: { example: 'https://wiki.example.edu' }, alias: { default: 'pedel' } },
  metadata: { redirect_uris: ['{address}/{alias}/callback'], scope: 'openid' },
};
const aPreset = (change: object = {}): Preset => presetSchema.parse({ ...wiki, ...change });
const provider = { issuer: 'https://idp.example.edu', provider: 'Example' };
const issuesOf = (change: object) =>
  presetSchema.safeParse({ ...wiki, ...change }).error?.issues.map(({ path, message, ...rest }) => ({
    path: path.join('.'),
    message,
    line: 'params' in rest ? (rest.params as { line?: number }).line : undefined,
  }));

/** What people type, or have in a name, when they mean harm. */
const hostile = [
  `"; rm -rf / #`,
  `'; rm -rf / #`,
  `\\`,
  `\\"`,
  `\\'`,
  `#{system("id")} #$x #@y`,
  `$(id) \`id\` ${'$'}{PATH} $HOME`,
  'one\ntwo',
  'one\r\ntwo',
  'tab\tnul\0esc\u001b[31m',
  'a\u2028line\u2029b',
  '{client_secret}',
  '{{ user.name }} {% raw %}',
  '*anchor &alias !tag : - ? | >',
  '<?php ?> --> </script>',
  'Ελλάδα 🎓 ‮rtl',
  '\ud800 alone',
  'x'.repeat(600),
];

describe('what is asked', () => {
  test.each([
    'http://wiki.example.edu',
    'ftp://wiki.example.edu',
    'https://wiki.example.edu/?a=b',
    'https://wiki.example.edu/#x',
    'https://user:pass@wiki.example.edu',
    'https://wiki.example.edu/"x',
    "https://wiki.example.edu/'x",
    'https://wiki.example.edu/\nx',
    'https://wiki.example.edu/$(id)',
    'https://wiki.example.edu/`id`',
    'https://wiki.example.edu/{client_secret}',
    'https://wiki.example.edu/\\',
    'https://wiki.example.edu/ x',
    'javascript:alert(1)',
    'https://',
    '',
    ...hostile,
  ])('an address is not %j', (address) => {
    expect(readAnswers(aPreset(), { address }, true)).toEqual([
      expect.objectContaining({ kind: 'refused', ask: 'address' }),
    ]);
  });

  test.each([...hostile, 'a b', 'a/b', '../x', '', '{client_secret}'])('an alias, id, path is not %j', (value) => {
    const asks = {
      alias: { default: 'pedel' },
      path: { default: 'secure' },
      realm: { default: 'r' },
      team: { default: 't' },
    };
    const preset = aPreset({ asks, metadata: { redirect_uris: [] } });
    for (const ask of ['alias', 'realm', 'team', 'path'] as const) {
      if (ask === 'path' && value === 'a/b') continue;
      expect(readAnswers(preset, { [ask]: value }, false)).toEqual([expect.objectContaining({ kind: 'refused', ask })]);
    }
    expect(readAnswers(preset, { clientId: value }, false)).toEqual([
      expect.objectContaining({ kind: 'refused', ask: 'client-id' }),
    ]);
  });

  test('is filled in: the slash at the end goes, defaults stand in, and nothing is read twice', () => {
    const rendered = render(
      aPreset({ fields: [{ name: 'Label', value: '{provider} {client_secret}' }] }),
      { address: 'https://wiki.example.edu/', name: 'The {alias} wiki' },
      { ...provider, provider: '{client_secret}' },
      { secret: 's3cret' },
    );
    expect(rendered).toEqual({
      registration: {
        client_id: 'wiki',
        client_name: 'The {alias} wiki',
        redirect_uris: ['https://wiki.example.edu/pedel/callback'],
        scope: 'openid',
      },
      fields: [{ name: 'Label', value: '{client_secret} s3cret' }],
      snippets: [],
    });
  });

  test('and missing, or not asked, is named, all at once', () => {
    expect(render(aPreset(), { team: 'x', clientId: 'a b' }, provider)).toEqual({
      faults: [
        { kind: 'missing', ask: 'address', expected: expect.stringContaining('https') },
        { kind: 'not-asked', ask: 'team' },
        { kind: 'refused', ask: 'client-id', expected: expect.any(String) },
      ],
    });
  });
});

describe('a value in a snippet', () => {
  /** The value as a reader of the language gets it. */
  const readers: Partial<Record<string, (text: string) => unknown>> = {
    yaml: (text) => parse(`a: "${text}"`).a,
    json: (text) => JSON.parse(`"${text}"`),
    javascript: (text) => vm.runInNewContext(`"${text}"`),
    ...(needs.shell
      ? { sh: (text: string) => execFileSync('sh', ['-c', `printf %s '${text}'`], { encoding: 'utf8' }) }
      : {}),
  };

  test.each(Object.keys(readers))('is what it was, or refused: %s', (language) => {
    for (const value of hostile) {
      const inLanguage = written(value, language as 'yaml');
      if (inLanguage !== undefined) expect(readers[language]?.(inLanguage)).toBe(value.toWellFormed());
      else expect(language).toBe('sh');
    }
    expect(readers[language]?.(written(`it's "x" \\ $(id)`, language as 'yaml') ?? '')).toBe(`it's "x" \\ $(id)`);
  });

  test.each(snippetLanguageIds)('never ends the text it stands in: %s', (language) => {
    const { quote } = snippetLanguages[language] as { quote?: string };
    for (const value of hostile) {
      const inLanguage = written(value, language);
      if (inLanguage === undefined) continue;
      expect(inLanguage).not.toMatch(/\p{Cc}/u);
      if (quote === undefined) expect(inLanguage).not.toMatch(/[\s"'#;$%\\{}`<>]/);
      else if (language !== 'sh') expect(isQuoted(`${quote}${inLanguage}`, language)).toBe(true);
    }
  });

  test('of Ruby is not evaluated, and of Apache not replaced', () => {
    expect(written('#{id} #$x', 'ruby')).toBe('\\#{id} \\#$x');
    expect(written(`it's`, 'php')).toBe("it\\'s");
    expect(written(`${'$'}{PATH}`, 'apache')).toBeUndefined();
    expect(written('say "hi"', 'apache')).toBe('say \\"hi\\"');
    for (const language of ['ini', 'dovecot'] as const) expect(written('a b; c', language)).toBeUndefined();
  });

  test('that the language cannot hold is a fault, and nothing is rendered', () => {
    const preset = aPreset({ snippets: [{ file: 'wiki.ini', language: 'ini', text: 'label = {provider}\n' }] });
    const answers = { address: 'https://wiki.example.edu' };
    expect(render(preset, answers, { ...provider, provider: 'a; b' })).toEqual({
      faults: [{ kind: 'unwritable', placeholder: 'provider', language: 'ini' }],
    });
  });
});

describe('a file of the catalogue', () => {
  test('with a placeholder that does not exist is refused, with its line', () => {
    const snippets = [{ file: 'x', language: 'yaml', text: 'a: "{address}"\nb: "{adress}"\n' }];
    expect(issuesOf({ snippets })).toEqual([
      { path: 'snippets.0.text', message: expect.stringContaining('correct {adress}'), line: 1 },
    ]);
    expect(issuesOf({ metadata: { redirect_uris: ['{team}'] } })).toEqual([
      { path: 'metadata.redirect_uris.0', message: expect.stringContaining('correct {team}'), line: 0 },
    ]);
    expect(issuesOf({ metadata: { pedel_service_resources: { '{api}': [] } } })).toHaveLength(1);
  });

  test.each([
    ['sh', 'run --id={client_id}'],
    ['sh', 'run "--id={client_id}"'],
    ['php', '$a = "{client_id}";'],
    ['yaml', "a: '{client_id}'"],
    ['yaml', 'a: {client_id}'],
    ['ruby', "a = '{client_id}'"],
    ['python', 'a = {client_id}'],
    ['apache', 'OIDCClientID {client_id}'],
  ])('with a value outside of the quotes of %s is refused: %s', (language, text) => {
    expect(issuesOf({ snippets: [{ file: 'x', language, text }] })).toEqual([
      { path: 'snippets.0.text', message: expect.stringContaining(`the quotes of ${language}`), line: 0 },
    ]);
  });

  test('with braces that are no placeholder is taken', () => {
    const text = 'a: "{{ user.name }} {%x%} {Upper} {}"\nb: { c: "{alias}" }\n';
    expect(issuesOf({ snippets: [{ file: 'x', language: 'yaml', text }] })).toBeUndefined();
  });

  test('needs metadata or a bridge, and examples that would be taken', () => {
    expect(issuesOf({ metadata: undefined })).toHaveLength(1);
    expect(issuesOf({ through: 'satosa' })).toHaveLength(1);
    expect(issuesOf({ asks: { ...wiki.asks, address: { example: 'http://wiki.example.edu' } } })).toEqual([
      { path: 'asks.address.example', message: expect.stringContaining('https'), line: undefined },
    ]);
  });
});
