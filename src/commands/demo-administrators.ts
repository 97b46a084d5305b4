/** The administrators of the demo: they hold a role and an authenticator app from the start, so that the console opens at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/load.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { type RandomBytes, randomId } from '../domain/random.ts';
import { roleNames } from '../domain/roles/role.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { systemActor } from '../use-cases/actor.ts';
import { grantRole } from '../use-cases/roles/grant.ts';

/** As the campus wrote it: who holds which role, and the seed of the app. */
const shape = z.array(
  z.object({
    number: z.string(),
    role: z.enum(roleNames),
    organisations: z.union([z.literal('association'), z.array(z.string())]),
    seed: z.string(),
  }),
);

/** A second run changes nothing. @returns what could not be done, in sentences */
export async function appoint(
  folder: string,
  { storage, config, sealer }: { storage: Storage; config: Pick<Config, 'organisations'>; sealer: Sealer },
  { now, randomBytes }: { now: () => number; randomBytes: RandomBytes },
): Promise<string[]> {
  const faults: string[] = [];
  for (const { number, role, organisations, seed } of shape.parse(
    JSON.parse(readFileSync(join(folder, 'administrators.json'), 'utf8')),
  )) {
    const account = await storage.accounts.findByLogin(number);
    if (account === undefined) {
      faults.push(`administrators.json: nobody has the number ${number}`);
      continue;
    }
    await updateAccount(storage.accounts, account.id, (read) => {
      if (read.totps.length > 0) return { outcome: undefined };
      const sealedSeed = sealer.seal(seed, read.id, 'totp');
      const totp = { id: randomId(randomBytes), name: 'Phone', sealedSeed, lastStep: 0, createdAt: now() };
      return { outcome: undefined, account: { ...read, totps: [totp] } };
    });
    const wanted = { holder: { kind: 'person', id: account.id } as const, role, organisations };
    const granted = await grantRole(systemActor('demo'), wanted, {
      ports: storage,
      organisations: config.organisations,
      now,
      randomBytes,
    });
    if (granted.kind !== 'granted' && granted.kind !== 'unchanged')
      faults.push(`administrators.json: ${number} is not granted ${role}: ${JSON.stringify(granted)}`);
  }
  return faults;
}
