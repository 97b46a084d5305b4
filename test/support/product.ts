/** The running product with people, applications and a mail receiver of the test, and openid-client to talk to it. */
import { randomBytes } from 'node:crypto';
import * as client from 'openid-client';
import { startReceiver } from '../../demo/receiver.ts';
import { hashPassword } from '../../src/domain/passwords/password-hash.ts';
import { authenticatorApp, codeIn, until } from './campus.ts';
import { type HttpVisitor, httpVisitor, textOf } from './http-visitor.ts';
import { aServer } from './server.ts';

export const PASSWORD = 'negen koperen lampen dwalen';
export const SECRET = 'a-secret-that-only-this-application-and-the-test-know';

export type Received = { to: string; subject: string; text: string; html: string; messageId: string };
export type Person = {
  number: string;
  email: string;
  personalEmail: string;
  organisation: 'kuleuven' | 'vives' | 'alum';
  /** of letters; English where it is absent */
  language?: string;
  password: string;
  /** `never-active`: was invited and has no password yet; `ended`: left long ago */
  state: 'active' | 'never-active' | 'ended';
  /** enrolled on the way of the first sign-in that asks for it */
  app?: ReturnType<typeof authenticatorApp>;
  recoveryCodes?: string[];
  /** columns of the feed beside or instead of what the rest says */
  fed?: Record<string, string>;
};
export type Product = Awaited<ReturnType<typeof startProduct>>;

let people = 0;

/** A person who is active at once by default: imported with the password hash of another system. */
export function aPerson(organisation: Person['organisation'] = 'kuleuven', state: Person['state'] = 'active'): Person {
  people += 1;
  return {
    number: `u${String(4_000_000 + people)}`,
    email: `kim.storm${people}@${organisation === 'alum' ? 'alum.kuleuven.be' : `${organisation}.be`}`,
    personalEmail: `kim.storm${people}@example.org`,
    organisation,
    password: PASSWORD,
    state,
  };
}

/** Feeds the people, registers the applications, starts; `stop` removes everything. */
export async function startProduct(
  options: {
    people?: Person[];
    /** of the configuration, for the people: `demo` may name groups */
    source?: string;
    clients?: object[];
    environment?: Record<string, string>;
    /** another installation's `bin/pedel` than this one's */
    command?: string;
    /** where a story is about one process */
    nodes?: number;
    behave?: NonNullable<Parameters<typeof startReceiver>[0]['behave']>;
  } = {},
) {
  const letters: Received[] = [];
  const receiver = await startReceiver({
    port: 0,
    store: { put: (received) => void letters.push(...received) },
    ...(options.behave === undefined ? {} : { behave: options.behave }),
  });
  const server = await aServer({
    mailPort: receiver.port,
    ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.command === undefined ? {} : { command: options.command }),
  });
  const { people = [], clients = [] } = options;
  const { issuer } = server;
  const product = {
    server,
    issuer,
    letters,
    receiver,
    /** a browser that stops where an application begins: those of the tests exist by name only */
    visitor: (headers: Record<string, string> = {}): HttpVisitor =>
      httpVisitor(headers, { follow: (url) => url.startsWith(`${issuer}/`) }),
    letter: (to: string, matching: RegExp): Promise<Received> =>
      until(
        async () => letters.findLast((each) => each.to === to && matching.test(`${each.subject}\n${each.text}`)),
        () => `no letter to ${to} matching ${matching}`,
        30_000,
      ),
    /** an application as its library sees it */
    application: (id: string, auth?: client.ClientAuth, metadata: Partial<client.ClientMetadata> = {}) =>
      client.discovery(new URL(issuer), id, metadata, auth ?? client.ClientSecretBasic(SECRET), {
        execute: [client.allowInsecureRequests],
      }),
    async stop(): Promise<void> {
      await server.remove();
      await receiver.close();
    },
  };
  try {
    if (people.length > 0) await feed(server, people, options.source);
    if (clients.length > 0) await server.apply(clients);
    await server.start();
    await toldOfActivation(letters, people);
  } catch (error) {
    await product.stop();
    throw error;
  }
  return product;
}

/** Who is active by a feed is told, at both addresses. These letters are none of a story's: they are waited for and forgotten. */
async function toldOfActivation(letters: Received[], everybody: Person[]): Promise<void> {
  const addresses = everybody
    .filter(({ state }) => state === 'active')
    .flatMap(({ email, personalEmail }) => [email, personalEmail].filter((address) => address !== ''));
  const missing = () => addresses.filter((address) => !letters.some(({ to }) => to === address));
  await until(
    async () => (missing().length === 0 ? true : undefined),
    () => `nobody told ${missing().join(', ')}`,
    60_000,
  );
  for (let at = letters.length - 1; at >= 0; at -= 1)
    if (addresses.includes(letters[at]?.to ?? '')) letters.splice(at, 1);
}

async function feed(server: Awaited<ReturnType<typeof aServer>>, everybody: Person[], source?: string): Promise<void> {
  const hash = await hashPassword(PASSWORD, randomBytes); // one for all: their passwords are the same
  const rows = everybody.map((each) => ({
    person: each.number,
    number: each.number,
    given_name: 'Kim',
    family_name: 'Storm',
    email: each.email,
    personal_email: each.personalEmail,
    language: each.language ?? 'en',
    organisation: each.organisation,
    role: 'staff',
    ended_on: each.state === 'ended' ? '2020-01-31' : '',
    password_hash: each.state === 'never-active' ? '' : hash,
    ...each.fed,
  }));
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const lines = rows.map((row: Record<string, string>) => columns.map((name) => `"${row[name] ?? ''}"`).join(','));
  await server.feed([columns.join(','), ...lines].join('\n'), source);
}

/**
 * Opens the address and does what the pages ask of the person (password, second factor, setting one up, consent), until
 * the browser stands before the application; returns where. For `form_post` that is still a page of Pedel's.
 */
export async function signedIn(
  product: Pick<Product, 'issuer' | 'letter'>,
  visitor: HttpVisitor,
  authorizationUrl: string | URL,
  person: Pick<Person, 'number' | 'password' | 'personalEmail' | 'app' | 'recoveryCodes'>,
): Promise<URL> {
  await visitor.open(String(authorizationUrl));
  for (let pages = 0; pages < 12; pages += 1) {
    const { html, url } = visitor.page();
    if (!url.startsWith(`${product.issuer}/`)) return new URL(url);
    if (/id="error"/.test(html)) throw new Error(`refused at ${url}: ${textOf(html)}`);
    const offers = (action: string) => html.includes(`value="${action}"`);
    if (offers('sign-in')) {
      await visitor.press('sign-in', { login: person.number, password: person.password });
    } else if (offers('enrol')) {
      const key = /id="key">([^<]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? '';
      person.app = authenticatorApp(key);
      await visitor.press('enrol', { code: await person.app.code() });
    } else if (offers('kept')) {
      person.recoveryCodes = [...html.matchAll(/<li><code>([^<]+)</g)].map(([, code = '']) => code);
      await visitor.press('kept');
    } else if (offers('verify') && person.app !== undefined) {
      await visitor.press('verify', { code: await person.app.code() });
    } else if (offers('verify')) {
      await visitor.press('verify', {
        code: codeIn(await product.letter(person.personalEmail, /[2-9A-Z]{4}-[2-9A-Z]{4}/)),
      });
    } else if (offers('choose-totp')) await visitor.press('choose-totp');
    else if (offers('send-code')) await visitor.press('send-code');
    else if (offers('consent')) await visitor.press('consent');
    else return new URL(url);
  }
  throw new Error(`twelve pages and still not there: ${textOf(visitor.page().html)}`);
}

/** An authorization request as a careful application makes it, and what it must find in the answer. */
export async function request(
  application: client.Configuration,
  parameters: Record<string, string>,
  { pkce = true }: { pkce?: boolean } = {},
) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const all = {
    scope: 'openid',
    state: expectedState,
    nonce: expectedNonce,
    ...(pkce
      ? { code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' }
      : {}),
    ...parameters,
  };
  return {
    parameters: all,
    url: client.buildAuthorizationUrl(application, all),
    checks: { expectedState, expectedNonce, ...(pkce ? { pkceCodeVerifier } : {}) },
  };
}

/** The whole code flow: request, pages, exchange. */
export async function tokensOf(
  product: Product,
  visitor: HttpVisitor,
  person: Person,
  application: client.Configuration,
  parameters: Record<string, string>,
  options: { pkce?: boolean } = {},
) {
  const { url, checks } = await request(application, parameters, options);
  const back = await signedIn(product, visitor, url, person);
  const tokens = await client.authorizationCodeGrant(application, back, checks);
  const claims = tokens.claims();
  if (claims === undefined) throw new Error('no ID token');
  return { tokens, claims, accessToken: tokens.access_token };
}
