/**
 * Holds applications to the people whom their `pedel_access` names (rule 16). Whatever issues or honours something for a person
 * asks here: authorization, device flow, token exchange, and each use of a grant.
 */
import type { Account } from '../../domain/account/account.ts';
import { accessRuleOf, whyNotAllowed } from '../../domain/clients/access-rule.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { noteRefusal } from '../request.ts';

/**
 * Whether this person may use an application at `now` (epoch ms). If not, the reason is noted for the log of the current request.
 * `client`: the metadata of a registration, or a client that the library made of it.
 */
export function mayUse(client: ClientRecord['metadata'] | object, account: Account, now: number): boolean {
  if (whyNotAllowed(accessRuleOf(client), account, now) === undefined) return true;
  noteRefusal('not-open-to-person');
  return false;
}
