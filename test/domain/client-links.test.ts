import { describe, expect, test } from '@jest/globals';
import { applicationLinks } from '../../src/domain/clients/client-links.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { localized } from '../support/localized.ts';

const client = (id: string, metadata: ClientRecord['metadata']): ClientRecord => ({
  id,
  revision: 1,
  metadata,
  secrets: [],
  createdAt: 0,
  updatedAt: 0,
});
const NOW = Date.UTC(2026, 8, 21, 9);
const language = 'nl' as const;
const who = { id: 'an', userNumbers: [] };
const somebody = { ...who, language, affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] };
const registry = (all: ClientRecord[]) => ({
  async list(after: string | undefined, limit: number) {
    return all.filter(({ id }) => after === undefined || id > after).slice(0, limit);
  },
});

describe('where a person can go', () => {
  test('the association’s own applications with a page, in every language, by name in the reader’s', async () => {
    const own = { pedel_first_party: true };
    const links = await applicationLinks(
      registry([
        client('a', { ...own, client_uri: 'https://z.example/', client_name: 'Zaal', 'client_name#en': 'Room' }),
        client('b', { ...own, client_uri: 'https://toledo.example/', client_name: 'Toledo' }),
        client('c', { ...own, client_name: 'Without a page' }),
        client('d', { client_uri: 'https://stranger.example/', client_name: 'Somebody else’s' }),
        client('e', { ...own, client_uri: 'javascript:alert(1)', client_name: 'No web address' }),
      ]),
      somebody,
      NOW,
    );
    expect(links).toEqual([
      { id: 'b', uri: 'https://toledo.example/', name: localized('Toledo') },
      { id: 'a', uri: 'https://z.example/', name: localized('Zaal', 'Room') },
    ]);
  });

  test('never more than twelve, however many thousands there are', async () => {
    const many = Array.from({ length: 1000 }, (_, n) =>
      client(`c${1000 + n}`, { pedel_first_party: n > 300, client_uri: `https://c${n}.example/` }),
    );
    expect(await applicationLinks(registry(many), somebody, NOW)).toHaveLength(12);
  });

  test('an application is shown only to people to whom it is open, or who have an affiliation that an older registration names', async () => {
    const only = (id: string, ...pedel_affiliations: string[]) =>
      client(id, { pedel_first_party: true, client_uri: `https://${id}.example/`, pedel_affiliations });
    const clients = registry([
      only('alumni', 'alumnus', 'member'),
      only('vives-students', 'student@vives'),
      only('leuven-students', 'student@kuleuven'),
      only('nobody'),
      client('leuven', {
        pedel_first_party: true,
        client_uri: 'https://leuven.example/',
        pedel_access: { organisations: ['kuleuven'] },
      }),
      client('all', { pedel_first_party: true, client_uri: 'https://all.example/' }),
    ]);
    const seenBy = async (...affiliations: { role: string; organisation: string; until?: string }[]) => {
      const account = { ...who, language, affiliations: affiliations.map((each) => ({ ...each, source: 'csv' })) };
      return (await applicationLinks(clients, account, NOW)).map(({ uri }) => new URL(uri).hostname.split('.')[0]);
    };
    expect(await seenBy({ role: 'student', organisation: 'vives' })).toEqual(['all', 'vives-students']);
    expect(await seenBy({ role: 'alumnus', organisation: 'alum' })).toEqual(['all', 'alumni']);
    const both = [
      { role: 'student', organisation: 'vives', until: '2026-09-20' },
      { role: 'member', organisation: 'alum', until: '2026-09-21' },
    ];
    expect(await seenBy(...both)).toEqual(['all', 'alumni']);
    expect(await seenBy()).toEqual(['all']);
  });
});
