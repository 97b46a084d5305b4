/** Compares the organisations that a registration names with those that are configured. */
import type { ClientRecord } from '../ports/clients.ts';
import { accessRuleOf, organisationsIn } from './access-rule.ts';

/**
 * In one sentence, which begins with the member, what a registration names that is not configured. Undefined: nothing.
 * `organisations`: the ids of the configuration.
 */
export function unknownNames(metadata: ClientRecord['metadata'], organisations: readonly string[]): string | undefined {
  const [unknown] = organisationsIn(accessRuleOf(metadata)).filter((id) => !organisations.includes(id));
  if (unknown === undefined) return undefined;
  return `pedel_access names the organisation "${unknown}", and the configuration has ${organisations.join(', ')}`;
}
