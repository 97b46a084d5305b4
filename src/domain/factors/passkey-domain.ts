/** The domain to which passkeys belong (RP ID), apart from the issuer's host, so that the issuer can move. */
import type { Accounts } from '../ports/accounts.ts';
import type { Values } from '../ports/values.ts';
import { Problem } from '../problem.ts';

const NAME = 'passkey-domain';

type Configured = { issuer: string; passkeyDomain?: string };

/** The configured domain; without one, the host of the issuer. */
export function passkeyDomainOf({ issuer, passkeyDomain }: Configured): string {
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

/**
 * Remembers the domain of this installation. Passkeys are lost with their domain, so only an operator who names another
 * one in `passkeyDomain` changes it; a new host of the issuer alone does not.
 * @returns the domain whose passkeys no longer work, where there may be any
 * @throws Problem `passkeys_lost` if the issuer moved, there are passkeys, and `passkeyDomain` does not say what becomes of them
 */
export async function settlePasskeyDomain(
  configured: Configured,
  values: Values,
  accounts: Pick<Accounts, 'anyPasskey'>,
): Promise<string | undefined> {
  const domain = passkeyDomainOf(configured);
  const before = await values.getOrInsert(NAME, domain);
  const lost = await requirePasskeyDomain(configured, before, accounts);
  if (before !== domain) await values.replace(NAME, domain, before); // false: a node that starts at the same time did it
  return lost ? before : undefined;
}

/** The domain that the installation remembers; undefined: it never started. */
export function rememberedDomain(values: Pick<Values, 'get'>): Promise<string | undefined> {
  return values.get(NAME);
}

/**
 * Stores nothing.
 * @returns whether passkeys are given up, as the operator wants
 * @throws Problem `passkeys_lost` as `settlePasskeyDomain`
 */
export async function requirePasskeyDomain(
  configured: Configured,
  before: string,
  accounts: Pick<Accounts, 'anyPasskey'>,
): Promise<boolean> {
  const domain = passkeyDomainOf(configured);
  if (before === domain) return false;
  const lost = await accounts.anyPasskey();
  if (lost && configured.passkeyDomain === undefined) {
    const { issuer } = configured;
    const related = isWithin(issuer, before) ? '' : `, and relatedOrigins: [${issuer}]`;
    throw new Problem(
      'passkeys_lost',
      `the passkeys that people have belong to ${before}, and none of them works for ${domain}, the host of issuer: to keep them, set passkeyDomain: ${before}${related}; to give them up, set passkeyDomain: ${domain}`,
    );
  }
  return lost;
}
