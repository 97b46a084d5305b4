/** The sign-in service as the application knows it: discovered when first needed, again after a while, never at start. */
import { createRemoteJWKSet, importJWK, type JWK } from 'jose';
import * as client from 'openid-client';
import type { Registration } from '../clients.ts';
import { fault } from './faults.ts';

export type Issuer = ReturnType<typeof knowIssuer>;
type Known = { configuration: client.Configuration; keys: ReturnType<typeof createRemoteJWKSet>; at: number };

const timeoutSeconds = 5;
const rediscoverMs = 10 * 60_000;

export function knowIssuer(issuer: string, registration: Registration, privateKey?: JWK) {
  let known: Known | undefined;
  let asking: Promise<Known> | undefined;

  async function discover(): Promise<Known> {
    const server = new URL(issuer);
    const isLoopback = server.hostname === 'localhost' || server.hostname === '127.0.0.1';
    const configuration = await client.discovery(
      server,
      registration.client_id,
      registration as Partial<client.ClientMetadata>,
      await authentication(registration, privateKey),
      {
        timeout: timeoutSeconds,
        // Plain http reaches only this machine; the signature of the ID token is checked all the same.
        execute: isLoopback
          ? [client.allowInsecureRequests, client.enableNonRepudiationChecks]
          : [client.enableNonRepudiationChecks],
      },
    );
    const jwksUri = configuration.serverMetadata().jwks_uri;
    if (!jwksUri) throw new Error('the discovery document names no jwks_uri');
    return { configuration, keys: createRemoteJWKSet(new URL(jwksUri)), at: Date.now() };
  }

  return {
    /** @throws the fault `unavailable`; the next visitor asks again */
    async reach(): Promise<Known> {
      if (known && Date.now() - known.at < rediscoverMs) return known;
      asking ??= discover().finally(() => {
        asking = undefined;
      });
      try {
        known = await asking;
      } catch (error) {
        if (!known) throw fault('unavailable', error);
      }
      return known;
    },
  };
}

async function authentication(registration: Registration, privateKey?: JWK): Promise<client.ClientAuth> {
  switch (registration.token_endpoint_auth_method) {
    case 'client_secret_basic':
      return client.ClientSecretBasic(registration.client_secret);
    case 'client_secret_post':
      return client.ClientSecretPost(registration.client_secret);
    case 'private_key_jwt': {
      if (!privateKey) throw new Error('private_key_jwt needs a private key');
      const key = await importJWK(privateKey, 'ES256');
      if (key instanceof Uint8Array) throw new Error('private_key_jwt needs an asymmetric key');
      return client.PrivateKeyJwt({ key, kid: String(privateKey.kid) });
    }
    case 'none':
      return client.None();
    default:
      throw new Error(`client authentication ${registration.token_endpoint_auth_method} is not one of this campus`);
  }
}
