/** Checks the files that the configuration names: pictures, and the certificates of the mail server. */
import { X509Certificate } from 'node:crypto';
import { pictureNames } from '../domain/brand/brand.ts';
import { pictureFault } from '../domain/brand/picture.ts';
import { dottedPath, type Fault, shown, valueAt } from './fault.ts';
import { MAIL_CA } from './options/mail.ts';
import { PICTURE } from './options/pictures.ts';

/** Every picture that is named, but cannot be read or shown. */
export function faultyPictures(
  raw: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
  read: (picture: string) => Uint8Array,
): Fault[] {
  const organisations = Array.isArray(raw.organisations) ? [...raw.organisations.keys()] : [];
  const owners: PropertyKey[][] = [['installation'], ...organisations.map((index) => ['organisations', index])];
  const paths = owners.flatMap((owner) => pictureNames.map((name) => [...owner, name]));
  return paths.flatMap((path) => {
    const picture = valueAt(raw, path);
    if (typeof picture !== 'string' || !/\.(?:svg|png)$/.test(picture)) return []; // it has its own fault
    const remedy = remedyFor(picture, read);
    if (remedy === undefined) return [];
    return [{ key: dottedPath(path), where: where(path), ...shown(path, picture), expected: PICTURE, remedy }];
  });
}

function remedyFor(picture: string, read: (picture: string) => Uint8Array): string | undefined {
  try {
    return pictureFault(read(picture), picture.endsWith('.png') ? 'image/png' : 'image/svg+xml');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no such file; correct the path'
      : (error as Error).message;
  }
}

/** The content of mail.ca; undefined if there is none, or it is faulty. */
export function readAuthority(
  raw: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
  read: (name: string) => string,
  faults: Fault[],
): string | undefined {
  const path = ['mail', 'ca'];
  const name = valueAt(raw, path);
  if (typeof name !== 'string' || name === '') return undefined;
  const refuse = (remedy: string) => {
    faults.push({ key: dottedPath(path), where: where(path), ...shown(path, name), expected: MAIL_CA, remedy });
    return undefined;
  };
  let text: string;
  try {
    text = read(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return refuse(code === 'ENOENT' ? 'there is no such file; correct the path' : message);
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) return refuse('it holds no certificate (-----BEGIN CERTIFICATE-----)');
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      return refuse(`certificate ${index + 1} in it cannot be read: export it again as PEM`);
    }
  }
  return certificates.join('\n');
}
