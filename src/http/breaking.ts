/** Where the lines of a text may end, for narrow screens: within an address at its parts, and within a number nowhere. */
import ejs from 'ejs';

/** Longer ones may not fit in a line of a phone. */
const LONGEST_UNBROKEN = 20;

/**
 * HTML. The parts of `text` stand between ` · `: `Olga Peeters · u-olga`. Without this, a line ends after the hyphen, or one
 * letter before the end of an address.
 */
export function breaking(text: string): string {
  const parts = text.split(' · ');
  return parts.map((part) => (parts.length > 1 && isWhole(part) ? unbroken(part) : atItsParts(part))).join(' · ');
}

const isWhole = (part: string) => part.length > 0 && part.length <= LONGEST_UNBROKEN && !/[\s@]/.test(part);

const unbroken = (part: string) => `<span class="unbroken">${ejs.escapeXML(part)}</span>`;

function atItsParts(part: string): string {
  return ejs
    .escapeXML(part)
    .split(' ')
    .map((word) =>
      /@|:\/\//.test(word) ? word.replaceAll(/(?:@|\/+)(?=.)/g, '$&<wbr>').replaceAll(/\.(?=\w)/g, '<wbr>.') : word,
    )
    .join(' ');
}
