/** What a node tells of itself has the console's words, and no words are kept for what no node tells any longer. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { noticeIn, noticeTables } from '../../locales/notices.ts';

const sources = ['src/use-cases/lifecycle/applied-rules.ts']
  .concat(['clock', 'client-expiry', 'secret-warnings', 'pending-clients'].map((job) => `src/jobs/${job}.ts`))
  .map((file) => readFileSync(file, 'utf8').replaceAll(/\$\{[^}]*\}/g, '{}'));

test('each notice has words in Dutch, and what names a command has others in English', () => {
  const notices = sources.flatMap((source) =>
    [
      ...source.matchAll(
        /[`'](\{\} of the [^`\n]+|the (?:clock of this node is \{\}|rules of access)[^`\n]+?)[`'](?=[;,]|\n)/g,
      ),
    ].map(([, notice = '']) => notice.replaceAll('{}', '3')),
  );
  expect(notices).toHaveLength(7);
  expect(notices.filter((each) => noticeIn('nl', each) === each)).toEqual([]);
  expect(notices.map((each) => noticeIn('en', each)).filter((each) => each.includes('pedel clients'))).toEqual([]);
});

test('no words are kept for a notice that nobody tells', () => {
  const kept = Object.values(noticeTables).flatMap((table) => table.map(([from]) => from));
  expect(kept.filter((from) => !sources.some((source) => source.includes(from)))).toEqual([]);
});
