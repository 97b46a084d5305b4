/** The colours that follow from a brand's one colour, so that any colour stays readable, in light and in dark. */
import culori from 'culori/require';

export type Theme = 'light' | 'dark';

/** Each `#rrggbb`. */
export type BrandRoles = {
  /** The main button. */
  fill: string;
  /** Text on `fill` and on `hover`: white or black; contrast at least 4.5. */
  on: string;
  /** The band, the border of the main button, the mark of the current page; contrast at least 3 with page and surface. */
  edge: string;
  hover: string;
  /** Behind the current page and a checked choice. */
  wash: string;
};

/** The colours that lie under others, by theme; the style sheet has the same (a test compares them). */
export const grounds = {
  light: { page: '#f6f7f9', surface: '#ffffff' },
  dark: { page: '#0f1217', surface: '#171b22' },
} as const satisfies Record<Theme, { page: string; surface: string }>;

const GRAPHIC = 3;
const TEXT = 4.5;
const STEP = 0.01;
const WASH = { light: 0.07, dark: 0.14 } as const;
const HOVER = 0.14;

const oklch = culori.converter('oklch');

/** Contrast of two colours, 1 to 21 (WCAG 2.2). */
export const contrast = (one: string, other: string): number => culori.wcagContrast(one, other);

/** @param colour `#rrggbb`; @throws TypeError for anything else */
export function brandRoles(colour: string): Record<Theme, BrandRoles> {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) throw new TypeError(`a brand's colour is #rrggbb, and not ${colour}`);
  return { light: rolesIn('light', colour), dark: rolesIn('dark', colour) };
}

function rolesIn(theme: Theme, colour: string): BrandRoles {
  const own = colour.toLowerCase();
  const fill = theme === 'light' ? own : untilSeen(own, theme, STEP);
  const on = contrast('#ffffff', fill) >= TEXT ? '#ffffff' : '#000000';
  return {
    fill,
    on,
    edge: untilSeen(fill, theme, theme === 'light' ? -STEP : STEP),
    hover: mixed(fill, on === '#ffffff' ? '#000000' : '#ffffff', HOVER),
    wash: mixed(grounds[theme].surface, own, WASH[theme]),
  };
}

/** The colour, lighter or darker by steps (its hue is kept) until it stands out from page and surface. */
function untilSeen(colour: string, theme: Theme, step: number): string {
  const { l, c, h = 0 } = oklch(colour) ?? { l: 0, c: 0 };
  let seen = colour;
  for (let steps = 1; !Object.values(grounds[theme]).every((ground) => contrast(seen, ground) >= GRAPHIC); steps += 1) {
    const moved = { mode: 'oklch', l: l + steps * step, c, h } as const;
    seen = culori.formatHex(culori.clampChroma(moved, 'oklch')) ?? colour;
  }
  return seen;
}

/** `share` (0 to 1) of `other` in `colour`. */
function mixed(colour: string, other: string, share: number): string {
  const part = (from: string, at: number) => Number.parseInt(from.slice(at, at + 2), 16);
  return `#${[1, 3, 5]
    .map((at) => Math.round(part(colour, at) * (1 - share) + part(other, at) * share))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}
