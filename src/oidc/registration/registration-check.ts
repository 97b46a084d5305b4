/**
 * Judges a registration as a request that uses it will: by the library's client, built with this configuration. For
 * `pedel clients apply`, so that nothing is called registered that is refused afterwards.
 */
import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import Provider from 'oidc-provider';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { type ClientConstructor, checkable, clientOf, metadataOf } from '../clients/client-metadata.ts';
import { createConfiguration } from '../configuration.ts';
import { registerExchange } from '../tokens/token-exchange.ts';

/**
 * Returns a judge: undefined, or in one sentence why requests that use the record would be refused. It asks no other
 * host: whether a `jwks_uri` or `sector_identifier_uri` answers is seen at use.
 */
export function createRegistrationCheck(): (record: ClientRecord) => string | undefined {
  let Client: ClientConstructor | undefined;
  return (record) => {
    Client ??= clientOfLibrary();
    try {
      clientOf(Client, record);
    } catch (error) {
      return refusalIn(error);
    }
    return unreadableKey(record);
  };
}

/**
 * The same for a provider that answers requests, which also asks for the `sector_identifier_uri`: for applications that
 * register themselves. `forgetAnswer`: so that it is asked now, and a document of a moment ago vouches for nothing.
 */
export function createRegistrationJudge(
  provider: () => Provider,
  forgetAnswer: (url: string) => void,
): (record: ClientRecord) => Promise<string | undefined> {
  return async (record) => {
    const faulty = unreadableKey(record);
    if (faulty !== undefined) return faulty;
    try {
      const Client = provider().Client as unknown as ClientConstructor & { validate(metadata: object): Promise<void> };
      const { sector_identifier_uri: sector } = record.metadata;
      // what the library is told in place of a document (client-metadata.ts) is none
      if (sector === undefined) clientOf(Client, record);
      else {
        forgetAnswer(String(sector));
        await Client.validate(checkable(metadataOf(record)));
      }
    } catch (error) {
      return refusalIn(error);
    }
    return undefined;
  };
}

/** @throws what is no refusal */
function refusalIn(error: unknown): string {
  const { error_description: description, cause } = error as { error_description?: string; cause?: Error };
  if (description === undefined) throw error;
  // the library gives its own message as the cause as well
  return cause?.message === undefined || description.includes(cause.message)
    ? description
    : `${description}: ${cause.message}`;
}

/** The library looks at the form of a key when the client is built, and at its numbers when something was signed. */
function unreadableKey({ metadata }: ClientRecord): string | undefined {
  const { keys = [] } = (metadata.jwks ?? {}) as { keys?: JsonWebKey[] };
  for (const [index, key] of keys.entries()) {
    if (!['RSA', 'EC', 'OKP'].includes(String(key.kty))) continue; // never chosen, because no algorithm here takes it
    try {
      createPublicKey({ key, format: 'jwk' });
    } catch (error) {
      return `jwks.keys[${index}] is no public key that can be read: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** The class of a provider that answers no request. Its keys sign nothing; they make known which algorithms there are. */
function clientOfLibrary(): ClientConstructor {
  const keys = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ].map((key) => key.export({ format: 'jwk' }));
  const unused = () => {
    throw new TypeError('this provider answers no request');
  };
  const configuration = createConfiguration({
    adapter: unused as never,
    jwks: { keys } as never,
    names: { session: 'session', interaction: 'interaction', resume: 'resume' } as never,
    policy: [] as never,
    now: unused,
    resources: { getResourceServerInfo: unused, defaultResource: unused, stillAllows: unused },
    formats: {},
    findAccount: unused,
    ttl: {},
    rotateRefreshToken: false,
    loadExistingGrant: unused,
    pairwiseIdentifier: unused,
    fetch: unused,
    renderError: unused,
    deviceFlow: { deviceInfo: unused, successSource: unused, userCodeInputSource: unused },
    logoutSource: unused,
    postLogoutSuccessSource: unused,
  });
  const provider = new Provider('https://registrations.invalid', configuration);
  registerExchange(provider);
  return provider.Client as unknown as ClientConstructor;
}
