/** Says whose an application is, which decides who looks after its registration. */
import type { ClientRecord } from '../ports/clients.ts';

/**
 * The id of the organisation; undefined: the association's. One that registered itself before `pedel_organisation` was kept is
 * of the organisation of its token.
 */
export function organisationOf({
  metadata: { pedel_organisation: id },
  registration,
}: Pick<ClientRecord, 'metadata' | 'registration'>): string | undefined {
  return typeof id === 'string' ? id : registration?.terms.organisation;
}
