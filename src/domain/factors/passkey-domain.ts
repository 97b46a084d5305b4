/** The domain to which passkeys belong (RP ID), apart from the issuer's host, so that the issuer can move. */

/** The configured domain; without one, the host of the issuer. */
export function passkeyDomainOf({ issuer, passkeyDomain }: { issuer: string; passkeyDomain?: string }): string {
  return passkeyDomain ?? new URL(issuer).hostname;
}

/**
 * Whether browsers use passkeys of `domain` on pages of `issuer` without asking anybody: it is the issuer's host, or a
 * domain above it (WebAuthn level 3, 5.1.3). Otherwise the domain itself must list the issuer (5.11, related origins).
 */
export function isWithin(issuer: string, domain: string): boolean {
  const host = new URL(issuer).hostname;
  return host === domain || host.endsWith(`.${domain}`);
}
