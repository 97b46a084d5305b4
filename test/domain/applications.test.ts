import { describe, expect, test } from '@jest/globals';
import { applicationLinks } from '../../src/domain/applications.ts';
import type { ClientRecord } from '../../src/domain/ports.ts';

const client = (id: string, metadata: ClientRecord['metadata']): ClientRecord => ({
  id,
  revision: 1,
  metadata,
  secrets: [],
  createdAt: 0,
  updatedAt: 0,
});
const registry = (all: ClientRecord[]) => ({
  async list(after: string | undefined, limit: number) {
    return all.filter(({ id }) => after === undefined || id > after).slice(0, limit);
  },
});

describe('where a person can go', () => {
  test('the association’s own applications with a page, in both languages, by name', async () => {
    const own = { pedel_first_party: true };
    const links = await applicationLinks(
      registry([
        client('a', { ...own, client_uri: 'https://z.example/', client_name: 'Zaal', 'client_name#en': 'Room' }),
        client('b', { ...own, client_uri: 'https://toledo.example/', client_name: 'Toledo' }),
        client('c', { ...own, client_name: 'Without a page' }),
        client('d', { client_uri: 'https://stranger.example/', client_name: 'Somebody else’s' }),
        client('e', { ...own, client_uri: 'javascript:alert(1)', client_name: 'No web address' }),
      ]),
    );
    expect(links).toEqual([
      { uri: 'https://toledo.example/', name: { nl: 'Toledo', en: 'Toledo' } },
      { uri: 'https://z.example/', name: { nl: 'Zaal', en: 'Room' } },
    ]);
  });

  test('never more than twelve, however many thousands there are', async () => {
    const many = Array.from({ length: 1000 }, (_, n) =>
      client(`c${1000 + n}`, { pedel_first_party: n > 300, client_uri: `https://c${n}.example/` }),
    );
    expect(await applicationLinks(registry(many))).toHaveLength(12);
  });
});
