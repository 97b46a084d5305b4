/** Reads snippets of the catalogue as the programs that get them would, without those programs. */
import { execFileSync } from 'node:child_process';
import vm from 'node:vm';
import { parse } from 'yaml';
import type { SnippetLanguage } from '../../src/domain/clients/presets/snippet-languages.ts';

/** The words that each command of a shell text gets, by a shell in which every command only prints its words. */
export function wordsOf(text: string): string[][] {
  const commands = [...new Set([...text.matchAll(/^([a-z][\w-]*) /gm)].map(([, name = '']) => name))];
  const path = commands.map((name) => `${name.replaceAll('-', '_')}() { printf '%s\\0' ${name} "$@"; printf '\\0'; }`);
  const script = commands.reduce(
    (whole, name) => whole.replace(new RegExp(`^${name} `, 'gm'), `${name.replaceAll('-', '_')} `),
    text,
  );
  const printed = execFileSync('sh', ['-euc', `PATH=\n${path.join('\n')}\n${script}`], { encoding: 'utf8' });
  return printed
    .split('\0\0')
    .filter((line) => line !== '')
    .map((line) => line.split('\0'));
}

/** `name = value` below `[section]`; whatever else stands there is a fault. */
export function settingsOf(text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  let section = '';
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [, heading, name, value = ''] = /^(?:\[([\w.]+)\]|(\w+) = (\S.*))$/.exec(line) ?? [];
    if (heading !== undefined) section = `${heading}.`;
    else if (name !== undefined) settings[`${section}${name}`] = value;
    else throw new SyntaxError(`"${line}" is neither a heading nor a setting`);
  }
  return settings;
}

/** In UTF-8, whatever the machine speaks: Ruby reads its program in the letters of the locale. */
const run = (command: string, args: string[], input: string) =>
  execFileSync(command, args, { input, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C.UTF-8' } });

/** Reads a snippet in its language; undefined: nothing that reads it is on this machine. @throws what the reader throws */
export function readerOf(language: SnippetLanguage): ((text: string) => unknown) | undefined {
  const has = (command: string) => {
    try {
      return execFileSync('sh', ['-c', `command -v ${command}`]).length > 0;
    } catch {
      return false;
    }
  };
  switch (language) {
    case 'yaml':
      return (text) => parse(text, { strict: true, uniqueKeys: true });
    case 'json':
      return (text) => JSON.parse(text);
    case 'javascript': // as a module, in which `import` and `await` stand at the top
      return (text) => new vm.SourceTextModule(text);
    case 'ini':
    case 'dovecot':
      return settingsOf;
    case 'sh':
      return has('sh') ? wordsOf : undefined;
    case 'python':
      return has('python3')
        ? (text) => run('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], text)
        : undefined;
    case 'ruby':
      return has('ruby') ? (text) => run('ruby', ['-c'], text) : undefined;
    case 'php':
      return has('php')
        ? (text) => run('php', ['-l'], /^\$/.test(text) ? `<?php\n${text}` : `<?php return [\n${text}];`)
        : undefined;
    case 'apache':
      return undefined; // test/snippets/applications.test.ts has Apache read it, where it is installed
  }
}
