/** Faults of a registration are told in the language of the page, and no sentence of the sources is without words. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { faultIn, faultTables } from '../../locales/faults.ts';
import { clientMembers, membersNotTaken } from '../../src/domain/clients/metadata/client-members.ts';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';

/** The sources, with texts that go over several lines in one piece. */
const sources = [
  ...['src/domain/clients/**/*.ts', 'src/use-cases/clients/*.ts', 'src/web/console/edit-form.ts'],
  ...['src/domain/brand/picture.ts', 'src/oidc/outgoing/outgoing.ts'],
]
  .flatMap((pattern) => globSync(pattern))
  .map((file) => readFileSync(file, 'utf8').replaceAll(/['`] \+\n\s*['`]/g, ''))
  .concat(Object.values(clientMembers).map(({ expected }) => expected))
  .join('\n');
const english = (sentence: string) => faultIn('nl', sentence) === sentence;

test('what each member takes has words in Dutch', () => {
  const all = Object.values(clientMembers).map(({ expected }) => `give ${expected}`);
  expect(
    all.filter((each) => english(each) || faultIn('nl', each) === faultIn('nl', 'give x').replace('x', each.slice(5))),
  ).toEqual(['give "fapi2"']);
});

test('every sentence with which a rule refuses has words in Dutch', () => {
  const refusals = [
    ...sources.matchAll(/(?:refuse(?:Here)?\(\s*(?:'[\w#]+',\s*)?|return |remedy: )(['`])((?:(?!\1)[^\n])+)\1/g),
  ]
    .map(([, , text = '']) => text.replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, 'x').replaceAll("\\'", "'"))
    .filter((text) => /^(?:give|add|remove|leave|choose|name|use|put|derive|describe|write|ask|no |the )/.test(text));
  expect(refusals.length).toBeGreaterThan(60);
  /** Of files, of requests of people, of presets; and what another sentence completes. */
  const others =
    /clients (?:approve|enable|apply)|another registration|do not ask for it|not for a refresh token|between the quotes|^write x$|^no secret$|^add x$/;
  expect(refusals.filter((text) => english(text) && !others.test(text))).toEqual([]);
});

test('every sentence that warns has words in Dutch', () => {
  const texts = [...sources.matchAll(/(['`])((?:(?!\1)[^\n])+)\1/g)].map(([, , text = '']) =>
    text.replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, 'x').replaceAll("\\'", "'"),
  );
  const members = /^(?:scope|pedel_purpose|pedel_access|jwks_uri|logo_uri|client_secret): [a-zA-Z]/;
  const fetching =
    /^(?:it is switched off|the answer|no answer came|not fetched|none of its keys|x (?:is no public|sent more|answered with))/;
  const picture =
    /^(?:make it smaller|it is cut off|export it|save it as|remove its|embed what|draw it|give its <svg>)/;
  const warnings = texts.filter((text) => [members, fetching, picture].some((start) => start.test(text)));
  expect(warnings.length).toBeGreaterThan(25);
  expect(warnings.filter(english)).toEqual([]);
  expect(faultIn('nl', 'jwks_uri: the answer was 404. Until it gives keys, nothing that they sign is accepted')).toBe(
    'jwks_uri: het antwoord was 404. Zolang daar geen sleutels staan, wordt niets aanvaard wat ermee ondertekend is',
  );
});

test('no words are kept for a sentence that is no longer in the sources', () => {
  for (const table of Object.values(faultTables)) {
    const stale = table.flatMap(([from]) =>
      from
        .split(/\{\+?\}/)
        .filter((piece) => piece.trim().length > 3 && !sources.replaceAll("\\'", "'").includes(piece))
        .map((piece) => `${from}: ${piece}`),
    );
    expect(stale).toEqual([]);
  }
});

test('names and values stay as they are, and what has no words stays English', () => {
  const faults = (metadata: object) => {
    const read = readClientMetadata({ client_name: 'x', redirect_uris: ['https://x.example/'], ...metadata });
    return 'faults' in read ? read.faults.map(({ remedy }) => faultIn('nl', remedy)) : [];
  };
  expect(faults({ scope: 'openid telepathy' })).toEqual(['haal "telepathy" weg: zo’n scope bestaat niet']);
  expect(faults({ contacts: 'x' })).toEqual(['geef een lijst van e-mailadressen']);
  expect(faults({ pedel_profile: 'fapi2', dpop_bound_access_tokens: false })).toContain(
    'geef true, of laat het weg: pedel_profile fapi2 eist het',
  );
  expect(faults({ redirect_uris: ['http://x.example/#'] })[0]).toBe('haal de # weg, met wat erachter staat');
  expect(faultIn('nl', 'it would be refused at use: jwks_uri must be a web uri')).toBe(
    'bij gebruik zou het geweigerd worden: jwks_uri must be a web uri',
  );
  expect(faultIn('nl', 'something of a later version')).toBe('something of a later version');
  expect(faultIn('en', 'give true or false')).toBe('give true or false');
  for (const remedy of Object.values(membersNotTaken).slice(0, 1)) expect(english(remedy)).toBe(false);
  expect(faultIn('nl', `give ${'{}'.repeat(20_000)}`)).toContain('geef');
});
