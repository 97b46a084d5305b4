/** What the README says is true: its links lead somewhere, its registration is accepted, its commands exist. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { applyClients } from '../src/use-cases/clients/apply-clients.ts';
import { openTestStorage } from './support/storage.ts';

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) => code);

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

  test('shows a registration that is accepted', async () => {
    const storage = await openTestStorage();
    const [registration = ''] = blocks('json');
    const results = await applyClients(JSON.parse(registration), {
      clients: storage.clients,
      auditLog: storage.auditLog,
      now: () => 0,
      dryRun: false,
    });
    expect(results).toMatchObject([{ outcome: 'created' }]);
    await storage.close();
  });

  test('shows commands that exist, on a configuration that is there', () => {
    const shell = blocks('sh').join('');
    const scripts = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).scripts as object;
    for (const [, script = ''] of shell.matchAll(/npm run ([a-z]+)/g)) expect(Object.keys(scripts)).toContain(script);
    for (const [, command = ''] of shell.matchAll(/bin\/pedel ([a-z]+)/g)) {
      expect(existsSync(new URL(`../src/commands/${command}.ts`, import.meta.url))).toBe(true);
    }
  });
});
