/** A device without a browser whose program signs in by golang.org/x/oauth2 (RFC 8628). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type HttpVisitor, textOf } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { aPerson, type Person, type Product, signedIn, startProduct } from '../support/product.ts';
import { startAsked } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

type Shown = { user_code: string; verification_uri: string; verification_uri_complete: string };
type Outcome = { access_token?: string; id_token?: string; refresh_token?: string; error?: string };

(needs.applications.device === undefined ? describe.skip : describe)('a device with x/oauth2', () => {
  const [insider, outsider] = [aPerson('vives'), aPerson('alum')];
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({
      people: [insider, outsider],
      clients: [
        {
          client_id: 'terminal',
          client_name: 'Terminal of the cluster',
          application_type: 'native',
          token_endpoint_auth_method: 'none',
          redirect_uris: [],
          response_types: [],
          grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
          scope: 'openid email offline_access',
          pedel_access: { organisations: ['vives'] },
        },
      ],
    });
    closings.push(() => product.stop());
  });

  /** The program, which waits for somebody to look at what it shows; and a browser that compares the code. */
  async function begun() {
    const program = startAsked({
      command: needs.applications.device ?? '',
      args: [`-issuer-url=${product.issuer}`, '-client-id=terminal', '-scope=openid email offline_access'],
    });
    closings.push(program.stop);
    const shown = await program.answer<Shown>();
    const browser = product.visitor();
    await browser.open(shown.verification_uri_complete);
    expect(textOf(browser.page().html)).toContain('Terminal of the cluster');
    expect(browser.page().html).toContain(shown.user_code);
    return { browser, outcome: () => program.answer<Outcome>() };
  }
  async function confirmed(browser: HttpVisitor, person: Person): Promise<string> {
    await browser.press('yes', { confirm: 'yes' });
    await signedIn(product, browser, browser.page().url, person);
    return textOf(browser.page().html);
  }

  test('gets tokens when its person has signed in elsewhere', async () => {
    const { browser, outcome } = await begun();
    await confirmed(browser, insider);
    const tokens = await outcome();
    const text = expect.any(String);
    expect(tokens).toEqual({ access_token: text, id_token: text, refresh_token: text });
    const me = await fetch(`${product.issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect(await me.json()).toMatchObject({ sub: decodeJwt(tokens.id_token ?? '').sub, email: insider.email });
  });

  test('is refused when its person presses no, and for a person who may not use it', async () => {
    const [stopped, foreign] = await Promise.all([begun(), begun()]);
    await stopped.browser.press('yes', { abort: 'yes' });
    expect(await confirmed(foreign.browser, outsider)).toContain('You do not have access to Terminal of the cluster');
    await foreign.browser.press('cancel');
    expect(await Promise.all([stopped.outcome(), foreign.outcome()])).toEqual([
      { error: 'access_denied' },
      { error: 'access_denied' },
    ]);
  });
});
