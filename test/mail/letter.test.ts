import { describe, expect, test } from '@jest/globals';
import { messagesOf } from '../../locales/index.ts';
import type { EmailTemplate } from '../../src/domain/account/emails.ts';
import type { Language } from '../../src/domain/account/languages.ts';
import { about, aLetter, at, issuer, needs, render, sealer, templates } from './support/letters.ts';

const languages = ['nl', 'en'] as const;
const everyLetter = templates.flatMap((template) => languages.map((language) => ({ template, language })));

/** The text that a reader of the HTML sees: the body without tags, entities as characters, single spaces. */
function read(html: string): string {
  return words(
    html
      .slice(html.indexOf('<body'))
      .replace(/<[^>]*>/g, ' ')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&'),
  );
}

/** A label ends in a colon only where its link or code does not stand below it in a shape of its own. */
const withoutColons = (text: string) => text.replace(/:(?=\s)/g, '');

const words = (text: string) => text.replace(/\s+/g, ' ').trim();

/** To a person who was active, where the template has another form for who was not. */
const withNotMe = (template: EmailTemplate, language: Language) => {
  const secret = JSON.stringify({ notMe: '/not-me?ticket=t' });
  return aLetter(template, { language, sealedSecret: sealer.seal(secret, 'account-1', 'letter') });
};

/** As a version before 0.9 wrote it: without the link that says "this was not me". */
const earlier = (template: EmailTemplate, language: Language) => {
  const { notMe: _, ...secret } = needs[template].secret ?? {};
  return aLetter(template, { language, sealedSecret: sealer.seal(JSON.stringify(secret), 'account-1', 'letter') });
};

describe('a letter', () => {
  test.each(everyLetter)('$template in $language is written whole', ({ template, language }) => {
    const message = render(aLetter(template, { language }), about);
    for (const part of [message.subject, message.text, message.html]) {
      expect(part).not.toMatch(/\{\{|\}\}|undefined|\bmail\.[a-z]|\[object|\bnull\b/);
      expect(part.length).toBeGreaterThan(10);
    }
    expect(message.text).toContain(language === 'nl' ? 'Beste Annelies,' : 'Dear Annelies,');
    expect(message.text).toContain('+32 50 30 52 33');
    expect(message.html).toContain(`lang="${language}"`);
  });

  test.each(everyLetter)('$template in $language has a subject that a list of emails shows whole', (each) => {
    const { template, language } = each;
    const data = { number: 'r0011111', ...needs[template].data };
    const { subject } = render(aLetter(template, { language, data }), about);
    expect(subject.length).toBeLessThanOrEqual(78); // RFC 5322, 2.1.1
  });

  test.each(everyLetter)('$template in $language does not name the product', (each) => {
    const { subject, text } = render(aLetter(each.template, { language: each.language }), about);
    expect(subject + text).not.toMatch(/Pedel/);
  });

  test.each(languages)('speaks to the service desk of an account that is not its own, in %s', (language) => {
    const { text } = render(
      aLetter('desk-account-disowned', { language, data: { number: 'r0011111' }, givenName: '' }),
      about,
    );
    expect(words(text)).toContain(language === 'nl' ? 'van het account r0011111 bij' : 'of the account r0011111 at');
    expect(text).not.toMatch(language === 'nl' ? /je account/ : /your account/);
  });

  test.each(everyLetter)('$template in $language says the same as text and as HTML', ({ template, language }) => {
    const { text, html } = render(aLetter(template, { language }), about);
    const seen = withoutColons(read(html));
    const paragraphs = withoutColons(text.replace('-- \n', '')).split('\n\n').map(words).filter(Boolean);
    for (const paragraph of paragraphs) {
      // a list and a code are laid out differently; their words are the same
      for (const piece of paragraph.split(/ ?\* /).filter(Boolean)) expect(seen).toContain(piece);
    }
  });

  test.each(everyLetter)('$template in $language shows its code and the full address of its link', (each) => {
    const { text, html } = render(aLetter(each.template, { language: each.language }), about);
    const { code, link, notMe } = needs[each.template].secret ?? {};
    if (code !== undefined) {
      expect(text).toContain(`    ${code}\n`);
      expect(read(html)).toContain(code);
    }
    for (const path of [link, notMe]) {
      if (path === undefined) continue;
      expect(text.split('\n')).toContain(issuer + path); // whole, on a line of its own
      expect(read(html)).toContain(issuer + path);
      expect(html).toContain(`href="${(issuer + path).replaceAll('&', '&amp;')}"`);
    }
  });

  test('loads nothing and runs nothing: no picture, script, form or foreign style', () => {
    for (const { template, language } of everyLetter) {
      const { html } = render(aLetter(template, { language }), about);
      expect(html).not.toMatch(/<(img|script|link|form|iframe|svg|object)\b|url\(|@import|src=/i);
    }
  });

  test('of every template differs between the languages', () => {
    for (const template of templates) {
      const [nl, en] = languages.map((language) => render(aLetter(template, { language }), about));
      expect(nl?.subject).not.toBe(en?.subject);
    }
  });

  test('uses every sentence that the locales hold for letters', () => {
    const said = everyLetter
      .flatMap(({ template, language }) => [
        render(aLetter(template, { language }), about),
        render(aLetter(template, { language, organisation: 'kuleuven', givenName: '' }), about),
        render(aLetter(template, { language, data: { ...needs[template].data, number: 'a@example.org' } }), about),
        render(
          aLetter(template, {
            language,
            data: { ...needs[template].data, number: 'r0011111', left: '0', oldAddress: '', back: '' },
          }),
          about,
        ),
        render(
          aLetter(template, { language, data: { ...needs[template].data, left: '1', organisation: 'vives' } }),
          about,
        ),
        render(
          aLetter(template, { language, data: { ...needs[template].data, secret: '', used: '' }, expiresAt: about.at }),
          about,
        ),
        render(
          aLetter(template, { language, data: { ...needs[template].data, endedOn: '2026-10-24', because: 'gone' } }),
          about,
        ),
        ...(template === 'desk-acted' ? [render(withNotMe(template, language), about)] : []),
        ...(template === 'address-changed' || template === 'address-undone'
          ? [
              render(
                aLetter(template, { language, data: { ...needs[template].data, newAddress: '', gone: '' } }),
                about,
              ),
            ]
          : []),
        render(earlier(template, language), about),
        ...['second-step', 'session', 'email', 'desk', 'not-used', 'credentials-changed'].map((because) =>
          render(aLetter(template, { language, data: { ...needs[template].data, because } }), about),
        ),
        ...['resend', 'correct-address', 'end-sessions'].map((act) =>
          render(
            aLetter(template, {
              language,
              data: { ...needs[template].data, lastDay: '2026-10-24', newPassword: 'due', act },
            }),
            about,
          ),
        ),
      ])
      .map(({ subject, text }) => words(`${subject} ${text}`))
      .join(' ');
    for (const language of languages) {
      for (const [key, message] of Object.entries(messagesOf(language))) {
        if (!key.startsWith('mail.')) continue;
        for (const piece of message.split(/\{\{\w+\}\}/))
          expect([key, said.includes(words(piece))]).toEqual([key, true]);
      }
    }
  });

  test('shows an address in place of a number as what it is, and no wider than a phone', () => {
    const number = 'annelies.vandenbroucke@student.kuleuven.be';
    const { text, html } = render(aLetter('invitation', { data: { number, organisation: 'vives' } }), about);
    expect(text).toContain(`Je meldt je aan met:\n\n    ${number}\n`);
    expect(html).toMatch(new RegExp(`font-size:18px;overflow-wrap:anywhere;[^>]*>${number}<`));
    expect(html).not.toMatch(new RegExp(`white-space:nowrap;[^>]*>${number}<`));
  });

  test.each(languages)('that asks "was this you?" leads by its own link to "this was not me", in %s', (language) => {
    const asking = templates.filter((template) => needs[template].secret?.notMe !== undefined);
    expect(asking).toHaveLength(10);
    for (const template of asking) {
      const { text } = render(aLetter(template, { language }), about);
      expect([template, text]).toEqual([template, expect.stringContaining(language === 'nl' ? '30 dagen' : '30 days')]);
      expect(text).not.toContain('/forgotten');
      expect(render(earlier(template, language), about).text).toContain('/forgotten');
    }
  });

  test.each(languages)(
    'of the service desk leads to “this was not me” where the account can do that, in %s',
    (language) => {
      const active = render(withNotMe('desk-acted', language), about).text;
      expect(active).toContain('/not-me?ticket=t');
      expect(active).toContain(language === 'nl' ? '30 dagen' : '30 days');
      expect(render(aLetter('desk-acted', { language }), about).text).not.toContain('/not-me');
    },
  );

  test('is found again by its subject', () => {
    const subject = (template: keyof typeof needs, change = {}) => render(aLetter(template, change), about).subject;
    expect(subject('activation-code', { language: 'en' })).toBe('Your activation code for q0123456');
    expect(subject('activation-code')).toBe('Je activeringscode voor q0123456');
    expect(subject('password-changed', { language: 'en' })).toBe('Your password was changed (r0011111)');
  });

  test('gives its end in the reader’s language and in Brussels, summer and winter', () => {
    const until = (expiresAt: number, language: 'nl' | 'en') =>
      words(render(aLetter('reset', { expiresAt, language }), about).text);
    expect(until(Date.UTC(2026, 10, 24, 18, 6), 'nl')).toContain(
      'tot dinsdag 24 november 2026 om 19:06, Belgische tijd',
    );
    expect(until(Date.UTC(2026, 10, 24, 18, 6), 'en')).toMatch(
      /until Tuesday,? 24 November 2026 at 19:06, Belgian time/,
    );
    expect(until(Date.UTC(2026, 6, 1, 22, 30), 'nl')).toContain('tot donderdag 2 juli 2026 om 00:30');
  });

  test('of a source that is held leads to its page, and names the command as well', () => {
    const { text, html } = render(aLetter('scim-held'), about);
    expect(html).toContain(`href="${issuer}/admin/sources/hr"`);
    expect(text).toContain('pedel sources release hr --people');
  });

  test('says when what it tells happened', () => {
    const { text } = render(aLetter('password-changed', { language: 'en' }), { ...about, at });
    expect(words(text)).toMatch(/On Sunday,? 22 November 2026 at 19:06 the password of your account r0011111/);
  });

  test('speaks of a second step in an invitation only where the organisation requires one', () => {
    expect(render(aLetter('invitation', { language: 'en' }), about).text).toContain('second step');
    expect(render(aLetter('invitation', { language: 'en', organisation: 'kuleuven' }), about).text).not.toContain(
      'second step',
    );
  });

  test('carries the contacts of its organisation and is answered to them', () => {
    const message = render(aLetter('reset', { organisation: 'kuleuven' }), about);
    expect(message.replyTo).toBe('helpdesk@icts.kuleuven.be');
    expect(message.html).toContain('href="tel:+3216322800"');
    expect(render(aLetter('reset'), about).replyTo).toBeUndefined();
  });

  test('has the same Message-ID at every attempt, and another one than any other letter', () => {
    const id = (entryId: string) => render(aLetter('reset'), { ...about, id: entryId }).messageId;
    expect(id('a:2:0')).toMatch(/^<[0-9a-f]{64}@login\.example\.org>$/);
    expect(id('a:2:0')).toBe(id('a:2:0'));
    expect(id('a:2:0')).not.toBe(id('a:2:1'));
  });
});

describe('what others chose the words of', () => {
  test('is escaped in HTML and left as it is in text', () => {
    const givenName = `<b onclick="x">"&'</b>`;
    const message = render(
      aLetter('factor-added', { givenName, data: { factor: '</p><script>alert(1)</script>' } }),
      about,
    );
    expect(message.html).not.toMatch(/<b |<script|"&'/);
    expect(message.html).toContain('&lt;b onclick=&#34;x&#34;&gt;&#34;&amp;&#39;&lt;/b&gt;');
    expect(message.text).toContain(`Beste ${givenName},`);
  });

  test('cannot start a header or a line of its own', () => {
    const message = render(
      aLetter('factor-added', {
        givenName: 'Eve\r\nBcc: everybody@example.org\r\n\r\nHello',
        data: { number: 'r1\r\nBcc: all@example.org', factor: 'x\u2028y\u0000z' },
      }),
      about,
    );
    expect(message.subject).not.toMatch(/[\r\n\p{Cc}]/u);
    expect(message.subject).toBe('Er is een tweede stap aan je account toegevoegd (r1 Bcc: all@example.org)');
    expect(message.text).toContain('Beste Eve Bcc: everybody@example.org Hello,');
    expect(message.text).toContain('“x y z”');
  });

  test('is never read as a message of ours or as a place to fill in', () => {
    const givenName = '$t(mail.closing) {{number}} <%= 1 %>';
    const { text, html } = render(aLetter('reset', { givenName }), about);
    expect(text).toContain(`Beste ${givenName},`);
    expect(read(html)).toContain(`Beste ${givenName},`);
  });

  test('keeps its letters, be they Arabic, Hebrew or a picture, without turning the sentence around', () => {
    const name = (givenName: string) => render(aLetter('reset', { givenName }), about).text.split('\n')[0];
    expect(name('أحمد')).toBe('Beste \u2068أحمد\u2069,');
    expect(name('דוד')).toBe('Beste \u2068דוד\u2069,');
    expect(name('Zoë 👩🏽‍🎓')).toBe('Beste Zoë 👩🏽‍🎓,');
    expect(name('evil\u202egnp.exe')).toBe('Beste evilgnp.exe,');
  });

  test('is cut where it is longer than any name', () => {
    const { text } = render(aLetter('reset', { givenName: '👩'.repeat(5000) }), about);
    expect([...(text.split('\n')[0] ?? '')].length).toBeLessThan(140);
    expect(text).not.toContain('\ufffd');
  });
});

describe('rule 23 and rule 25: what a letter carries', () => {
  test('a link is a path of ours, put under the configured issuer', () => {
    const withLink = (link: string) => () =>
      render(aLetter('reset', { sealedSecret: sealer.seal(JSON.stringify({ link }), 'account-1', 'letter') }), about);
    expect(withLink('/reset/x')().text).toContain(`\n${issuer}/reset/x\n`);
    for (const foreign of [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      '.evil.example',
      '/a b',
      '/a\n/b',
    ]) {
      expect(withLink(foreign)).toThrow('path of our own');
    }
  });

  test('a secret sealed for another account does not open', () => {
    expect(() => render(aLetter('reset', {}, 'account-2'), about)).toThrow(
      expect.objectContaining({ code: 'sealed_unreadable' }),
    );
  });

  test('half a letter is never sent', () => {
    const { sealedSecret: _, ...open } = aLetter('reset');
    expect(() => render(open, about)).toThrow('the email reset lacks its link');
    expect(() => render(aLetter('factor-code', { data: {} }), about)).toThrow('the email factor-code lacks its number');
  });
});
