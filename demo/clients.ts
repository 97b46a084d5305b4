/** The registrations of the four applications and the mailbox (RFC 7591), each of another kind, and the credentials made for them. */
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type ApplicationName, applicationNames, siteOf } from './addresses.ts';

export type Registration = {
  client_id: string;
  client_name: string;
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  token_endpoint_auth_method: string;
  scope: string;
  id_token_signed_response_alg?: string;
  client_secret?: string;
  jwks?: { keys: JWK[] };
  [attribute: string]: unknown;
};
/** The credentials that only the application itself has. */
export type Credentials = { secrets: Record<string, string>; webmailKey: JWK };

export async function makeCredentials(): Promise<Credentials> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const secret = () => randomBytes(32).toString('base64url');
  return {
    secrets: { toledo: secret(), 'ku-loket': secret(), 'alumni-portal': secret() },
    webmailKey: { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' },
  };
}

function publicPart({ d: _private, ...jwk }: JWK): JWK {
  return jwk;
}

export function registrations(basePort: number, { secrets, webmailKey }: Credentials): Registration[] {
  const kinds: Record<ApplicationName, Record<string, unknown>> = {
    toledo: {
      client_name: 'Toledo',
      'client_name#nl': 'Toledo',
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: secrets.toledo,
      id_token_signed_response_alg: 'ES256',
      scope: 'openid profile email eduperson',
      pedel_first_party: true,
    },
    webmail: {
      client_name: 'Webmail',
      'client_name#nl': 'Webmail',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [publicPart(webmailKey)] },
      id_token_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile email offline_access',
      pedel_first_party: true,
    },
    'ku-loket': {
      client_name: 'KU Loket',
      'client_name#nl': 'KU Loket',
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: secrets['ku-loket'],
      require_pushed_authorization_requests: true,
      id_token_signed_response_alg: 'ES256',
      scope: 'openid profile email phone address eduperson',
      pedel_first_party: true,
      pedel_acr: 'https://refeds.org/profile/mfa',
      pedel_access: { affiliations: ['student', 'staff'] },
    },
    // Names no algorithm: an application that takes the standard's default, RS256.
    'alumni-portal': {
      client_name: 'Alumni portal',
      'client_name#nl': 'Alumniportaal',
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: secrets['alumni-portal'],
      scope: 'openid profile email eduperson',
      pedel_first_party: true,
    },
    mailbox: {
      client_name: 'Personal mailbox',
      'client_name#nl': 'Persoonlijke mailbox',
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
      scope: 'openid profile email',
      pedel_first_party: false,
    },
  };
  return applicationNames.map((name) => {
    const site = siteOf(name, basePort);
    return {
      client_id: name,
      client_uri: `${site}/`,
      logo_uri: `${site}/logo.svg`,
      application_type: 'web',
      response_types: ['code'],
      grant_types: ['authorization_code'],
      redirect_uris: [`${site}/callback`],
      post_logout_redirect_uris: [`${site}/signed-out`],
      backchannel_logout_uri: `${site}/backchannel-logout`,
      backchannel_logout_session_required: true,
      ...kinds[name],
    } as unknown as Registration;
  });
}

/** What `device.ts` plays: it has no page and no secret, so people sign in to it by a code (RFC 8628). */
export const terminal = {
  client_id: 'terminal',
  client_name: 'Terminal',
  application_type: 'native',
  response_types: [],
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
  token_endpoint_auth_method: 'none',
  scope: 'openid profile',
  pedel_first_party: true,
};
