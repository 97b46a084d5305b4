/** Dovecot by introspection: which token opens whose mailbox. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import type { HttpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { ofPreset } from '../support/presets.ts';
import { aPerson, type Person, type Product, SECRET, startProduct, tokensOf } from '../support/product.ts';
import { startDovecot } from './dovecot.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

(needs.applications.dovecot === undefined ? describe.skip : describe)('Dovecot', () => {
  const [reader, other] = [aPerson('vives'), aPerson('vives')];
  let product: Product;
  let dovecot: Awaited<ReturnType<typeof startDovecot>>;

  /** as the catalogue tells operators */
  const preset = (issuer = 'http://localhost') =>
    ofPreset('dovecot', { webmail: 'webmail', clientId: 'mailstore' }, issuer, SECRET);

  beforeAll(async () => {
    const web = (id: string) => ({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [`https://${id}.example/callback`],
      scope: 'openid email',
      pedel_first_party: true,
    });
    product = await startProduct({
      people: [reader, other],
      clients: [
        web('webmail'),
        web('library'),
        // mailboxes have the name of the address, as the note of the preset says
        { ...preset().registration, client_secret: SECRET, pedel_introspection_username: 'email' },
      ],
    });
    closings.push(() => product.stop());
    dovecot = await startDovecot(preset(product.issuer).snippets[0]?.text ?? '');
    closings.push(() => dovecot.stop());
  });

  /** each with one browser: who signs in anew must wait for another code of the authenticator app */
  const browsers = new Map<Person, HttpVisitor>();
  const tokenOf = async (id: string, person: Person) => {
    const browser = browsers.get(person) ?? product.visitor();
    browsers.set(person, browser);
    const application = await product.application(id);
    const { accessToken } = await tokensOf(product, browser, person, application, {
      redirect_uri: `https://${id}.example/callback`,
      scope: 'openid email',
    });
    return { accessToken, revoke: () => client.tokenRevocation(application, accessToken) };
  };
  const signIn = async (address: string, token: string) => {
    const connection = await dovecot.imap();
    closings.push(connection.close);
    return { connection, status: await connection.signIn(address, token) };
  };
  const REFUSED = /^NO \[AUTHENTICATIONFAILED\]/;

  test("opens the mailbox whose address introspection tells, and keeps a person's mail there", async () => {
    const { accessToken } = await tokenOf('webmail', reader);
    const { connection, status } = await signIn(reader.email, accessToken);
    expect(status).toMatch(/^OK .*Logged in/);
    const subject = 'Written in a test';
    const message = `Subject: ${subject}\r\n\r\n`;
    expect((await connection.command(`APPEND INBOX {${message.length}}`, message)).at(-1)).toMatch(/^OK/);
    await connection.command('SELECT INBOX');
    expect((await connection.command('FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]')).join('\n')).toContain(subject);
  });

  test("refuses it for another's mailbox, whose own is empty", async () => {
    const { accessToken } = await tokenOf('webmail', reader);
    expect((await signIn(other.email, accessToken)).status).toMatch(REFUSED);
    const own = await signIn(other.email, (await tokenOf('webmail', other)).accessToken);
    expect(own.status).toMatch(/^OK/);
    expect(await own.connection.command('SELECT INBOX')).toContain('* 0 EXISTS');
  });

  test('refuses the token of an application that is not on its list', async () => {
    const { accessToken } = await tokenOf('library', reader);
    expect((await signIn(reader.email, accessToken)).status).toMatch(REFUSED);
  });

  test('refuses a token from the moment that it is revoked, and what is no token at all', async () => {
    const { accessToken, revoke } = await tokenOf('webmail', reader);
    expect((await signIn(reader.email, accessToken)).status).toMatch(/^OK/);
    await revoke();
    expect((await signIn(reader.email, accessToken)).status).toMatch(REFUSED);
    expect((await signIn(reader.email, 'guessed')).status).toMatch(REFUSED);
  });
});
