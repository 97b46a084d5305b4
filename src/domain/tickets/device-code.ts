/** The code that a device shows and a person types (RFC 8628, 6.1): eight characters, and what is easily misread is forgiven. */
import type { RandomBytes } from '../random.ts';
import { normalizeCode, randomCode } from './short-code.ts';

const LENGTH = 8;

/** How long a device code lives, in seconds (RFC 8628, 3.2). */
export const DEVICE_CODE_SECONDS = 600;
/** How long a device waits between two questions, in seconds; asked too soon, five more (RFC 8628, 3.5). */
export const POLLING_SECONDS = 5;

/** What looks alike on a small display counts as the same. */
const looksLike: Readonly<Record<string, string>> = { S: '5', Z: '2', B: '8', G: '6', O: 'D', 0: 'D' };

export function randomDeviceCode(randomBytes: RandomBytes): string {
  return randomCode(LENGTH, randomBytes);
}

/** A code as it is shown: in two groups of four. */
export function shownDeviceCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** A typed code as it is compared. Undefined: it cannot be one. */
export function readDeviceCode(typed: string): string | undefined {
  const code = normalizeCode(typed).replace(/[SZBGO0]/g, (character) => looksLike[character] ?? character);
  return /^[0-9A-Z]{8}$/.test(code) ? code : undefined;
}
