/** A picture of the ratios with their goals, for light and for dark pages. */
import { type ActName, acts } from './acts.ts';
import type { ActFigures, Figures } from './figures.ts';
import { goals } from './goals.ts';

const shown = { memory: 'in memory, nothing kept', sqlite: 'on the same SQLite' } as const;
const [LEFT, WIDTH, ROW, BAR, TOP] = [300, 720, 46, 14, 64];

/** `source`: where the figures come from, in one line. */
export function pictureOf(figures: Figures, source: string): string {
  const rows = (Object.entries(figures) as [ActName, ActFigures][]).filter(([, { ratios }]) =>
    Object.keys(shown).some((name) => name in ratios),
  );
  const most = Math.max(
    2,
    ...rows.flatMap(([, { ratios }]) => Object.keys(shown).map((name) => ratios[name]?.cpu.median ?? 0)),
  );
  const x = (value: number) => LEFT + (value / (Math.ceil(most * 2) / 2)) * (WIDTH - LEFT - 60);
  const height = TOP + rows.length * ROW + 44;
  const bars = rows.flatMap(([act, { ratios }], row) => {
    const y = TOP + row * ROW;
    const title = `<text x="${LEFT - 12}" y="${y + 21}" text-anchor="end">${escaped(acts[act].title)}</text>`;
    return [
      title,
      ...Object.keys(shown).flatMap((name, place) => bar(act, name, ratios[name]?.cpu.median, y + place * (BAR + 2))),
    ];
  });

  function bar(act: ActName, name: string, value: number | undefined, y: number): string[] {
    if (value === undefined) return [];
    const goal = goals[act]?.[name];
    return [
      `<rect class="${name}" x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR}" rx="2"/>`,
      `<text class="value" x="${(x(Math.max(value, goal ?? 0)) + 8).toFixed(1)}" y="${y + 11}">${value.toFixed(2)}</text>`,
      ...(goal === undefined ? [] : [`<path class="goal" d="M${x(goal).toFixed(1)} ${y - 1}v${BAR + 2}"/>`]),
    ];
  }

  const legend = Object.entries(shown).map(
    ([name, words], place) =>
      `<rect class="${name}" x="${LEFT + place * 180}" y="34" width="12" height="12" rx="2"/><text class="small" x="${LEFT + 18 + place * 180}" y="44">${words}</text>`,
  );
  const one = `<path class="one" d="M${x(1).toFixed(1)} ${TOP - 6}V${height - 40}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">Processor time of Pedel divided by that of oidc-provider alone, act by act</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2933; }
  .head { font-weight: 600; font-size: 15px; } .small { font-size: 12px; } .value { font-size: 12px; font-variant-numeric: tabular-nums; }
  .memory { fill: #3b6ea8; } .sqlite { fill: #8fb3d9; }
  .goal { stroke: #b3261e; stroke-width: 3; } .one { stroke: #8a94a0; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e7eb; } .memory { fill: #6aa3e0; } .sqlite { fill: #3f658d; } .goal { stroke: #ff8a80; } .one { stroke: #77818c; }
  }
</style>
<text class="head" x="12" y="22">Pedel ÷ oidc-provider alone, processor time of one act (1 = the same)</text>
${legend.join('\n')}
<path class="goal" d="M${LEFT + 346} 33v14"/><text class="small" x="${LEFT + 356}" y="44">goal</text>
${one}
${bars.join('\n')}
<text class="small" x="12" y="${height - 14}">${escaped(source)}</text>
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
