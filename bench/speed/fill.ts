/** Registers the applications and people of the bench in an installation of Pedel, by that installation's own code. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { createSealer } from '../../src/domain/sealing/sealer.ts';
import type { openStorage } from '../../src/storage/open.ts';
import type { anAccount } from '../../test/support/account.ts';
import { putInvitations } from '../letters/waiting.ts';
import { accountIdOf, browserOf, loginOf, SCOPE, world } from './target.ts';

type Kind = keyof typeof world.people;

const TOGETHER = 100; // commits of the SQLite file hold as many

/** `root`: of the installation. `environment`: as its `serve` gets it. */
export async function fill(
  root: string,
  environment: Record<string, string>,
  {
    passwordHash,
    kinds,
    letters,
  }: { passwordHash: string /** which people are needed */; kinds: Kind[]; letters: number },
  folder: string,
): Promise<void> {
  const load = <Module>(path: string) => import(pathToFileURL(join(root, path)).href) as Promise<Module>;
  const { openStorage: open } = await load<{ openStorage: typeof openStorage }>('src/storage/open.ts');
  const { createSealer: seal } = await load<{ createSealer: typeof createSealer }>('src/domain/sealing/sealer.ts');
  const { anAccount: account } = await load<{ anAccount: typeof anAccount }>('test/support/account.ts');
  const sealer = seal({ secrets: [environment.PEDEL_SECRET ?? ''] }, randomBytes);
  const storage = await open(environment.PEDEL_STORAGE ?? '', { now: Date.now });
  for (const kind of kinds) {
    const { first, count } = world.people[kind];
    for (let from = 0; from < count; from += TOGETHER) {
      const some = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, n) => {
        const [id, number] = [accountIdOf(first + from + n), loginOf(first + from + n)];
        const sealedSeed = sealer.seal(world.totpSeed, id, 'totp');
        return account({
          id,
          userNumbers: [number],
          emails: [`${number}@student.kuleuven.be`],
          affiliations: [{ organisation: kind === 'totp' ? 'vives' : 'kuleuven', role: 'student', source: 'csv' }],
          activatedAt: 1,
          factorDeclinedAt: Date.now(), // no sign-in offers one
          browsers: [{ id: browserOf(first + from + n).id, name: 'Firefox', system: 'Linux', firstAt: 1, lastAt: 1 }],
          password: { hash: passwordHash, setAt: 1 },
          totps: kind === 'totp' ? [{ id: 'app', name: 'app', sealedSeed, lastStep: 0, createdAt: 1 }] : [],
        });
      });
      await Promise.all(
        some.map(async (each) => {
          // a file that was filled before keeps them
          if ((await storage.accounts.findByLogin(each.userNumbers[0] ?? '')) === undefined)
            await storage.accounts.insert(each);
        }),
      );
    }
  }
  await putInvitations(storage.outbox, sealer, letters);
  await storage.close();
  const file = join(folder, 'clients.json');
  const registrations = world.clients.map((client_id) => ({
    client_id,
    client_secret: world.secret,
    redirect_uris: [world.redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: `${SCOPE} offline_access`,
    id_token_signed_response_alg: 'ES256',
    pedel_first_party: true,
  }));
  writeFileSync(file, JSON.stringify(registrations));
  await promisify(execFile)(join(root, 'bin/pedel'), ['clients', 'apply', file, '--json'], {
    env: environment,
    cwd: root,
  });
}
