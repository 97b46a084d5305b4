/** What an application is told of its registration (RFC 7591, 3.2; RFC 7592, 3), and of its faults. */

import { matchingSecret } from '../../domain/clients/client-secret.ts';
import { isPending } from '../../domain/clients/client-validity.ts';
import { clientDefaults } from '../../domain/clients/metadata/client-members.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { Issued } from '../../use-cases/registration/register-client.ts';

const LONGEST = 4000;

/**
 * The whole registration with its defaults. Without what only an operator sets: the application sends back what it was told
 * (RFC 7592, 2.2). `registration_state` is ours: `pending` until an operator approves.
 */
export function registrationAnswer({ record, accessToken, secret }: Issued, endpoint: string): object {
  const { id, metadata, createdAt } = record;
  const told = Object.entries({ ...clientDefaults, ...metadata }).filter(([name]) => !name.startsWith('pedel_'));
  return {
    client_id: id,
    client_id_issued_at: Math.floor(createdAt / 1000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: endOf(secret, record) }),
    ...Object.fromEntries(told),
    registration_client_uri: `${endpoint}/${id}`,
    registration_access_token: accessToken,
    registration_state: isPending(record) ? 'pending' : 'approved',
  };
}

/** In epoch seconds; 0: it does not expire (RFC 7591, 3.2.1). */
function endOf(secret: string, { secrets, updatedAt }: Issued['record']): number {
  const end = matchingSecret(secret, secrets, updatedAt)?.secret.expiresAt;
  return end === undefined ? 0 : Math.floor(end / 1000);
}

/** All faults in one sentence each. ASCII without quotes and backslashes (RFC 6749, 5.2). */
export function faultsIn(faults: readonly MetadataFault[]): { error: string; error_description: string } {
  const sentences = faults.map(
    ({ member, value, remedy }) => `${member}${value === undefined ? '' : ` ${value}`}: ${remedy}`,
  );
  const description = [...new Set(sentences)]
    .join('; ')
    .replaceAll('"', "'")
    .replace(/[^\x20-\x7e]|\\/g, '?');
  return {
    error: faults.every(({ member }) => member === 'redirect_uris')
      ? 'invalid_redirect_uri'
      : 'invalid_client_metadata',
    error_description: description.length > LONGEST ? `${description.slice(0, LONGEST)}...` : description,
  };
}
