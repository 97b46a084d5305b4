/** Where lines of names, numbers and addresses may end. */
import { expect, test } from '@jest/globals';
import { breaking } from '../../src/http/breaking.ts';

test.each([
  ['Olga Peeters · u-olga', 'Olga Peeters · <span class="unbroken">u-olga</span>'],
  ['u-olga · an@student.example.edu', '<span class="unbroken">u-olga</span> · an@<wbr>student<wbr>.example<wbr>.edu'],
  ['an@example.edu, bo@example.edu', 'an@<wbr>example<wbr>.edu, bo@<wbr>example<wbr>.edu'],
  ['https://app.example.edu/back', 'https://<wbr>app<wbr>.example<wbr>.edu/<wbr>back'],
  ['https://app.example.edu/', 'https://<wbr>app<wbr>.example<wbr>.edu/'],
  ['It ends. Nothing else.', 'It ends. Nothing else.'],
  ['u-olga', 'u-olga'],
  ['', ''],
  ['<b> x · "&<i>', '&lt;b&gt; x · <span class="unbroken">&#34;&amp;&lt;i&gt;</span>'],
  [`An · ${'x'.repeat(21)}`, `<span class="unbroken">An</span> · ${'x'.repeat(21)}`],
])('%s', (text, html) => {
  expect(breaking(text)).toBe(html);
});

test('what is huge takes no time that is noticed', () => {
  const started = performance.now();
  breaking('@/.a://'.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(2000);
});
