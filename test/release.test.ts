/** `docs/release.ts` on its own repository: what it refuses, and what a release consists of. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
/** a source archive is tested where there is no git */
const withGit = spawnSync('git', ['--version']).status === 0 ? test : test.skip;
const CHANGELOG = '# Changes\n\n## Unreleased\n\n- Something $& new.\n\n## 0.2.0\n\nMany nodes.\n';

let folder: string;
const git = (...words: string[]) => execFileSync('git', words, { cwd: folder, encoding: 'utf8' });
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const change = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  git('commit', '--quiet', '--all', '--message', 'test: change');
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pedel-release-'));
  if (withGit === test.skip) return;
  git('init', '--quiet');
  for (const setting of ['user.name=A Maintainer', 'user.email=maintainer@example.edu', 'commit.gpgsign=false'])
    git('config', ...(setting.split('=') as [string, string]));
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(folder, name));
  writeFileSync(join(folder, 'CHANGELOG.md'), CHANGELOG);
  git('add', '.');
  git('commit', '--quiet', '--message', 'test: begin');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function release(...words: string[]) {
  const script = join(root, 'docs/release.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

withGit('gives Unreleased its version and date, package.json and lock theirs, and commits and tags that alone', () => {
  const lines = { before: read('package-lock.json').split('\n'), after: [''] };
  expect(release('99.0.0')).toMatchObject({ status: 0, stderr: '' });
  const today = new Date().toISOString().slice(0, 10);
  expect(read('CHANGELOG.md')).toBe(CHANGELOG.replace('## Unreleased', `## 99.0.0 (${today})`));
  expect(JSON.parse(read('package.json'))).toMatchObject({ name: 'pedel', version: '99.0.0' });
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: '99.0.0',
    packages: { '': { version: '99.0.0' } },
  });
  lines.after = read('package-lock.json').split('\n');
  expect(lines.after.filter((line, index) => line !== lines.before[index])).toHaveLength(2);
  expect(git('status', '--porcelain')).toBe('');
  expect(git('log', '-1', '--format=%s')).toBe('release: 99.0.0\n');
  expect(git('tag', '--points-at', 'HEAD', '--format=%(refname:short) %(objecttype)')).toBe('v99.0.0 tag\n');
  expect(git('for-each-ref', '--format=%(contents)', 'refs/tags')).toContain('- Something $& new.');
});

withGit('shows with --dry-run what it would do, and does nothing', () => {
  const before = git('rev-parse', 'HEAD');
  const { status, stdout } = release('99.0.0', '--dry-run');
  expect([status, stdout]).toEqual([0, expect.stringContaining('- Something $& new.')]);
  expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual([before, '', '']);
});

withGit.each<[string, () => unknown, string[], string]>([
  ['no version', () => {}, [], "missing required argument 'version'"],
  ['two versions', () => {}, ['99.0.0', '99.0.1'], 'too many arguments'],
  ['a version that is none', () => {}, ['1.0'], '1.0 is no version such as 0.3.0'],
  ['an earlier version', () => {}, ['0.0.1'], '0.0.1 is not later than'],
  [
    'the same version',
    () => {},
    [JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version],
    'is not later than',
  ],
  ['changes that are not committed', () => writeFileSync(join(folder, 'new.txt'), ''), ['99.0.0'], 'not committed'],
  ['a tag that exists', () => git('tag', 'v99.0.0'), ['99.0.0'], 'the tag v99.0.0 exists'],
  ['a CHANGELOG without the section', () => change('CHANGELOG.md', '# Changes\n'), ['99.0.0'], 'has no section'],
  ['an empty section', () => change('CHANGELOG.md', '## Unreleased\n\n## 0.2.0\n'), ['99.0.0'], 'says nothing'],
])('refuses %s and changes nothing', (_, prepare, words, reason) => {
  prepare();
  const before = [git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')];
  expect(release(...words)).toMatchObject({ status: 1, stderr: expect.stringContaining(reason) });
  expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual(before);
});
