/**
 * An application as a trial meets it: the same registration, which for this one request returns to a page of ours and
 * proves itself by PKCE alone, because its secrets and keys are not here.
 */
import type { Client } from 'oidc-provider';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { type ClientConstructor, clientOf } from '../clients/client-metadata.ts';

/** How requests are made and answers are protected; none of it changes what a person is asked or what is told of him. */
const aboutTheOtherSide = [
  'pedel_profile',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'request_object_signing_alg',
  'request_object_encryption_alg',
  'request_object_encryption_enc',
  'token_endpoint_auth_signing_alg',
  'dpop_bound_access_tokens',
  'tls_client_certificate_bound_access_tokens',
  'authorization_signed_response_alg',
  'authorization_encrypted_response_alg',
  'authorization_encrypted_response_enc',
  'id_token_encrypted_response_alg',
  'id_token_encrypted_response_enc',
  'userinfo_signed_response_alg',
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
  'introspection_signed_response_alg',
  'introspection_encrypted_response_alg',
  'introspection_encrypted_response_enc',
];

/** Only requests that `admits` of trial.ts has judged get it; every other request finds the client itself. */
export function trialClientOf(Constructor: ClientConstructor, record: ClientRecord, callback: string): Client {
  const kept = Object.entries(record.metadata).filter(([name]) => !aboutTheOtherSide.includes(name));
  const metadata = { ...Object.fromEntries(kept), token_endpoint_auth_method: 'none' };
  const client = clientOf(Constructor, { ...record, metadata, secrets: [] });
  // not one more registered address: those also decide the sector, and so the `sub`
  Object.defineProperty(client, 'redirectUriAllowed', { value: (uri: unknown) => uri === callback });
  return client;
}
