/** Which addresses a person has proven to read, by a code or link that was mailed there and came back. */
import type { Account } from './account.ts';

/** The account after this ticket was used: the address that it was mailed to is proven, while it is on file. */
export function withProvenAddress(account: Account, ticketId: string): Account {
  const { sentTo } = account.tickets.find(({ id }) => id === ticketId) ?? {};
  const onFile = [account.personalEmail, ...account.emails];
  const proven = [...(account.provenAddresses ?? []), sentTo].filter(
    (address) => address !== undefined && onFile.includes(address),
  ) as string[];
  return { ...account, provenAddresses: [...new Set(proven)] };
}

/** Whether an address is the person's: the institution gave it out, or a code or link came back from it. */
export function isVerified({ emails, provenAddresses = [] }: Account, address: string): boolean {
  return emails.includes(address) || provenAddresses.includes(address);
}
