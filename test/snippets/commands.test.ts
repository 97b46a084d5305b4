/** The commands and options that documents mention in running text exist. */
import { expect, test } from '@jest/globals';
import { documents, text } from './documents.ts';
import { openFolder } from './shell.ts';

type Named = { command: string; options: string[] };

test('every command and option in running text exists', async () => {
  const named = documents.flatMap((document) => commandsIn(text(document)));
  // what the README says of the demo, in the sentence after its command
  const [, demo = ''] = /(`npm run demo --[\s\S]*?)\. /.exec(text('README.md')) ?? [];
  const more = [...demo.matchAll(/`(--[\w-]+)/g)].map(([, option = '']) => ({ command: 'demo', options: [option] }));
  const all = Map.groupBy([...named, ...more], ({ command }) => command);
  expect([...all.keys()]).toEqual(expect.arrayContaining(['demo', 'keys rotate', 'storage copy']));
  expect(more.length).toBeGreaterThan(1);

  const shell = openFolder();
  const missing: string[] = [];
  for (const [command, uses] of all) {
    const { out } = await shell.type(`bin/pedel ${command} --help`);
    // behind a bar stands another name of the same
    if (![' ', '|'].some((end) => out.startsWith(`Usage: pedel ${command}${end}`))) missing.push(command);
    for (const option of uses.flatMap(({ options }) => options))
      if (!new RegExp(`^ +(-\\w, )?${option}\\b`, 'm').test(out)) missing.push(`${command} ${option}`);
  }
  await shell.remove();
  expect(missing).toEqual([]);
}, 120_000);

/** Of `pedel storage copy --from … --to …` the words before the first option, and the options. */
function commandsIn(markdown: string): Named[] {
  const spans = markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g);
  return [...spans].flatMap(([, span = '']) => {
    const words = /(?:^|\/| )pedel ((?:[a-z]+(?:-[a-z]+)* ?)+)(.*)$/.exec(
      span.replace(/^npm run demo --/, 'pedel demo'),
    );
    const [, command = '', rest = ''] = words ?? [];
    return words === null ? [] : [{ command: command.trim(), options: rest.match(/--[\w-]+/g) ?? [] }];
  });
}
