/** Names of those who did something, for who administers an application: of people, of service clients, and of commands. */
import type { Translate } from '../../../locales/index.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { Web } from '../web.ts';

/** By id. Somebody who is gone is told by the id. */
export async function peopleNames(
  { accounts }: Pick<Web, 'accounts'>,
  actors: readonly ChangeEntry['actor'][],
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const { kind, id } of actors) {
    if (id === undefined || names.has(id)) continue;
    const account = kind === 'person' ? await accounts.findById(id) : undefined;
    names.set(id, account === undefined ? id : `${account.givenName} ${account.familyName}`.trim());
  }
  return names;
}

/** Who it was, as a page says it: a person or service by name, a command as one. `names`: of `peopleNames`. */
export function whoInWords(
  t: Translate,
  { kind, id }: ChangeEntry['actor'],
  names: ReadonlyMap<string, string>,
): string {
  if (kind === 'command') return t('operation.who_command', { name: id ?? '' });
  if (kind === 'system') return t('operation.who_system');
  return (id === undefined ? undefined : names.get(id)) ?? t('operation.who_anonymous');
}
