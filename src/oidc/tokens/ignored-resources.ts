/** Drops a `resource` that the client is known to send and not to mean, as if it had not been sent. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { extraMember } from '../clients/client-metadata.ts';

/** Only what its registration names (`pedel_ignored_resources`); any other unknown resource is refused (resources.ts). */
export function dropIgnoredResources({ oidc }: KoaContextWithOIDC): void {
  const { params } = oidc;
  if (params?.resource === undefined) return;
  const ignored = extraMember(oidc.client, 'pedel_ignored_resources') ?? [];
  if (ignored.length === 0) return;
  const meant = [params.resource].flat().filter((resource) => !ignored.includes(String(resource)));
  params.resource = meant.length > 1 ? meant : meant[0];
}
