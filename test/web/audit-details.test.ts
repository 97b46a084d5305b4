/** The details of the audit log are told in the language of the page; what somebody chose, or another version wrote, stays as it is. */
import { expect, test } from '@jest/globals';
import { createTranslations } from '../../locales/index.ts';
import { everyDetail } from '../../src/web/console/audit-details.ts';

const translations = createTranslations();
const told = (details: Record<string, string>, actor = {}, language: 'nl' | 'en' = 'nl') =>
  everyDetail({ details, actor: { kind: 'system', ...actor } }, undefined, { t: translations(language), language });

test('names, codes, members, roles and times are words', () => {
  expect(told({ members: 'redirect_uris client_name#nl jwks_uri', revision: '3' })).toEqual([
    'gewijzigd: Adressen om naar terug te keren, Naam in het Nederlands, Adres van haar sleutels',
    'versie: 3',
  ]);
  expect(told({ place: 'sign-in', factor: 'totp', outcome: 'wrong', browser: 'other', nth: '10' })).toEqual([
    'pagina: aanmelden',
    'waarmee: authenticator-app',
    'uitslag: fout',
    'browser: onbekend',
    'poging van die dag: 10',
  ]);
  expect(told({ secret: 's1', name: 'wrong', expires: '' }, {}, 'en')).toEqual(['secret: s1', 'name: wrong']);
  expect(told({ entries: '12', before: '2026-01-01T00:00:00.000Z' }, {}, 'en')[0]).toBe('entries: 12');
  expect(told({ usedFrom: '2026-12-01T12:00:00.000Z' })).toEqual([
    expect.stringMatching(/^in gebruik vanaf: 1 december 2026.* 13:00$/),
  ]);
  expect(told({}, { roles: ['owner', 'desk kuleuven vives'], via: 'api', requestId: 'q' })).toEqual([
    'als: Eigenaar, Servicedesk kuleuven vives',
    'langs: de API',
    'verzoek: q',
  ]);
});

test('what has no words stays as it is, whatever it holds', () => {
  expect(told({ later: 'version', reason: '<b>🌱\u202e' })).toEqual(['later: version', 'reden: <b>🌱\u202e']);
  expect(told({ constructor: 'toString', amr: 'pwd hwk' })).toEqual([
    'constructor: toString',
    'bewezen met: wachtwoord, hwk',
  ]);
  expect(told({ browser: 'b-1234', seen: 'no' })).toEqual(['eerder gezien: nee']);
});
