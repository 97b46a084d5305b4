/** What counts as an e-mail address, wherever one comes in: feeds, forms, registrations, configuration. */

/** RFC 5321, 4.5.3.1.3: a path is at most 256 octets, two of which are its angle brackets. */
export const EMAIL_ADDRESS_LENGTH = 254;
/** RFC 5321, 4.5.3.1.1 */
const LOCAL_PART_LENGTH = 64;

const PATTERN =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

/**
 * Whether `text` is one bare address, without a name or spaces around it. Accepts what a browser's own field takes
 * (HTML, 4.10.5.1.5), but asks for a dot in the domain, for no dot at either end of the part before @, and for the
 * lengths of RFC 5321. ASCII only: letters are sent without SMTPUTF8. It says nothing about whether mail arrives.
 */
export function isEmailAddress(text: string): boolean {
  return text.length <= EMAIL_ADDRESS_LENGTH && text.indexOf('@') <= LOCAL_PART_LENGTH && PATTERN.test(text);
}

/**
 * The address with the letters of its domain in ASCII (`ana@bücher.example` -> `ana@xn--bcher-kva.example`, UTS #46), as
 * mail servers have it; anything else as it is. The part before @ stays.
 */
export function withAsciiDomain(text: string): string {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  if (at < 0 || !/[^ -~]/.test(domain) || !/^[\p{L}\p{M}\p{N}.\u3002-]+$/u.test(domain)) return text;
  const ascii = URL.parse(`http://${domain}`)?.hostname ?? '';
  return ascii === '' ? text : `${text.slice(0, at)}@${ascii}`;
}
