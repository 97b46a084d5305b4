/** Decides which applications a person gets links to: the association's own, with a home page, for this person. */
import type { Account } from '../account/account.ts';
import { inEveryLanguage, type Localized } from '../account/languages.ts';
import type { ClientLogo, ClientRecord, Clients } from '../ports/clients.ts';
import { type AccessLists, accessRuleOf, type Person, whyNotAllowed } from './access-rule.ts';
import { logoOf } from './client-logo.ts';
import { whyUnusable } from './client-validity.ts';

export type ApplicationLink = { id: string; name: Localized; uri: string; logo?: ClientLogo };

const PAGE = 200;
/** A longer list is not read. An association with more applications has a portal. */
const MOST = 12;

/**
 * Links to first-party clients with a `client_uri` that the account may use at `now` (epoch ms), by name in the
 * account's language. Reads the registry page by page until there are enough.
 * @throws what the storage throws
 */
export async function applicationLinks(
  clients: Pick<Clients, 'list'>,
  account: Person & Pick<Account, 'language'>,
  now: number,
): Promise<ApplicationLink[]> {
  const links: ApplicationLink[] = [];
  let after: string | undefined;
  while (links.length < MOST) {
    const page = await clients.list(after, PAGE);
    const open = page.filter((client) => whyUnusable(client, now) === undefined && isFor(client, account, now));
    links.push(...open.flatMap((client) => linkTo(client) ?? []));
    after = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  const { language } = account;
  return links.slice(0, MOST).sort((a, b) => a.name[language].localeCompare(b.name[language], language));
}

function isFor({ metadata }: ClientRecord, person: Person, now: number): boolean {
  const seenBy = onlyShownTo(metadata) ?? accessRuleOf(metadata);
  return whyNotAllowed(seenBy, person, now) === undefined;
}

/**
 * Up to version 0.2 `pedel_affiliations` hid the link and let everybody in. A registration that still has it goes on so until
 * `pedel clients apply` gives it a `pedel_access` (docs/decisions/access.md). Undefined: it has none, or no longer.
 */
export function onlyShownTo(metadata: ClientRecord['metadata']): AccessLists | undefined {
  const { pedel_affiliations: affiliations, pedel_access: rule } = metadata;
  if (rule !== undefined || !Array.isArray(affiliations)) return undefined;
  return { affiliations: affiliations as string[] };
}

function linkTo(record: ClientRecord): ApplicationLink | undefined {
  const { id, metadata } = record;
  const text = (name: string) => (typeof metadata[name] === 'string' ? metadata[name] : undefined);
  const uri = text('client_uri');
  // Only a web URL becomes a link: `client_uri` may come from a client's own registration.
  const isWeb = uri !== undefined && /^https?:$/.test(URL.parse(uri)?.protocol ?? '');
  if (metadata.pedel_first_party !== true || !isWeb) return undefined;
  const name = text('client_name') ?? id;
  const logo = logoOf(record);
  return {
    id,
    uri,
    name: inEveryLanguage((language) => text(`client_name#${language}`) ?? name),
    ...(logo === undefined ? {} : { logo }),
  };
}
