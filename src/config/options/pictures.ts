/** Colours and pictures of the installation and its organisations. */
import { z } from 'zod';
import { type About, option } from './option.ts';

/** What a picture has to be; ../load.ts says it of files that are not. */
export const PICTURE =
  'the path of an .svg file (with a viewBox, without scripts or references to elsewhere, at most 64 kB) or a .png file (at least 80 pixels high, at most 256 kB)';

export const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/);

const picture = (what: About) =>
  option(
    z
      .string()
      .regex(/\.(?:svg|png)$/)
      .exactOptional(),
    what,
  );

/** That the files are there, and what they hold, is checked by ../load.ts. */
export const pictures = (name: string) => ({
  logo: picture({
    purpose: 'Logo that says the name; a relative path starts at the folder of the configuration file',
    expected: PICTURE,
    example: `logos/${name}.svg`,
  }),
  logoDark: picture({
    purpose: 'The same logo for dark pages; without it, logo lies on a white plate there',
    expected: PICTURE,
    example: `logos/${name}-dark.svg`,
  }),
  mark: picture({
    purpose: 'Square sign, shown beside the name where there is no logo; without either, letters of the name are shown',
    expected: PICTURE,
    example: `logos/${name}-mark.svg`,
  }),
});
