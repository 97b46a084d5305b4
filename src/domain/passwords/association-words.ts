/** Words of the association that a password must not rest on: from its configuration (rule 5). */
import type { Localized } from '../account/languages.ts';
import type { Organisation } from '../account/organisation.ts';

/**
 * Names and contacts of all organisations in every language, their domains, the installation's own name, and the words
 * that the operator added.
 */
export function associationWords(association: {
  name: Localized;
  organisations: Organisation[];
  more: readonly string[];
}): string[] {
  const { name: ownName, organisations, more } = association;
  const words = organisations.flatMap(({ name, domains, contacts }) => [
    ...Object.values(name),
    ...domains,
    ...contacts.flatMap(({ label }) => Object.values(label)),
  ]);
  return [...new Set([...Object.values(ownName), ...words, ...more])];
}
