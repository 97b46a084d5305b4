#!/usr/bin/env node
/** A device of the demo campus without a keyboard: shows a code and its picture, waits, and greets who signed in (RFC 8628). */
import { parseArgs } from 'node:util';
import * as oidc from 'openid-client';
import QRCode from 'qrcode';
import { issuerOf } from './addresses.ts';
import { terminal } from './clients.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3000' } } });

async function run(): Promise<void> {
  const issuer = new URL(issuerOf(Number(values.port)));
  const configuration = await oidc.discovery(issuer, terminal.client_id, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  const asked = await oidc.initiateDeviceAuthorization(configuration, { scope: terminal.scope });
  const complete = asked.verification_uri_complete ?? asked.verification_uri;
  console.log(`
Scan this with your phone, or open ${asked.verification_uri} there:

${await QRCode.toString(complete, { type: 'utf8', margin: 2 })}
and compare, or type, this code:

    ${asked.user_code}

Waiting. It works for ${Math.round(asked.expires_in / 60)} minutes; Ctrl-C ends.`);
  const tokens = await oidc.pollDeviceAuthorizationGrant(configuration, asked);
  const { sub } = tokens.claims() ?? {};
  const person = await oidc.fetchUserInfo(configuration, tokens.access_token, sub ?? oidc.skipSubjectCheck);
  console.log(`\nWelcome, ${person.name ?? person.sub}.`);
}

run().catch((error: Error & { error?: string; code?: string }) => {
  const reasons: Record<string, string> = {
    access_denied: 'Cancelled on the phone.',
    expired_token: 'Nobody signed in in time. Start again for a new code.',
    ECONNREFUSED: 'Nothing answers there: start the demo first (npm run demo), or name its --port.',
  };
  const { code } = (error.cause ?? {}) as { code?: string };
  console.error(reasons[error.error ?? code ?? ''] ?? error.message);
  process.exitCode = 1;
});
