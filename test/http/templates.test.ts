/** How views are filled in with what they are given. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readTemplates } from '../../src/http/templates.ts';

const root = `${mkdtempSync(join(tmpdir(), 'pedel-views-'))}/`;
afterAll(() => rmSync(root, { recursive: true }));

function write(views: Record<string, string>): void {
  for (const [view, text] of Object.entries(views)) {
    const file = join(root, `${view}.ejs`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

test('a view has what it is given, escaped, and asks for what may be missing', () => {
  write({ 'a/page': '<p><%= name %></p><% if (locals.hint) { %><i><%- hint %></i><% } %>' });
  const fill = readTemplates(root);
  expect(fill('a/page', { name: '<An> & "co"' })).toBe('<p>&lt;An&gt; &amp; &#34;co&#34;</p>');
  expect(fill('a/page', { name: 'An', hint: '<b>now</b>' })).toBe('<p>An</p><i><b>now</b></i>');
  expect(fill('a/page', { name: 'Bo' })).toBe('<p>Bo</p>');
});

test('a name that it is not given is an error that says the view and the line', () => {
  write({ 'a/misspelt': '<p>\n<%= title %>\n<%= tilte %></p>' });
  const fill = readTemplates(root);
  expect(() => fill('a/misspelt', { title: 'Help' })).toThrow(
    expect.objectContaining({
      name: 'ReferenceError',
      message: expect.stringMatching(/a\/misspelt\.ejs:3\n.*tilte is not defined$/s),
    }),
  );
  expect(() => fill('a/nowhere', {})).toThrow(new TypeError('no view is called a/nowhere'));
});

test('a part has what its page has, with what it is given besides, which the page does not get', () => {
  write({
    'a/whole': "<%- include('/a/part', { label: 'One', tone: 'warn' }) %>|<%- include('/a/part') %>|<%= label %>",
    'a/spread': "<%- include('/a/part', { ...more, language: locals.more?.language }) %>",
    'a/part': '<%= language %> <%= label %><% if (locals.tone) { %> (<%= tone %>)<% } %>',
  });
  expect(readTemplates(root)('a/whole', { language: 'en', label: 'Whole' })).toBe('en One (warn)|en Whole|Whole');
  expect(readTemplates(root)('a/spread', { more: { language: 'nl', label: 'Een' } })).toBe('nl Een');
  expect(() => readTemplates(root)('a/whole', { language: 'en' })).toThrow(/a\/part\.ejs:1\n.*label is not defined/s);
});

test('a constant of a view may be called as something that it is given', () => {
  write({ 'a/constant': "<% const type = locals.type ?? 'text'; -%>\n<%= type %> <%= [1].map((name) => name) %>" });
  const fill = readTemplates(root);
  expect([fill('a/constant', { name: 'An' }), fill('a/constant', { type: 'url', name: 'An' })]).toEqual([
    'text 1',
    'url 1',
  ]);
});

test('words in comments, sentences and members are no names', () => {
  write({ 'a/words': "<%# class, new: what is shown %>for class <% const of = { a: 'for class' }; %><%= of.a %>" });
  expect(readTemplates(root)('a/words', { for: 1, class: 2, new: 3 })).toBe('for class for class');
});

test('views stay what they were when they were read', () => {
  write({ 'a/old': 'old' });
  const fill = readTemplates(root);
  write({ 'a/old': 'new' });
  expect(fill('a/old', {})).toBe('old');
});
