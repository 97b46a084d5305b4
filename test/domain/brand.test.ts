/** Brands: any colour stays readable, only harmless pictures are logos, and letters stand for a missing one. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { installationBrand } from '../../src/domain/brand/brand.ts';
import { brandRoles, contrast, grounds } from '../../src/domain/brand/brand-roles.ts';
import { hueOf, monogramOf } from '../../src/domain/brand/monogram.ts';
import { pictureFault } from '../../src/domain/brand/picture.ts';
import { localized } from '../support/localized.ts';

/** The tokens of the style sheet by theme: `--ink` and so on. */
function tokens(): Record<'light' | 'dark', Record<string, string>> {
  const css = readFileSync(new URL('../../views/assets/pedel.css', import.meta.url), 'utf8');
  const of = (block: string) =>
    Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
  const [light = '', dark = ''] = /@layer tokens \{([\s\S]*?)@media([\s\S]*?)@layer base/.exec(css)?.slice(1) ?? [];
  return { light: of(light), dark: { ...of(light), ...of(dark) } } as Record<'light' | 'dark', Record<string, string>>;
}

describe('colours', () => {
  test.each(['light', 'dark'] as const)('every text is readable on every ground it stands on (%s)', (theme) => {
    const colours = tokens()[theme];
    expect(colours).toMatchObject({ page: grounds[theme].page, surface: grounds[theme].surface });
    const faint: string[] = [];
    const check = (text: string, ground: string, least: number) => {
      const reached = contrast(colours[text] ?? '', colours[ground] ?? '');
      if (!(reached >= least)) faint.push(`${text} on ${ground}: ${reached.toFixed(2)}`);
    };
    for (const ground of ['page', 'surface', 'sunken']) {
      for (const text of ['ink', 'text', 'quiet', 'link', 'danger', 'warn', 'good']) check(text, ground, 4.5);
    }
    for (const ground of ['page', 'surface']) check('rim', ground, 3);
    for (const [text, wash] of [
      ['link', 'link-wash'],
      ['danger', 'danger-wash'],
      ['warn', 'warn-wash'],
      ['good', 'good-wash'],
    ] as const) {
      check(text, wash, 4.5);
    }
    for (const wash of ['link-wash', 'danger-wash', 'warn-wash', 'good-wash']) check('ink', wash, 4.5);
    for (const wash of ['warn-wash']) check('quiet', wash, 4.5);
    expect(faint).toEqual([]);
  });

  test('of each of 4096 brands the button, its text, the band and the current page are seen, in both themes', () => {
    const colours = tokens();
    const faults: string[] = [];
    for (let number = 0; number < 4096; number += 1) {
      const colour = `#${[...number.toString(16).padStart(3, '0')].map((digit) => digit + digit).join('')}`;
      const roles = brandRoles(colour);
      for (const theme of ['light', 'dark'] as const) {
        const { fill, on, edge, hover, wash } = roles[theme];
        const least = Math.min(
          ...[fill, hover].map((ground) => contrast(on, ground) / 4.5),
          ...Object.values(grounds[theme]).map((ground) => contrast(edge, ground) / 3),
          ...['ink', 'text', 'quiet', 'link'].map((text) => contrast(colours[theme][text] ?? '', wash) / 4.5),
        );
        if (!(least >= 1)) faults.push(`${colour} ${theme} ${JSON.stringify(roles[theme])}`);
      }
    }
    expect(faults).toEqual([]);
  });

  test.each([
    ['#00407a', { fill: '#00407a', on: '#ffffff', edge: '#00407a' }, { fill: '#3168a6', on: '#ffffff' }],
    ['#c8102e', { fill: '#c8102e', on: '#ffffff', edge: '#c8102e' }, { fill: '#cc1731', on: '#ffffff' }],
    ['#FFD500', { fill: '#ffd500', on: '#000000' }, { fill: '#ffd500', on: '#000000', edge: '#ffd500' }],
    ['#000000', { fill: '#000000', on: '#ffffff' }, { fill: '#666666', on: '#ffffff' }],
  ])('%s stays itself where it can', (colour, light, dark) => {
    expect(brandRoles(colour)).toMatchObject({ light, dark });
  });
});

describe('the face before a person is known', () => {
  const one = { name: localized('One'), colour: '#c8102e', logo: '/one.svg' };
  const standard = { name: localized('id.example') };

  test('is that of the only organisation, and never that of the first of several', () => {
    expect(installationBrand({}, [one], standard)).toEqual(one);
    expect(installationBrand({}, [one, one], standard)).toEqual({ ...standard, colour: '#1d3557' });
    expect(installationBrand({ name: localized('All'), mark: '/all.png' }, [one], standard)).toEqual({
      name: localized('All'),
      colour: '#c8102e',
      mark: '/all.png',
    });
  });
});

describe('a logo', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const svg = (inside: string, start = '<svg viewBox="0 0 9 9"') => bytes(`${start}>${inside}</svg>`);
  const png = (height: number, size = 100, width = 80) => {
    const file = new Uint8Array(size);
    file.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    new DataView(file.buffer).setUint32(16, width);
    new DataView(file.buffer).setUint32(20, height);
    return file;
  };
  /** A PNG with one further chunk of that name after its header. */
  const pngWith = (chunk: string) => {
    const file = png(80);
    file.set(bytes('\0\0\0\rIHDR'), 8);
    file.set(bytes(chunk), 8 + 12 + 13 + 4);
    return file;
  };

  test.each([
    [svg('<path d="M0 0"/>')],
    [svg('<use href="#a"/><path fill="url(#b)"/>', '<?xml version="1.0"?>\n<!-- x -->\n<svg id="a" viewBox="0 0 9 9"')],
    [png(80)],
    [pngWith('IDAT')],
    [png(2048, 100, 2048)],
    [
      svg(
        '<style>.a{fill:#fff}</style><path fill="url(&#35;b)"/>',
        '<?xml version="1.0" encoding="UTF-8"?><svg viewBox="0 0 9 9"',
      ),
    ],
  ])('is taken', (picture) => {
    expect(pictureFault(picture)).toBeUndefined();
  });

  test.each([
    ['viewBox', svg('', '<svg width="9"')],
    ['scripts', svg('<script>alert(1)</script>')],
    ['scripts', svg('<path onload="alert(1)"/>')],
    ['scripts', svg('<a href="javascript:alert(1)"/>')],
    ['scripts', svg('<a-b:script xmlns:a-b="http://www.w3.org/2000/svg">alert(1)</a-b:script>')],
    ['scripts', svg('<é:script>alert(1)</é:script>')],
    ['scripts', svg('<path/onload="alert(1)"/>')],
    ['scripts', svg('<a href="java&#115;cript:alert(1)"/>')],
    ['scripts', svg('<a href="java&#x73;cript:alert(1)"/>')],
    ['animations', svg('<a><animate attributeName="href" to="https://elsewhere.example"/></a>')],
    ['animations', svg('<s:set attributeName="fill" to="red"/>')],
    ['animations', svg('<style>@keyframes a{to{opacity:0}}</style>')],
    ['foreignObject', svg('<x.y:foreignObject/>')],
    ['foreignObject', svg('<html:iframe srcdoc="x"/>')],
    ['outside', svg('<style>.a{fill:u\\72l(https://elsewhere.example/a)}</style>')],
    ['outside', svg('<style>&#64;import "https://elsewhere.example/a.css";</style>')],
    ['outside', svg('<style>.a{background:image-set("https://elsewhere.example/a.png" 1x)}</style>')],
    ['outside', svg('<path fill="&#117;rl(https://elsewhere.example/a#b)"/>')],
    ['outside', svg('<path fill="&#0000000000117;rl(https://elsewhere.example/a#b)"/>')],
    ['outside', svg('<path fill="&#x0000000075;rl(https://elsewhere.example/a#b)"/>')],
    ['outside', svg('<image href="data:image/svg+xml,x"/>')],
    ['outside', svg('<g xml:base="https://elsewhere.example/"/>')],
    ['<use>', svg('<use href="#a"/>'.repeat(17))],
    ['UTF-8', svg('', '<?xml version="1.0" encoding="ISO-2022-JP"?><svg viewBox="0 0 9 9"')],
    ['UTF-8', Uint8Array.from([...svg('<text>').subarray(0, -6), 0xff, ...bytes('</text></svg>')])],
    ['at most 2048', png(2049)],
    ['at most 2048', png(80, 100, 50_000)],
    ['animation', pngWith('acTL')],
    ['foreignObject', svg('<foreignObject/>')],
    ['outside', svg('<image href="https://elsewhere.example/a.png"/>')],
    ['outside', svg("<image xlink:href='//elsewhere.example/a.png'/>")],
    ['outside', svg('<style>@import "https://elsewhere.example/a.css";</style>')],
    ['outside', svg('<path fill="url(https://elsewhere.example/a.svg#b)"/>')],
    ['entities', bytes('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9">&a;</svg>')],
    ['smaller', svg('x'.repeat(65_536))],
    ['smaller', png(80, 262_145)],
    ['80 pixels', png(79)],
    ['cut off', png(80).subarray(0, 20)],
    ['SVG or a PNG', bytes('<html><svg viewBox="0 0 9 9"></svg></html>')],
    ['SVG or a PNG', bytes('')],
  ])('is refused with a remedy (%s)', (remedy, picture) => {
    expect(pictureFault(picture)).toContain(remedy);
  });

  test('rule 30: of thousands of comments is judged at once, whatever follows them', () => {
    const comments = '<!---->'.repeat(9000);
    expect(pictureFault(svg('', `${comments}<svg viewBox="0 0 9 9"`))).toBeUndefined();
    expect(pictureFault(bytes(`${comments}<html/>`))).toContain('SVG or a PNG');
  });

  test('named as what it is not is refused', () => {
    expect(pictureFault(png(80), 'image/svg+xml')).toContain('.png');
    expect(pictureFault(svg(''), 'image/png')).toContain('.svg');
  });

  test.each([
    ['Toledo', 'To'],
    ['KU Loket', 'KL'],
    ['VIVES University of Applied Sciences', 'VS'],
    ['étude', 'Ét'],
    ['Ö', 'Ö'],
    ['𝒳yz 𝒴', '𝒳𝒴'],
    ['…', ''],
  ])('of %s that is missing is %s', (name, letters) => {
    expect(monogramOf(name)).toBe(letters);
  });

  test('keeps its hue with the id, and ids are spread over all hues', () => {
    const hues = Array.from({ length: 200 }, (_, index) => hueOf(`client-${index}`));
    expect(new Set(hues)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(hueOf('toledo')).toBe(hueOf('toledo'));
  });
});
