/** The map of rooms is true: no file imports what its room may not import. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Room -> what it may import besides itself: other rooms or single files of `src` (by prefix), then packages. */
const rooms: Record<string, { rooms: string[]; packages: string[] }> = {
  'src/domain': {
    rooms: [],
    packages: [
      'node:crypto',
      'node:util',
      '@node-rs/argon2',
      'bcryptjs',
      'culori',
      'otplib',
      '@simplewebauthn/server',
      '@zxcvbn-ts/',
      'temporal-polyfill',
      'zod',
    ],
  },
  'src/hashing': {
    rooms: ['src/domain'],
    packages: ['node:child_process', 'node:crypto', 'node:module', 'node:os', 'node:path'],
  },
  // a program of its own, with the one other way to a database
  'src/importing/process.ts': {
    rooms: ['src/importing', 'src/domain', 'src/use-cases/import', 'src/storage/open.ts'],
    packages: ['node:'],
  },
  'src/importing': { rooms: ['src/domain', 'src/use-cases/import'], packages: ['node:'] },
  'src/storage/open.ts': { rooms: ['src/domain', 'src/storage/sqlite', 'src/storage/mongodb'], packages: [] },
  'src/storage/sqlite': {
    rooms: ['src/domain'],
    packages: ['node:sqlite', 'node:fs', 'node:path', 'node:crypto', 'node:timers'],
  },
  'src/storage/mongodb': { rooms: ['src/domain'], packages: ['mongodb', 'node:crypto', 'node:timers'] },
  'src/oidc': {
    rooms: [
      'src/domain',
      'src/use-cases/registration',
      'src/http/body-time.ts',
      'src/http/cookies.ts',
      'src/http/same-origin.ts',
    ],
    packages: ['oidc-provider', 'jose', 'lru-cache', 'ipaddr.js', 'undici', 'koa', 'co-body', 'node:'],
  },
  'src/use-cases': { rooms: ['src/domain'], packages: ['csv-parse', 'node:'] },
  'src/http': {
    rooms: ['src/domain', 'locales'],
    packages: ['koa', 'ejs', 'zod', 'co-body', 'ipaddr.js', 'lru-cache', 'node:'],
  },
  'src/web': {
    rooms: [
      'src/domain',
      'src/use-cases',
      'src/http',
      'src/oidc/devices/device-requests.ts',
      'src/oidc/sign-in/interaction.ts',
      'src/oidc/sign-in/open-sessions.ts',
      'src/oidc/sign-in/session.ts',
      'src/oidc/trials/trial.ts',
      'locales',
    ],
    packages: ['koa', 'koa-compose', '@koa/router', 'zod', 'bowser', 'qrcode', '@simplewebauthn/server', 'node:'],
  },
  'src/api': {
    rooms: ['src/domain', 'src/use-cases', 'src/http/body-time.ts'],
    packages: ['zod', 'koa', 'co-body', 'node:'],
  },
  'src/mail': {
    rooms: ['src/domain', 'locales'],
    packages: ['nodemailer', 'ejs', 'i18next', 'temporal-polyfill', 'node:'],
  },
  'src/jobs': { rooms: ['src/domain', 'src/use-cases', 'src/mail'], packages: ['node:'] },
  'src/operation': { rooms: ['src/domain'], packages: ['pino', 'prom-client', 'koa', 'node:'] },
  'src/config': { rooms: ['src/domain'], packages: ['zod', 'yaml', 'ipaddr.js', 'node:'] },
  'src/app': {
    rooms: [
      'src/api',
      'src/config',
      'src/domain',
      'src/hashing',
      'src/http',
      'src/importing',
      'src/jobs',
      'src/oidc',
      'src/operation',
      'src/use-cases/clients',
      'src/use-cases/import',
      'src/web',
      'locales',
    ],
    packages: ['koa', 'node:'],
  },
  'src/app.ts': {
    rooms: [
      'src/app',
      'src/config',
      'src/domain',
      'src/hashing',
      'src/http',
      'src/jobs',
      'src/mail',
      'src/oidc',
      'src/operation',
      'src/use-cases/import/importing.ts',
      'src/use-cases/incidents/note-incidents.ts',
      'src/web',
      'locales',
    ],
    packages: ['koa', 'node:'],
  },
  // the one way from a command to a database
  'src/commands/installation.ts': {
    rooms: ['src/commands', 'src/config', 'src/domain', 'src/storage/open.ts'],
    packages: ['node:'],
  },
  'src/commands': {
    rooms: [
      'src/app.ts',
      'src/oidc/registration/registration-check.ts',
      'src/oidc/outgoing/outgoing.ts',
      'src/oidc/clients/pairwise.ts', // a preview tells the sub that tokens have
      'src/config',
      'src/domain',
      'src/use-cases',
      'src/mail',
      'src/jobs',
      'src/operation',
      'locales',
    ],
    packages: ['commander', 'zod', 'temporal-polyfill', 'node:'],
  },
  locales: { rooms: ['locales', 'src/domain'], packages: ['i18next', 'node:module'] },
  demo: {
    rooms: [],
    packages: [
      'koa',
      '@koa/router',
      'ejs',
      'co-body',
      'openid-client',
      'jose',
      'smtp-server',
      'mailparser',
      'qrcode',
      '@node-rs/argon2',
      'node:',
    ],
  },
};

const importOf =
  /(?:^|[;\n])\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

function importsOf(file: string): string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(importOf)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

const targetOf = (file: string, specifier: string) => relative(root, join(root, dirname(file), specifier));

/** Files that import each other in a round, the first one twice; undefined: there is none. */
function circle(): string[] | undefined {
  const done = new Set<string>();
  const way: string[] = [];
  const from = (file: string): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    way.push(file);
    for (const specifier of importsOf(file).filter((each) => each.startsWith('.') && each.endsWith('.ts'))) {
      const found = from(targetOf(file, specifier));
      if (found !== undefined) return found;
    }
    way.pop();
    done.add(file);
    return undefined;
  };
  for (const file of files) {
    const found = from(file);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of node:crypto, what answers the same for the same arguments. Whatever else it has may draw random bytes of its own. */
const deterministic = new Set([
  'createHash',
  'createHmac',
  'createSecretKey',
  'hash',
  'createCipheriv',
  'createDecipheriv',
  'createPrivateKey',
  'createPublicKey',
  'hkdfSync',
  'pbkdf2',
  'timingSafeEqual',
]);
/** OpenSSL makes key pairs with its own generator: the one place that may, and its callers take it as an argument. */
const keyMaker = { file: 'src/domain/signing-keys/signing-key.ts', name: 'generateKeyPair' };

const cryptoImport = /import\s+(type\s)?([^'"`;]*?)\s*from\s*['"](?:node:)?crypto['"]/g;
const ambient = [
  /\bMath\.random\b/g,
  /\bDate\.now\b/g,
  /\bnew\s+Date\b(?!\s*\(\s*[^\s)])/g, // `new Date()` and `new Date`
  /(?<!\bnew\s+)\bDate\s*\(/g, // as a function it is the time, whatever it is given
  /\bperformance\.(?:now|timeOrigin)\b/g,
  /\bprocess\.(?:hrtime|uptime)\b/g,
  /\bTemporal\.Now\b/g,
  /\b(?:web)?crypto\s*(?:\?\.|[.[])/gi, // the global one
  /\bglobalThis\b/g,
  /['"](?:node:)?perf_hooks['"]/g,
  /(?:import|require)\(\s*['"](?:node:)?crypto['"]/g,
];

/** Where a source takes time or randomness from its surroundings instead of from its arguments (rule 29). */
function takenFromSurroundings(source: string, file = ''): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');
  const imported = [...code.matchAll(cryptoImport)].flatMap(([whole, isType, clause = '']) => {
    if (isType !== undefined) return [];
    const members = /^\{([\s\S]*)\}$/.exec(clause.trim())?.[1];
    if (members === undefined) return [whole]; // all of it at once
    const names = members.split(',').map((member) => member.trim());
    const values = names.filter((name) => name !== '' && !name.startsWith('type ')).map((name) => name.split(' ')[0]);
    return values.filter(
      (name = '') => !deterministic.has(name) && !(file === keyMaker.file && name === keyMaker.name),
    );
  });
  return [...imported, ...ambient.flatMap((pattern) => code.match(pattern) ?? [])] as string[];
}

const files = globSync(['src/**/*.ts', 'locales/**/*.ts', 'demo/**/*.ts'], { cwd: root }).sort();
const roomOf = (file: string) => Object.keys(rooms).find((room) => file === room || file.startsWith(`${room}/`));
const within = (place: string, file: string) => file === place || file.startsWith(`${place}/`);

/** Modules that are started, not imported: the command line, and the processes that hash, judge and import. */
const started = [
  ...['src/commands/main.ts', 'src/hashing/process.ts', 'src/hashing/judge-process.ts'],
  'src/importing/process.ts',
];

describe('rule 29: time and randomness are arguments', () => {
  test('no rule asks the clock', () => {
    const asking = files
      .filter((file) => /^src\/(domain|use-cases|oidc|web|api|http|mail|jobs)\//.test(file))
      .filter((file) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(readFileSync(join(root, file), 'utf8')));
    expect(asking).toEqual([]);
  });

  test('importing any module starts and changes nothing', () => {
    const modules = files.filter((file) => file.startsWith('src/') && !started.includes(file));
    const script = `
      const state = () => JSON.stringify([process.env, process.eventNames().map((name) => [String(name), process.listenerCount(name)]), process.cwd()]);
      const before = state();
      for (const file of ${JSON.stringify(modules)}) await import('./' + file);
      await new Promise((resolve) => setImmediate(resolve));
      console.log(JSON.stringify([state() === before, process.getActiveResourcesInfo().filter((each) => each !== 'PipeWrap')]));
      process.exit(0);`;
    const told = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script],
      { cwd: root, encoding: 'utf8', timeout: 180_000 },
    );
    expect(JSON.parse(told)).toEqual([true, []]);
  });
});

describe('the map of rooms', () => {
  test('the table names a room for every file', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  test.each(Object.keys(rooms))('%s imports nothing that it may not', (room) => {
    const allowed = rooms[room] ?? { rooms: [], packages: [] };
    const forbidden = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) =>
        importsOf(file).flatMap((specifier) => {
          if (!specifier.startsWith('.')) {
            const known = allowed.packages.some(
              (name) =>
                specifier === name ||
                specifier.startsWith(name.endsWith(':') || name.endsWith('/') ? name : `${name}/`),
            );
            return known ? [] : [`${file} imports ${specifier}`];
          }
          const target = targetOf(file, specifier);
          const own = within(room.endsWith('.ts') ? dirname(room) : room, target) && !room.endsWith('.ts');
          return own || allowed.rooms.some((place) => within(place, target)) ? [] : [`${file} imports ${target}`];
        }),
      );
    expect(forbidden).toEqual([]);
  });

  test('rule 33: only the process that judges loads the word lists', () => {
    const loading = (wanted: (specifier: string, file: string) => boolean) =>
      files.filter((file) => importsOf(file).some((specifier) => wanted(specifier, file)));
    const judge = 'src/domain/passwords/judge-password.ts';
    expect(loading((specifier) => specifier.startsWith('@zxcvbn-ts/'))).toEqual([judge]);
    expect(loading((specifier, file) => targetOf(file, specifier) === judge)).toEqual(['src/hashing/judge-process.ts']);
  });

  test('no two files need each other, in however many steps: each can be read before what rests on it', () => {
    expect(circle()).toBeUndefined();
  });
});

describe('time and randomness are arguments (rule 29)', () => {
  const ruled = files.filter((file) => ['src/domain', 'src/use-cases'].some((room) => within(room, file)));

  test('no rule and no use case takes them from its surroundings', () => {
    expect(ruled.length).toBeGreaterThan(50);
    const found = ruled.flatMap((file) =>
      takenFromSurroundings(readFileSync(join(root, file), 'utf8'), file).map((what) => `${file}: ${what}`),
    );
    expect(found).toEqual([]);
  });

  test.each([
    "import { randomUUID } from 'node:crypto';",
    "import { createHash, randomBytes as draw } from 'crypto';",
    "import {\n  createHash,\n  randomInt,\n} from 'node:crypto';",
    "import { webcrypto } from 'node:crypto';",
    "import { generateKeyPair } from 'node:crypto';",
    "import crypto from 'node:crypto';",
    "import * as anything from 'node:crypto';",
    "const { randomBytes } = await import('node:crypto');",
    "import { performance } from 'node:perf_hooks';",
    'const id = crypto.randomUUID();',
    'globalThis.crypto.getRandomValues(bytes);',
    'const pause = Math.random() * 3;',
    'const now = Date.now();',
    '{ now = Date.now }: Deps',
    'const today = new Date();',
    'const today = new Date ( );',
    'const today = Date();',
    'const started = performance.now();',
    'const started = process.hrtime.bigint();',
    'const today = Temporal.Now.plainDateISO();',
  ])('is seen: %s', (source) => {
    expect(takenFromSurroundings(source)).not.toEqual([]);
  });

  test.each([
    "import type { UUID } from 'node:crypto';",
    "import { createHash, type KeyObject, timingSafeEqual } from 'node:crypto';",
    'const day = new Date(now).toISOString();',
    '/** `Date.now()`, or what a test gives. */',
    'const id = randomId(randomBytes); // as crypto.randomUUID()',
    'const day = Temporal.Instant.fromEpochMilliseconds(now);',
  ])('may stand: %s', (source) => {
    expect(takenFromSurroundings(source)).toEqual([]);
  });
});
