/** Which pictures are taken as a logo: small, tall enough, and an SVG that neither runs nor loads anything. */

const SVG_BYTES = 64 * 1024;
const PNG_BYTES = 256 * 1024;
const PNG_PIXELS = 80;
/** A small file may unpack to any size. */
const MOST_PIXELS = 2048;
/** Each may refer to others, so that a few dozen draw millions. */
const MOST_USES = 16;
const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export type PictureType = 'image/svg+xml' | 'image/png';

/** The type by content, whatever the name says; undefined for anything but an SVG or a PNG. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  if (PNG_START.every((byte, index) => bytes[index] === byte)) return 'image/png';
  return START_OF_SVG.test(textOf(bytes.subarray(0, SVG_BYTES))) ? 'image/svg+xml' : undefined;
}

/** A comment ends at its first `-->`: in any other reading each further one would double the work. */
const START_OF_SVG =
  /^(?:<\?xml[^>]*\?>|<!--(?:(?!-->)[\s\S])*-->|<!DOCTYPE\s+svg[^>[]*(?:\[[^\]]*\]\s*)?>|\s)*<svg[\s>]/i;

/** What to change about a picture, as a remedy; undefined: it can be shown. `expected`: what it says to be. */
export function pictureFault(bytes: Uint8Array, expected?: PictureType): string | undefined {
  const type = pictureType(bytes);
  if (type !== undefined && expected !== undefined && type !== expected)
    return type === 'image/png' ? 'it is a PNG: name it .png' : 'it is an SVG: name it .svg';
  switch (type) {
    case 'image/png':
      return pngFault(bytes);
    case 'image/svg+xml':
      return svgFault(bytes);
    case undefined:
      return 'name a picture that is an SVG or a PNG';
  }
}

function pngFault(bytes: Uint8Array): string | undefined {
  if (bytes.length > PNG_BYTES) return `make it smaller: ${bytes.length} bytes are more than ${PNG_BYTES}`;
  // IHDR comes first: length, name, width, height (PNG, 11.2.2)
  if (bytes.length < 24) return 'it is cut off; export it again';
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (height < PNG_PIXELS) return `export it at least ${PNG_PIXELS} pixels high; it has ${height}`;
  if (width > MOST_PIXELS || height > MOST_PIXELS)
    return `export it at most ${MOST_PIXELS} pixels wide and high; it has ${width} by ${height}`;
  return hasChunk(bytes, 'acTL') ? 'export it without animation' : undefined;
}

/** Chunks are a length, a name, content and a checksum (PNG, 5.3). */
function hasChunk(bytes: Uint8Array, wanted: string): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG_START.length; at + 8 <= bytes.length; at += 12 + view.getUint32(at))
    if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === wanted) return true;
  return false;
}

function svgFault(bytes: Uint8Array): string | undefined {
  if (bytes.length > SVG_BYTES) return `make it smaller: ${bytes.length} bytes are more than ${SVG_BYTES}`;
  if (!isUtf8(bytes)) return 'save it as UTF-8';
  const svg = unescaped(textOf(bytes));
  if (!/<svg[^>]*\sviewBox\s*=/i.test(svg)) return 'give its <svg> a viewBox, so that it scales';
  if (hasElement(svg, 'script|handler|listener') || /[\s"'/]on\w+\s*=/i.test(svg) || /javascript:/i.test(svg))
    return 'remove its scripts';
  if (hasElement(svg, 'foreignObject|iframe|embed|object|audio|video')) return 'remove its foreignObject';
  if (hasElement(svg, 'animate\\w*|set') || /@(?:-\w+-)?keyframes/i.test(svg)) return 'remove its animations';
  if (/<!ENTITY|<!DOCTYPE[^>]*\[/i.test(svg)) return 'remove its entities';
  if (refersElsewhere(svg)) return 'embed what it refers to: it may refer to nothing outside of itself';
  const uses = svg.match(/<(?:[^\s<>/]*:)?use[\s/>]/gi)?.length ?? 0;
  return uses > MOST_USES ? `draw it with at most ${MOST_USES} <use> elements; it has ${uses}` : undefined;
}

/** `names`: of an element, with any prefix, as a regular expression. */
function hasElement(svg: string, names: string): boolean {
  return new RegExp(`<(?:[^\\s<>/]*:)?(?:${names})[\\s/>]`, 'i').test(svg);
}

/** A browser reads another encoding as other characters than are checked here. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    const declared = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)/i.exec(strictly.decode(bytes))?.[1] ?? 'utf-8';
    return /^(?:utf-8|us-ascii)$/i.test(declared);
  } catch {
    return false;
  }
}

const strictly = new TextDecoder('utf-8', { fatal: true });

/** Without the numbers that stand for a character (`&#0117;rl(`), so that a word is found however it is written. */
function unescaped(svg: string): string {
  return svg.replace(/&#(?:x([0-9a-f]+)|([0-9]+));/gi, (whole, hex, decimal) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** `href="#a"`, `url(#a)` and embedded pictures are inside. A backslash could hide `url(` in a style. */
function refersElsewhere(svg: string): boolean {
  const references = [
    ...svg.matchAll(/\b(?:href|src|base)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi),
    ...svg.matchAll(/url\(\s*['"]?([^'")]*)/gi),
  ].map(([, one, other]) => (one ?? other ?? '').trim());
  return (
    /@import|<\?xml-stylesheet|image-set\(|cross-fade\(|\bsrc\(|\\/i.test(svg) ||
    references.some((each) => !/^(?:#|data:image\/(?:png|jpeg);)/.test(each))
  );
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
