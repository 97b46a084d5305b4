/** The addresses of the demo campus, counted from one base port. */
export const applicationNames = ['toledo', 'webmail', 'ku-loket', 'alumni-portal', 'mailbox'] as const;
export type ApplicationName = (typeof applicationNames)[number];

const offsets: Record<ApplicationName, number> = {
  toledo: 1,
  webmail: 2,
  'ku-loket': 3,
  'alumni-portal': 4,
  mailbox: 5,
};

/** The domains whose mail the webmail shows; everything else is a personal address and goes to the mailbox. */
const institutionDomains = ['kuleuven.be', 'vives.be', 'alum.kuleuven.be'];

export const portOf = (name: ApplicationName, basePort: number) => basePort + offsets[name];
export const receiverPort = (basePort: number) => basePort + 25;
export const issuerOf = (basePort: number) => `http://localhost:${basePort}`;

/** The folder of the site the application lives in: '' or '/portaal'. */
export const mountOf = (name: ApplicationName) => (name === 'alumni-portal' ? '/portaal' : '');
export const siteOf = (name: ApplicationName, basePort: number) =>
  `http://localhost:${portOf(name, basePort)}${mountOf(name)}`;

export function isInstitutionAddress(address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return institutionDomains.some((institution) => domain === institution || domain.endsWith(`.${institution}`));
}
