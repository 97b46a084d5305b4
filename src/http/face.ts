/** The face of a page: name, colours and logo of a brand, or the letters that stand for a logo. Made once, at start. */
import type { Localized } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { type Brand, type PictureName, pictureNames } from '../domain/brand/brand.ts';
import { type BrandRoles, brandRoles } from '../domain/brand/brand-roles.ts';
import { hueOf, monogramOf } from '../domain/brand/monogram.ts';

export type Face = {
  name: Localized;
  /** Rules for the page's `<style>`. */
  style: string;
  /** URL paths. */
  pictures: Partial<Record<PictureName, string>>;
};

export type Brands = { installation: Brand; organisations: Organisation[] };

/** The names and files of all pictures, for assets.ts. */
export function picturesOf({ installation, organisations }: Brands): [name: string, file: string][] {
  return [[undefined, installation] as const, ...organisations.map((each) => [each.id, each] as const)].flatMap(
    ([id, brand]) =>
      pictureNames.flatMap((picture): [string, string][] => {
        const file = brand[picture];
        return file === undefined ? [] : [[assetName(id, picture), file]];
      }),
  );
}

function assetName(organisationId: string | undefined, picture: PictureName): string {
  return organisationId === undefined ? `installation-${picture}` : `of-${organisationId}-${picture}`;
}

/** @param pathOf the URL path of an asset. The result's argument undefined: the installation. */
export function createFaces(
  brands: Brands,
  pathOf: (asset: string) => string | undefined,
): (organisation?: Organisation) => Face {
  const faceOf = (id: string | undefined, brand: Brand): Face => ({
    name: brand.name,
    style: styleOf(brand.colour),
    pictures: Object.fromEntries(
      pictureNames.flatMap((picture) => {
        const path = pathOf(assetName(id, picture));
        return path === undefined ? [] : [[picture, path]];
      }),
    ),
  });
  const installation = faceOf(undefined, brands.installation);
  const faces = new Map(brands.organisations.map((each) => [each.id, faceOf(each.id, each)]));
  return (organisation) => (organisation === undefined ? undefined : faces.get(organisation.id)) ?? installation;
}

function styleOf(colour: string): string {
  const { light, dark } = brandRoles(colour);
  const root = (roles: BrandRoles) =>
    `:root{${Object.entries(roles)
      .map(([role, value]) => `--${role}:${value}`)
      .join(';')}}`;
  return `${root(light)}@media(prefers-color-scheme:dark){${root(dark)}}`;
}

export type Monogrammed = 'application' | 'person' | 'brand';

/** An SVG element; decoration, because the name always stands beside it. */
export function monogram(of: Monogrammed, id: string, name: string): string {
  const ground =
    of === 'person' ? '<circle cx="20" cy="20" r="20"/>' : '<rect x=".5" y=".5" width="39" height="39" rx="9"/>';
  const colours = of === 'brand' ? 'brand-letters' : `h${hueOf(id)}`;
  const letters = monogramOf(name).replaceAll(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<svg class="tile ${colours}" viewBox="0 0 40 40" aria-hidden="true">${ground}<text x="20" y="20.5">${letters}</text></svg>`;
}
