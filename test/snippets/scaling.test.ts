/** The commands behind the numbers of docs/scaling.md still run. The numbers themselves need a MongoDB and a quiet hour. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOptions } from '../../bench/speed/options.ts';
import { snippet, substituted, text } from './documents.ts';
import { openFolder, type Typed } from './shell.ts';

describe('docs/scaling.md', () => {
  const lines = snippet('docs/scaling.md: How the numbers come about: sh').split('\n');
  const lineOf = (script: string) => lines.find((line) => line.includes(` bench/${script}.ts `)) ?? '';
  const database = " 'mongodb://127.0.0.1:27117/?replicaSet=secantus'";
  let shell: Typed;
  beforeAll(() => {
    shell = openFolder();
  });
  afterAll(() => shell.remove());

  test('measures the acts that morning.ts reckons with', async () => {
    // on SQLite alone; --keep would overwrite the numbers that stand
    const { status, out } = await shell.type(
      substituted(lineOf('measure'), { [database]: ' --idle=0', ' --keep': '' }),
    );
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('### SQLite') });
    const { SQLite } = JSON.parse(text('bench/measured.json')) as Record<string, { acts: Record<string, unknown> }>;
    const measured = [...out.matchAll(/^\| (.+?) \| \d/gm)].map(([, act]) => act);
    expect(measured).toEqual(Object.keys(SQLite?.acts ?? {}));
  });

  test('reckons a morning, whose rows are those of the page', async () => {
    const { status, out } = await shell.type(lineOf('morning'));
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringContaining('| 1,000,000') });
    const rows = (of: string) => [...of.matchAll(/^\| ([a-z][\w ,:%/()-]+?) \| [\d,.]+ /gim)].map(([, name]) => name);
    expect(rows(out).length).toBeGreaterThan(10);
    expect(rows(text('docs/scaling.md'))).toEqual(expect.arrayContaining(rows(out)));
  });

  test('times the acts on MongoDB, in words that the bench takes', () => {
    const line = lines.find((each) => each.startsWith('npm run bench -- ')) ?? '';
    const words = line.replace(/ +#.*/, '').split(' ').slice(4);
    const uri = database.trim().slice(1, -1);
    expect(parseOptions(words.map((word) => word.replaceAll("'", '')))).toMatchObject({
      storage: 'mongodb',
      mongodb: uri,
    });
  });

  test('names the database of the tests', () => {
    expect(lines[0]).toContain(text('.ci/run').match(/\.venv-mongodb\/bin\/secantusd-py/)?.[0]);
  });
});
