/** Which pictures are taken as a logo: small, tall enough, and an SVG that neither runs nor loads anything. */

const SVG_BYTES = 64 * 1024;
const PNG_BYTES = 256 * 1024;
const PNG_PIXELS = 80;
const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export type PictureType = 'image/svg+xml' | 'image/png';

/** The type by content, whatever the name says; undefined for anything but an SVG or a PNG. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  if (PNG_START.every((byte, index) => bytes[index] === byte)) return 'image/png';
  return /^(?:<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\]\s*)?>|\s)*<svg[\s>]/i.test(
    textOf(bytes.subarray(0, SVG_BYTES)),
  )
    ? 'image/svg+xml'
    : undefined;
}

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
  const height = new DataView(bytes.buffer, bytes.byteOffset).getUint32(20);
  return height < PNG_PIXELS ? `export it at least ${PNG_PIXELS} pixels high; it has ${height}` : undefined;
}

function svgFault(bytes: Uint8Array): string | undefined {
  if (bytes.length > SVG_BYTES) return `make it smaller: ${bytes.length} bytes are more than ${SVG_BYTES}`;
  const svg = textOf(bytes);
  if (!/<svg[^>]*\sviewBox\s*=/i.test(svg)) return 'give its <svg> a viewBox, so that it scales';
  if (/<(?:\w+:)?script[\s/>]/i.test(svg) || /\son\w+\s*=/i.test(svg) || /javascript:/i.test(svg))
    return 'remove its scripts';
  if (/<(?:\w+:)?foreignObject[\s/>]/i.test(svg)) return 'remove its foreignObject';
  if (/<!ENTITY|<!DOCTYPE[^>]*\[/i.test(svg)) return 'remove its entities';
  if (refersElsewhere(svg)) return 'embed what it refers to: it may refer to nothing outside of itself';
  return undefined;
}

/** `href="#a"`, `url(#a)` and embedded pictures are inside. */
function refersElsewhere(svg: string): boolean {
  const references = [
    ...svg.matchAll(/\b(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi),
    ...svg.matchAll(/url\(\s*['"]?([^'")]*)/gi),
  ].map(([, one, other]) => (one ?? other ?? '').trim());
  return (
    /@import|<\?xml-stylesheet/i.test(svg) || references.some((each) => !/^(?:#|data:image\/(?:png|jpeg);)/.test(each))
  );
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
