/** What a passkey is called: by the list of makers where the person has given it no name. Under 1 s. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { MAX_NAME_LENGTH } from '../../src/domain/factors/factor.ts';
import { authenticatorName } from '../../src/web/authenticator-names.ts';
import { createFactorProof } from '../../src/web/enrolment/prove-factor.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { newKey } from '../support/security-key.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const ICLOUD = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd';
const list = JSON.parse(readFileSync(new URL('../../src/web/authenticator-names.json', import.meta.url), 'utf8'));

test('the list has names only, each fits a factor with a number after it, and it says where it is from', async () => {
  expect(Object.keys(list)).toEqual(['source', 'generated', 'licence', 'names']);
  for (const [aaguid, name] of Object.entries<string>(list.names)) {
    expect(aaguid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(name.length).toBeLessThanOrEqual(MAX_NAME_LENGTH - 4);
  }
  expect(await authenticatorName(ICLOUD.toUpperCase())).toBe(list.names[ICLOUD]);
  expect(list.names[ICLOUD]).toMatch(/iCloud|Apple/);
  for (const unknown of [undefined, '', '00000000-0000-0000-0000-000000000000', '__proto__', 'constructor'])
    expect(await authenticatorName(unknown)).toBeUndefined();
});

/** What a browser answers that made a passkey of this maker (WebAuthn level 3, 6.5), without an attestation. */
function registration(aaguid: string, challenge: string, origin: string): string {
  const { factor } = newKey('passkey', 'account-1');
  const [credentialId, cose] = [
    Buffer.from(factor.credentialId, 'base64url'),
    Buffer.from(factor.publicKey, 'base64url'),
  ];
  const authData = Buffer.concat([
    createHash('sha256').update('localhost').digest(),
    Buffer.from([0x5d, 0, 0, 0, 0]), // UP, UV, BE, BS, AT; no counter
    Buffer.from(aaguid.replaceAll('-', ''), 'hex'),
    Buffer.from([0, credentialId.length]),
    credentialId,
    cose,
  ]);
  const attestationObject = Buffer.concat([
    Buffer.from([0xa3]),
    Buffer.from('\u0063fmt\u0064none\u0067attStmt'),
    Buffer.from([0xa0]),
    Buffer.from('\u0068authData'),
    Buffer.from([0x58, authData.length]),
    authData,
  ]);
  const clientData = JSON.stringify({ type: 'webauthn.create', challenge, origin, crossOrigin: false });
  return JSON.stringify({
    id: factor.credentialId,
    rawId: factor.credentialId,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON: Buffer.from(clientData).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
    },
  });
}

test('a new passkey is called after its maker, the second one with a number, and one that is not known “Passkey”', async () => {
  const issuer = 'http://localhost:3000';
  const pages = { t: () => () => 'Passkey' };
  const proof = createFactorProof({ issuer, passkeyDomain: 'localhost', pages, now: () => 1, sealer: {} } as never);
  const challenge = Buffer.from('a challenge of a test').toString('base64url');
  const made = async (aaguid: string, account = anAccount()) => {
    const pending = { challenge, factorId: 'f', accountId: account.id, epoch: 1, since: 1 };
    const host = { account, pending, organisation: organisations[0] } as never;
    const answer = await proof.passkey({} as never, host, registration(aaguid, challenge, issuer));
    return answer.kind === 'proven' && answer.factor.kind === 'passkey' ? answer.factor.factor : undefined;
  };
  const first = await made(ICLOUD);
  expect(first).toMatchObject({ name: list.names[ICLOUD], aaguid: ICLOUD, backedUp: true });
  const second = await made(ICLOUD, anAccount({ passkeys: first === undefined ? [] : [first] }));
  expect(second?.name).toBe(`${list.names[ICLOUD]} 2`);
  expect((await made('00000000-0000-0000-0000-000000000000'))?.name).toBe('Passkey');
});

test('the page names the maker beside the name that its owner chose, once, and says whether it is synced', async () => {
  const stub = stubSessions();
  const web = await startWeb({ sessions: stub.sessions });
  const passkey = (id: string, name: string, more: object) => ({
    ...newKey('passkey', 'account-1').factor,
    id,
    name,
    ...more,
  });
  const passkeys = [
    passkey('a', 'My phone', { aaguid: ICLOUD, backedUp: true, lastUsedAt: Date.UTC(2026, 8, 20) }),
    passkey('b', `${list.names[ICLOUD]} 2`, { aaguid: ICLOUD, backedUp: false }),
    passkey('c', 'Old key', { keyType: 'hwk' }),
  ];
  await web.storage.accounts.insert(anAccount({ activatedAt: 1, language: 'en', passkeys }));
  const authTime = Math.floor(web.clock.now / 1000);
  stub.open.set('mine', { uid: 'mine', accountId: 'account-1', amr: ['pwd', 'swk', 'mfa'], authTime, epoch: 1 });
  const browser = browserOf(web);
  browser.cookies.set('stub', 'mine');
  const { body } = await browser.get('/account/factors');
  const cards = body
    .split('<li class="box">')
    .slice(1)
    .map((card) => card.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' '));
  expect(cards[0]).toContain(`My phone ${list.names[ICLOUD]} · Passkey shared between your devices Added on`);
  expect(cards[0]).toContain('last used on 20 September 2026');
  expect(cards[1]).toContain(`${list.names[ICLOUD]} 2 Passkey that can be shared between your devices, but is not yet`);
  expect(cards[2]).toContain('Old key Passkey on one device, or security key Added');
  const removal = await browser.get('/account/factors/remove?factor=a');
  expect(removal.body).toContain(`${list.names[ICLOUD]} · `);
});
