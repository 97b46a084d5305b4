/** Applications that verify every ID token: one with its library, one with a copy of the keys that it keeps for an hour. */
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';

/** What became of one ID token. `fault` absent: it was verified. */
export type Verdict = { kid: string | undefined; at: string; fault?: string };

const ALLOWED_MS = 3_600_000;

/** Asks for the keys when its copy is an hour old, and for no other reason: above all not for a key that it does not know. */
export function plainCache(issuer: string) {
  let copy: { keys: ReturnType<typeof createLocalJWKSet>; fetchedAt: number } | undefined;
  return {
    async verify(idToken: string, audience: string): Promise<Verdict> {
      if (copy === undefined || Date.now() - copy.fetchedAt >= ALLOWED_MS) {
        const answer = await fetch(`${issuer}/jwks`);
        copy = { keys: createLocalJWKSet((await answer.json()) as JSONWebKeySet), fetchedAt: Date.now() };
      }
      const { keys } = copy;
      return verdictOf(idToken, () => jwtVerify(idToken, keys, { issuer, audience, clockTolerance: 30 }));
    },
  };
}

/** With openid-client, which is told to verify signatures though the token came over its own connection. */
export async function verifyingApplication(
  issuer: string,
  clientId: string,
  secret: string,
  redirectUri: string,
  metadata: Partial<oidc.ClientMetadata> = {},
) {
  const configuration = await oidc.discovery(new URL(issuer), clientId, metadata, oidc.ClientSecretPost(secret), {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
  // what the token endpoint said last, so that a refused ID token can be shown to others as well
  let lastIdToken = '';
  configuration[oidc.customFetch] = async (...request) => {
    const answer = await fetch(...(request as Parameters<typeof fetch>));
    if (new URL(request[0]).pathname === '/token') {
      const { id_token: idToken } = (await answer.clone().json()) as { id_token?: string };
      lastIdToken = idToken ?? '';
    }
    return answer;
  };
  return {
    clientId,
    /** `through` brings a browser from the authorization request to the answer. @throws where there is no ID token at all */
    async signIn(through: (url: URL) => Promise<URL>): Promise<{ idToken: string; verdict: Verdict }> {
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid',
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      const back = await through(url);
      lastIdToken = '';
      let fault: unknown;
      try {
        await oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier });
      } catch (error) {
        fault = error;
      }
      const idToken = lastIdToken;
      if (idToken === '') throw new Error(`no ID token at ${back}`, { cause: fault });
      const verdict = await verdictOf(idToken, async () => {
        if (fault !== undefined) throw fault;
      });
      return { idToken, verdict };
    },
  };
}

async function verdictOf(idToken: string, verify: () => Promise<unknown>): Promise<Verdict> {
  const { kid } = decodeProtectedHeader(idToken);
  const at = new Date().toISOString();
  try {
    await verify();
    return { kid, at };
  } catch (error) {
    return { kid, at, fault: String(error) };
  }
}
