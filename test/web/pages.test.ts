/** What all pages share: languages, the home page, assets, errors of the protocol, and translations of every sentence. */
import { globSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { messagesOf } from '../../locales/index.ts';
import { languageIds } from '../../src/domain/account/languages.ts';
import { Problem } from '../../src/domain/problem.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atVives, textOf } from './people.ts';

afterEach(closeAll);

const languageOf = (html: string) => /<html lang="(..)"/.exec(html)?.[1];

describe('language', () => {
  test('the browser’s, and the default where it speaks none of ours', async () => {
    const web = await startWeb();
    const asked = async (accept: string) =>
      languageOf((await browserOf(web).get('/', { 'Accept-Language': accept })).body);
    expect(await asked('en-GB,en;q=0.9')).toBe('en');
    expect(await asked('tlh, nl;q=0.4, en;q=0.3')).toBe('nl');
    expect(await asked('tlh')).toBe('nl');
    const english = await startWeb({ defaultLanguage: 'en' });
    expect(languageOf((await browserOf(english).get('/', { 'Accept-Language': 'tlh' })).body)).toBe('en');
  });

  test('?lang= switches and is remembered, with the old letters too', async () => {
    const web = await startWeb();
    for (const [value, language] of [
      ['en', 'en'],
      ['N', 'nl'],
      ['E', 'en'],
      ['nl', 'nl'],
    ] as const) {
      const browser = browserOf(web);
      expect(languageOf((await browser.get(`/?lang=${value}`)).body)).toBe(language);
      expect(languageOf((await browser.get('/', { 'Accept-Language': 'tlh' })).body)).toBe(language);
    }
    const browser = browserOf(web);
    await browser.get('/?lang=en');
    expect(languageOf((await browser.get('/?lang=tlh')).body)).toBe('en');
  });

  test('the switch keeps path and query', async () => {
    const web = await startWeb();
    const page = await browserOf(web).get('/nowhere?number=r1&lang=nl');
    expect(page.body).toContain('href="/nowhere?number=r1&amp;lang=en"');
  });

  test('ui_locales opens the sign-in in the application’s language, and a switch holds until it is done', async () => {
    const web = await startWeb();
    const browser = browserOf(web);
    await browser.get('/?lang=en'); // chosen elsewhere, before
    const path = web.begin({ uiLocales: ['tlh', 'nl-BE'] });
    expect(languageOf((await browser.get(path)).body)).toBe('nl');
    expect(languageOf((await browser.get(`${path}?lang=en`)).body)).toBe('en');
    const refused = await browser.post(path, { login: 'x', password: 'y', action: 'sign-in' });
    expect(languageOf(refused.body)).toBe('en');
    const consent = web.begin({ uiLocales: ['nl'], prompt: 'consent' });
    expect(languageOf((await browser.get(consent)).body)).toBe('en');
    web.clock.now += 2 * 60 * 60_000;
    expect(languageOf((await browser.get(web.begin({ uiLocales: ['nl'] }))).body)).toBe('nl');
  });

  test.each(languageIds)('every message is there in %s, with the same values to fill in', (id) => {
    const [en, here] = [messagesOf('en'), messagesOf(id)];
    // further plural forms are the language's own
    const english = (key: string) => (key in en ? key : key.replace(/_(zero|two|few|many)$/, '_other'));
    expect([...new Set(Object.keys(here).map(english))].sort()).toEqual(Object.keys(en).sort());
    const values = (message = '') => [...message.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
    const different = Object.keys(here).filter((key) => `${values(en[english(key)])}` !== `${values(here[key])}`);
    expect(different).toEqual([]);
    expect(Object.entries(here).filter(([, message]) => message.trim() === '')).toEqual([]);
  });

  test('is said once: no other line of source or view names one', () => {
    const root = new URL('../../', import.meta.url).pathname;
    const said = new RegExp(`(?:=== |!== |\\[|, |: |\\? |=)['"](?:${languageIds.join('|')})['"]`);
    const files = globSync(['src/**/*.ts', 'locales/*.ts', 'views/**/*'], { cwd: root, withFileTypes: true });
    const lines = files
      .filter((file) => file.isFile() && file.name !== 'languages.ts')
      .flatMap((file) => {
        const text = readFileSync(`${file.parentPath}/${file.name}`, 'utf8');
        return text.split('\n').map((line) => `${file.name}: ${line.trim()}`);
      });
    // numbers in commands, the language by whose keys the others are measured, and what technicians read
    const others = lines.filter(
      (line) => said.test(line) && !/toLocaleString\('en'|messagesOf\('en'\)|LIBRARY_LANGUAGE = 'en'/.test(line),
    );
    expect([lines.length > 10_000, others]).toEqual([true, []]);
  });

  test('no line of a page ends in “e-”: only emails, which are text, have the bare word', () => {
    const bare = Object.entries(messagesOf('nl')).filter(([, message]) => /e-mail/i.test(message));
    expect([bare.length > 0, bare.filter(([key]) => !key.startsWith('mail.'))]).toEqual([true, []]);
  });

  test('what stands beside a field is not what the top of the page says', () => {
    for (const messages of languageIds.map(messagesOf)) {
      const pairs = Object.keys(messages).filter((key) => key.endsWith('_field'));
      const same = pairs.filter((key) => messages[key.replace(/_field$/, '')]?.startsWith(messages[key] ?? ''));
      expect([pairs.length > 10, same]).toEqual([true, []]);
    }
  });

  test('every message that a view asks for exists', () => {
    const known = messagesOf('en');
    const root = new URL('../../views/', import.meta.url).pathname;
    const missing = globSync(`${root}**/*.ejs`).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bt\('([a-zA-Z]+\.[a-z0-9_]+)'/g)]
        .map(([, key = '']) => key)
        .filter((key) => !(key in known) && !(`${key}_other` in known))
        .map((key) => `${file.slice(root.length)}: ${key}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('front page', () => {
  test('says who runs this, leads to account, activation and forgotten, and names all contacts', async () => {
    const web = await startWeb();
    const { status, body } = await browserOf(web).get('/?lang=en');
    expect(status).toBe(200);
    expect(body).toContain('KU Leuven, VIVES and KU Leuven Alumni');
    for (const href of ['/account', '/activate', '/forgotten', 'mailto:info@alum.kuleuven.be', 'tel:+3250305233']) {
      expect(body).toContain(`href="${href}"`);
    }
  });

  test('/.well-known/change-password leads to the change', async () => {
    const web = await startWeb();
    expect((await browserOf(web).get('/.well-known/change-password')).location).toMatch(/\/account\/password$/);
  });

  test('healthz says alive, readyz asks the storage', async () => {
    const web = await startWeb();
    expect((await browserOf(web).get('/healthz')).body).toBe('alive\n');
    expect((await browserOf(web).get('/readyz')).body).toBe('ready\n');
  });

  test('readyz tells what an operator should look at, and is ready all the same', async () => {
    const web = await startWeb({ notices: async () => ['emails are set aside'] });
    expect((await browserOf(web).get('/readyz')).body).toBe('ready\nemails are set aside\n');
    const broken = await startWeb({ notices: () => Promise.reject(new Error('a bug')) });
    expect((await browserOf(broken).get('/readyz')).body).toBe('ready\n');
  });

  test('readyz asks again a second later, though the clock was set back meanwhile', async () => {
    let away = true;
    const ready = async () => {
      if (away) throw new Problem('storage_unavailable', 'away');
    };
    const web = await startWeb({ ready });
    expect((await browserOf(web).get('/readyz')).status).toBe(503);
    away = false;
    web.clock.now -= 3_600_000;
    await new Promise((passed) => setTimeout(passed, 1050));
    expect((await browserOf(web).get('/readyz')).status).toBe(200);
  });
});

describe('assets', () => {
  test('carry their hash in the URL, are kept for ever, and come compressed', async () => {
    const web = await startWeb();
    const { body } = await browserOf(web).get('/');
    const [path = ''] = /\/assets\/pedel\.[\w-]+\.css/.exec(body) ?? [];
    const { request } = await import('node:http');
    const answer = await new Promise<{ headers: Record<string, unknown>; size: number; css: string }>((resolve) => {
      request(web.url + path, { headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ headers: response.headers, size: bytes.length, css: gunzipSync(bytes).toString() });
        });
      }).end();
    });
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      'content-type': 'text/css; charset=utf-8',
      vary: 'Accept-Encoding',
      // for a logo that somebody drew a script into
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    });
    expect(answer.css).toContain('modern-normalize');
    expect(answer.css).not.toContain('The look of every page'); // comments stay here
    expect(answer.size).toBeLessThan(9_000);
    expect((await browserOf(web).get('/assets/unknown.0000000000000000.css')).status).toBe(404);
  });

  test('asked for by a page of a node of the next version are there, and not kept', async () => {
    const web = await startWeb();
    const answer = await browserOf(web).get('/assets/pedel.0000000000000000.css');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.body).toContain('modern-normalize');
  });
});

describe('pages of the protocol', () => {
  test('an application that waits for approval is told by its id, with an incident and a way on', async () => {
    const browser = browserOf(await startWeb());
    const english = await browser.get('/auth?pending=dyn-%3Cb%3E&lang=en');
    expect(english.status).toBe(400);
    expect(english.body).toMatch(/<h1[^>]*>This application cannot be used yet</);
    expect(english.body).toContain('<code>dyn-&lt;b&gt;</code>');
    expect(english.body).toContain('<code>1f2e3d4c</code>');
    expect((await browser.get('/auth?pending=dyn-8Zr1&lang=nl')).body).toContain('wacht op goedkeuring');
  });

  test('an application that has expired is named with its last day, whom to ask and the incident', async () => {
    const web = await startWeb();
    const path = `/auth?expired=${Date.UTC(2027, 5, 30, 22)}`; // the first moment of 1 July
    const english = await browserOf(web).get(`${path}&lang=en`);
    expect(english.status).toBe(400);
    expect(english.body).toContain('Survey can no longer be used');
    expect(english.body).toContain('valid until 30 June 2027. Nothing is wrong with your account.');
    expect(english.body).toContain('Tell the people who run Survey, or the service desk.');
    expect(english.body).toContain('1f2e3d4c');
    const dutch = (await browserOf(web).get(`${path}&lang=nl`)).body;
    expect(dutch).toContain('Enquête kan niet meer gebruikt worden');
    expect(dutch).toContain('tot en met 30 juni 2027');
  });

  test('an application that was switched off is named, and says whom to ask and that the account is well', async () => {
    const web = await startWeb();
    const english = (await browserOf(web).get('/auth?expired=off&lang=en')).body;
    for (const text of ['Survey can no longer be used', 'It was switched off', 'Nothing is wrong with your account'])
      expect(english).toContain(text);
    expect((await browserOf(web).get('/auth?expired=off&lang=nl')).body).toContain('Ze werd uitgezet');
  });

  test('a request that cannot be carried out names the fault for who runs the application', async () => {
    const web = await startWeb();
    const page = await browserOf(web).get('/auth?lang=en');
    expect(page.status).toBe(400);
    expect(page.body).toContain('invalid_redirect_uri');
    expect(page.body).toContain('1f2e3d4c');
    expect(page.body).not.toContain('Application:');
    const named = await browserOf(web).get('/auth?lang=en&client=toledo');
    expect(named.body).toContain('<p>Application: &lt;Toledo&gt;</p>');
    expect(page.body).toContain('did not match any of the client');
    const dutch = (await browserOf(web).get('/auth?lang=nl')).body;
    expect(dutch).toContain('een adres laten sturen dat niet voor haar geregistreerd is');
    expect(dutch).not.toContain('did not match');
  });

  test('have the face of the person’s organisation once it is known, to the end; before that, the installation’s', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atVives(web).account);
    const browser = browserOf(web);
    const colourOf = (body: string) => /--fill:(#\w+)/.exec(body)?.[1];
    const [installation, vives] = ['#1d3557', '#c8102e'];
    for (const path of ['/', '/nowhere', web.begin(), '/auth', '/session/end', '/activate', '/forgotten?lang=en'])
      expect([path, colourOf((await browser.get(path)).body)]).toEqual([path, installation]);
    for (const path of [
      '/session/end?account=vives-1',
      '/auth',
      '/nowhere',
      '/bug',
      '/activate?ticket=x',
      '/reset?ticket=x',
    ])
      expect([path, colourOf((await browser.get(path)).body)]).toEqual([path, vives]);
    expect(colourOf((await browser.get('/')).body)).toBe(installation);
    const consent = { prompt: 'consent' as const, consent: { scopes: [], claims: [], resourceScopes: {}, shown: [] } };
    const session = { accountId: 'vives-1', amr: ['pwd'], authTime: 0 };
    expect(colourOf((await browserOf(web).get(web.begin({ ...consent, session }))).body)).toBe(vives);
    expect(colourOf((await browser.get('/session/end/success')).body)).toBe(vives);
    expect(colourOf((await browser.get('/nowhere')).body)).toBe(installation);
  });

  test('follow ui_locales when signing out, then say in the same language that one is signed out', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atVives(web).account);
    const browser = browserOf(web);
    const titleOf = async (path: string) => textOf((await browser.get(path)).body, 'title');
    expect(await titleOf('/session/end?account=vives-1')).toBe('Afmelden?');
    expect(await titleOf('/session/end?account=vives-1&ui_locales=fr+en-GB')).toBe('Sign out?');
    expect(await titleOf('/session/end/success')).toBe('You are signed out');
    expect(await titleOf('/session/end/success')).toBe('Je bent afgemeld');
    expect(await titleOf('/auth?ui_locales=en')).toBe('The application sent a request that we cannot carry out');
    expect(await titleOf('/send-on?ui_locales=en')).toBe('Back to Toledo');
  });

  test('an answer by form_post may leave, may not be framed, and adds nothing to what the application gets', async () => {
    const web = await startWeb();
    const { body, headers } = await browserOf(web).get('/send-on?lang=en');
    const policy = headers.get('Content-Security-Policy');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('form-action');
    expect(headers.get('Cache-Control')).toBe('no-store');
    const form =
      /<form method="post" action="https:\/\/toledo.example\/callback" data-send>([\s\S]*?)<\/form>/.exec(body)?.[1] ??
      '';
    expect([...form.matchAll(/name="([^"]*)"/g)].map(([, name]) => name)).toEqual(['code']);
    expect(form).toContain('<button type="submit" autofocus>Continue</button>');
  });

  test('signing out is asked with one button, inside the library’s form', async () => {
    const web = await startWeb();
    const page = await browserOf(web).get('/session/end?lang=en');
    expect(textOf(page.body, 'title')).toBe('Sign out?');
    expect(page.body).toContain('form="op.logoutForm" name="action" id="logout" value="logout"');
    expect(page.body.match(/name="logout"/g)).toHaveLength(1);
  });
});
