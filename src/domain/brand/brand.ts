/** Whose face a page has: a name, a colour and logos, as configured for the installation and for each organisation. */
import type { Localized } from '../account/languages.ts';

export type Brand = {
  name: Localized;
  /** `#rrggbb`, any; `brandRoles` makes it readable. */
  colour: string;
  /** Paths of SVG or PNG files, served by Pedel. `logo` is wide and says the name; without any there is a monogram. */
  logo?: string;
  /** For dark pages; without it `logo` lies on a white plate. */
  logoDark?: string;
  /** Square; the name stands beside it. */
  mark?: string;
};

export const pictureNames = ['logo', 'logoDark', 'mark'] as const;
export type PictureName = (typeof pictureNames)[number];

/** The colour of an installation of several organisations that configures none. */
export const INSTALLATION_COLOUR = '#1d3557';

/**
 * The face before the person is known: as configured; else that of the only organisation; else the host's name. Never
 * that of one organisation among several.
 */
export function installationBrand(
  given: Partial<Brand>,
  organisations: readonly Brand[],
  standard: { name: Localized },
): Brand {
  const only = organisations.length === 1 ? organisations[0] : undefined;
  const { name = only?.name ?? standard.name, colour = only?.colour ?? INSTALLATION_COLOUR } = given;
  const pictures = pictureNames.some((each) => given[each] !== undefined) || given.name !== undefined ? given : only;
  const { logo, logoDark, mark } = pictures ?? {};
  return {
    name,
    colour,
    ...(logo === undefined ? {} : { logo }),
    ...(logoDark === undefined ? {} : { logoDark }),
    ...(mark === undefined ? {} : { mark }),
  };
}
