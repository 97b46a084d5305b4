/**
 * Makes a release from what CHANGELOG.md says under "Unreleased": the version with today's date, package.json, the lock,
 * one commit, one tag. It pushes nothing. How and when: docs/releasing.md.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runner } from '../test/support/runner.ts';

const program = runner(
  'release',
  'Makes a release from what CHANGELOG.md says under "Unreleased": one commit and one tag, and pushes nothing.',
)
  .argument('<version>', 'later than that of package.json, such as 0.3.0')
  .option('--dry-run', 'show what would be done, and do nothing')
  .parse();
const [version = ''] = program.args;
const { dryRun } = program.opts<{ dryRun?: true }>();
const numbersOf = (text: string) => /^(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number);

const root = execFileSync('git', ['rev-parse', '--show-toplevel'], { encoding: 'utf8' }).trim();
const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
const read = (name: string) => readFileSync(resolve(root, name), 'utf8');

type Manifest = { version: string; packages?: Record<string, { version?: string }> };
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as Manifest;
const changelog = read('CHANGELOG.md');
const [heading = '', news = ''] = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog) ?? [];

const faults = [
  numbersOf(version) === undefined ? `${version} is no version such as 0.3.0` : isLater(version, manifest.version),
  git('status', '--porcelain') === '' ? '' : 'there are changes that are not committed: commit or stash them',
  git('tag', '--list', `v${version}`) === '' ? '' : `the tag v${version} exists`,
  heading === '' ? 'CHANGELOG.md has no section "## Unreleased"' : '',
  heading !== '' && news.trim() === '' ? 'CHANGELOG.md says nothing under "## Unreleased"' : '',
].filter((fault) => fault !== '');
if (faults.length > 0) {
  for (const fault of faults) console.error(`release: ${fault}`);
  process.exit(1);
}

const today = new Date().toISOString().slice(0, 10);
const own = lock.packages?.[''];
manifest.version = version;
lock.version = version;
if (own !== undefined) own.version = version;
const files = {
  'CHANGELOG.md': changelog.replace(heading, () => `## ${version} (${today})\n${news}`),
  'package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
  'package-lock.json': `${JSON.stringify(lock, undefined, 2)}\n`,
};

if (dryRun) {
  console.log(`would write ${Object.keys(files).join(', ')}, commit "release: ${version}" and tag v${version} with:\n`);
  console.log(news.trim());
} else {
  for (const [name, text] of Object.entries(files)) writeFileSync(resolve(root, name), text);
  git('commit', '--quiet', '--message', `release: ${version}`, '--', ...Object.keys(files));
  git('tag', '--annotate', `v${version}`, '--cleanup=verbatim', '--message', `Pedel ${version}\n\n${news.trim()}\n`);
  console.log(`v${version} is committed and tagged; publish it with: git push --follow-tags`);
}

function isLater(next: string, current: string): string {
  const [to = [], from = []] = [numbersOf(next), numbersOf(current)];
  const differing = to.findIndex((number, index) => number !== from[index]);
  const later = differing !== -1 && (to[differing] ?? 0) > (from[differing] ?? 0);
  return later ? '' : `${next} is not later than ${current}`;
}
