/** The picture of the ratios: a bar for each, its goal, and words for those who do not see it. */
import { expect, test } from '@jest/globals';
import { middleOf } from '../../bench/speed/figures.ts';
import { pictureOf } from '../../bench/speed/svg.ts';

test('a bar for each ratio, as long as the ratio, with its goal; and colours for dark pages', () => {
  const ratio = (value: number) => ({ cpu: middleOf([value]), p50: middleOf([value]), p99: value, rounds: [value] });
  const svg = pictureOf(
    {
      silent: { costs: {}, ratios: { memory: ratio(1), sqlite: ratio(2) } },
      totp: { costs: {}, ratios: { memory: ratio(1) } },
    },
    'a & b',
  );
  const widths = [...svg.matchAll(/<rect class="(\w+)"[^>]* width="([\d.]+)" height="14"/g)].map(([, name, width]) => [
    name,
    Number(width),
  ]);
  expect(widths.map(([name]) => name)).toEqual(['memory', 'sqlite', 'memory']);
  expect(Number(widths[1]?.[1]) / Number(widths[0]?.[1])).toBeCloseTo(2, 1);
  expect(svg.match(/<path class="goal"/g)).toHaveLength(2 + 1); // and that of the legend
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).toMatch(/role="img" aria-labelledby="title"[\s\S]*<title id="title">/);
  expect(svg).toContain('a &amp; b');
});
