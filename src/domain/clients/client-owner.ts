/** Whose an application is, and what people call it. */
import type { Language } from '../account/languages.ts';
import type { ClientRecord } from '../ports/clients.ts';

/**
 * The id of the organisation that answers for it; undefined: the association itself. One that registered itself before
 * `pedel_organisation` was kept is of the organisation of its token.
 */
export function ownerOf({
  metadata: { pedel_organisation: id },
  registration,
}: Pick<ClientRecord, 'metadata' | 'registration'>): string | undefined {
  return typeof id === 'string' ? id : registration?.terms.organisation;
}

/** Its name in this language (`client_name#nl`), else the one without a language, else its id. */
export function nameOfClient({ id, metadata }: Pick<ClientRecord, 'id' | 'metadata'>, language: Language): string {
  const text = (name: string) => (typeof metadata[name] === 'string' ? metadata[name] : undefined);
  return text(`client_name#${language}`) ?? text('client_name') ?? id;
}
