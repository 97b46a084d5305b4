/** Names of applications in the visitor's language. */
import type { Language } from '../../domain/account/languages.ts';
import type { Clients } from '../../domain/ports/clients.ts';

/** Id -> name; those that are not registered (any more) are left out. @throws what the storage throws */
export async function applicationNames(
  clients: Pick<Clients, 'find'>,
  ids: ReadonlySet<string>,
  language: Language,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const id of ids) {
    const { metadata } = (await clients.find(id)) ?? {};
    const name = metadata?.[`client_name#${language}`] ?? metadata?.client_name;
    if (metadata !== undefined) names.set(id, typeof name === 'string' ? name : id);
  }
  return names;
}
