/** Fetches the logo of an application once, when it is registered, and takes it only if it can be shown. */
import { pictureFault, pictureType } from '../../domain/brand/picture.ts';
import { pictureHash } from '../../domain/clients/client-logo.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';

/** `picture`: base64. `fault`: why none is shown, in words that continue "logo_uri: ". */
export type FetchedLogo = { logo: ClientLogo; picture: string } | { fault: string };

/** Why letters stand where a logo should be; the next change of the registration tries again. */
export const logoWarning = (fault: string): string =>
  `logo_uri: ${fault}. Until a later run fetches it, letters of the name stand in its place`;

/** The part of the global `fetch` that is used. It follows no redirect. */
type Fetch = (uri: string, init: { headers: Record<string, string> }) => Promise<Response>;

/** Never rejects: an application works without its logo. */
export async function fetchLogo(uri: string, fetch: Fetch): Promise<FetchedLogo> {
  try {
    const response = await fetch(uri, { headers: { accept: 'image/svg+xml, image/png' } });
    const { status } = response;
    if (status >= 300 && status < 400)
      return { fault: `it leads to another address (${status}); name that address instead` };
    if (status !== 200) return { fault: `the answer was ${status}` };
    const bytes = new Uint8Array(await response.arrayBuffer());
    const fault = pictureFault(bytes);
    const type = pictureType(bytes);
    if (fault !== undefined || type === undefined) return { fault: fault ?? 'name a picture that is an SVG or a PNG' };
    return { logo: { uri, hash: pictureHash(bytes), type }, picture: Buffer.from(bytes).toString('base64') };
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    if (name === 'TimeoutError') return { fault: 'no answer came in time' };
    return { fault: message === '' ? (code ?? name) : message };
  }
}
