/** The secrets of applications: how many, until when, and when they were last used. */
import type { Mutation } from '../mutation.ts';

export const secrets: Mutation[] = [
  {
    id: 'use-written-with-each-token',
    rule: 16,
    tests: ['test/oidc/client-uses.test.ts'],
    file: 'src/oidc/client-uses.ts',
    search: '      if (lately.get(key) === hour) return;\n',
    replace: '',
    why: 'each token costs a write of the database',
  },
  {
    id: 'use-forgotten-where-the-database-was-away',
    rule: 16,
    tests: ['test/oidc/client-uses.test.ts'],
    file: 'src/oidc/client-uses.ts',
    search: '      waiting = new Map([...some, ...waiting]); // what came meanwhile is later\n',
    replace: '',
    why: 'a secret that is in use looks silent for an hour, and is retired',
  },
  {
    id: 'six-secrets',
    rule: 16,
    tests: ['test/domain/client-secrets.test.ts'],
    file: 'src/domain/clients/client-secrets.ts',
    search: 'if (living.length >= MOST_SECRETS)',
    replace: 'if (living.length > MOST_SECRETS)',
    why: 'secrets that nobody remembers pile up, each of which opens as much as the newest',
  },
  {
    id: 'secret-name-turns-the-line',
    rule: 16,
    tests: ['test/domain/client-secrets.test.ts'],
    file: 'src/domain/clients/client-secrets.ts',
    search: '[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Bidi_Control}]/u.test(name)',
    replace: '[\\p{Cc}]/u.test(name)',
    why: 'a name makes the end of one secret look like that of another',
  },
  {
    id: 'use-goes-back',
    rule: 'sqlite',
    chapter: 'client uses',
    file: 'src/storage/sqlite/client-uses.ts',
    search: 'SET hour = max(hour, excluded.hour)',
    replace: 'SET hour = excluded.hour',
    why: 'a node that writes late says that a secret in use was not used lately',
  },
  {
    id: 'use-outlives-its-client',
    rule: 'sqlite',
    chapter: 'client uses',
    file: 'src/storage/sqlite/clients.ts',
    search: "        if (changes > 0) sql.run('DELETE FROM client_uses WHERE client = ?', id);\n",
    replace: '',
    why: 'an application that takes over the id looks as if it had been used',
  },
];
