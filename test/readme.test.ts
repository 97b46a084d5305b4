/** The README is true: its links and folders exist. Its commands are tested in test/snippets. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  test('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)|src="([^"]+)"/g)].map(
      ([, link, picture]) => link ?? picture ?? '',
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(new URL(`../${link}`, import.meta.url)))).toEqual([]);
  });

  test('names every room, and no other', () => {
    const rooms = [...text.matchAll(/^\| ((?:`[a-z/.-]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, room]) => room ?? ''),
    );
    expect(rooms.filter((room) => !existsSync(new URL(`../${room}`, import.meta.url)))).toEqual([]);
    expect(rooms).toEqual(
      expect.arrayContaining(['src/domain', 'src/storage', 'src/oidc', 'src/web', 'src/app.ts', 'demo']),
    );
  });
});
