/** The eduperson claims follow from today's affiliations. */
import { describe, expect, test } from '@jest/globals';
import { edupersonClaims } from '../../src/domain/account/eduperson.ts';
import { organisations, person } from './support.ts';

const today = '2026-09-21';

describe('eduperson', () => {
  test('of a student who also works elsewhere', () => {
    const account = person({
      userNumbers: ['r0011111', 'u0000001'],
      affiliations: [
        { organisation: 'vives', role: 'student', source: 'csv' },
        { organisation: 'kuleuven', role: 'staff', source: 'csv' },
        { organisation: 'kuleuven', role: 'student', until: '2025-10-31', source: 'csv' },
      ],
    });
    expect(edupersonClaims(account, organisations, today)).toEqual({
      eduperson_principal_name: 'r0011111@kuleuven.be',
      eduperson_scoped_affiliation: [
        'student@vives.be',
        'member@vives.be',
        'staff@kuleuven.be',
        'employee@kuleuven.be',
        'member@kuleuven.be',
      ],
      eduperson_affiliation: ['student', 'member', 'staff', 'employee'],
      schac_home_organization: 'kuleuven.be',
      schac_personal_unique_code: ['urn:schac:personalUniqueCode:int:esi:vives.be:r0011111'],
      eduperson_assurance: [
        'https://refeds.org/assurance',
        'https://refeds.org/assurance/ID/unique',
        'https://refeds.org/assurance/ID/eppn-unique-no-reassign',
      ],
    });
  });

  test('the assurance of a person is what the evidence says: the highest level, with those that it includes', () => {
    const assurance = (...levels: ('low' | 'medium' | 'high' | 'second-factor')[]) => {
      const evidence = levels.map((level) => ({ source: 'csv', level, day: '2026-09-01', mac: 'm' }));
      const { eduperson_assurance: values } = edupersonClaims(person({ evidence }), organisations, today);
      return (values as string[]).filter((each) => each.includes('/IAP/')).map((each) => each.split('/').at(-1));
    };
    expect([assurance(), assurance('second-factor')]).toEqual([[], []]);
    expect(assurance('low', 'medium')).toEqual(['low', 'medium']);
    expect(assurance('high')).toEqual(['low', 'medium', 'high']);
    const nameless = edupersonClaims(person({ userNumbers: [] }), organisations, today);
    expect(nameless.eduperson_assurance).not.toContain('https://refeds.org/assurance/ID/eppn-unique-no-reassign');
  });

  test('of an alumna and of an unknown role have no student identifier', () => {
    const claims = (role: string) =>
      edupersonClaims(
        person({ userNumbers: ['q0123456'], affiliations: [{ organisation: 'kuleuven', role, source: 'csv' }] }),
        organisations,
        today,
      );
    expect(claims('alumnus')).toMatchObject({ eduperson_affiliation: ['alum'], schac_personal_unique_code: undefined });
    expect(claims('guest')).toMatchObject({ eduperson_scoped_affiliation: ['affiliate@kuleuven.be'] });
  });

  test('of a person without number or affiliation leave them out', () => {
    const claims = edupersonClaims(person({ userNumbers: [], affiliations: [] }), organisations, today);
    expect(claims).toMatchObject({ eduperson_principal_name: undefined, eduperson_affiliation: [] });
  });
});
