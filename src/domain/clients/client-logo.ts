/** The logo of an application: fetched when it is registered, and shown only while the registration names that address. */
import { createHash } from 'node:crypto';
import { pictureType } from '../brand/picture.ts';
import type { ClientLogo, ClientRecord, PictureOfClient } from '../ports/clients.ts';

/** The logo that pages show; undefined: none was taken from the `logo_uri` of now, so letters stand in its place. */
export function logoOf({ logo, metadata }: ClientRecord): ClientLogo | undefined {
  return logo !== undefined && logo.uri === metadata.logo_uri ? logo : undefined;
}

/** 16 characters of base64url, which name the content in an address. */
export function pictureHash(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('base64url').slice(0, 16);
}

/** What is wrong with a stored logo, for `storage check`; usually nothing. */
export function storedLogoFaults({ logo, picture }: PictureOfClient): string[] {
  if (logo === undefined) return [];
  const bytes = Buffer.from(picture ?? '', 'base64');
  if (pictureHash(bytes) === logo.hash && pictureType(bytes) === logo.type) return [];
  return ['its logo is not the picture that was fetched; register the application with another logo_uri'];
}
