/** The process of a baseline: `serve.ts PORT memory|FILE HASH|none`. It ends with the process that started it. */
import { loginOf, SCOPE, world } from '../speed/target.ts';
import { createBaseline } from './provider.ts';
import { openSqlite } from './sqlite.ts';

const [port = '', storage = 'memory', hash = 'none'] = process.argv.slice(2);
const { totp } = world.people;
const withTotp = new Set(Array.from({ length: totp.count }, (_, n) => loginOf(totp.first + n)));
const server = await createBaseline(
  `http://localhost:${port}`,
  {
    ...world,
    scope: `${SCOPE} offline_access`,
    passwordHash: hash === 'none' ? undefined : hash,
    hasTotp: (login) => withTotp.has(login),
  },
  storage === 'memory' ? undefined : openSqlite(storage).adapter,
);
server.listen(Number(port), '127.0.0.1');
process.stdin.on('end', () => process.exit()).resume();
process.on('SIGTERM', () => process.exit());
