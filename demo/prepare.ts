/** Writes the files of the demo: registrations, people, and the credentials that later runs keep. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import { newSeed } from './authenticator.ts';
import { type Credentials, makeCredentials, type Registration, registrations, terminal } from './clients.ts';
import { type Administrator, administrators, csv, demoPassword, type PersonToTry, people } from './people.ts';

/** `seeds`: of administrators, by number; absent in folders of earlier versions. */
type Kept = Credentials & { passwordHash: string; seeds?: Record<string, string> };

export async function prepare(data: string, basePort: number, today: Date): Promise<void> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const keptFile = join(data, 'credentials.json');
  if (!existsSync(keptFile)) {
    const passwordHash = await hash(demoPassword, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    write(keptFile, { ...(await makeCredentials()), passwordHash } satisfies Kept);
  }
  const kept = readJson<Kept>(keptFile);
  const seeds = Object.fromEntries(administrators.map(({ number }) => [number, kept.seeds?.[number] ?? newSeed()]));
  write(keptFile, { ...kept, seeds } satisfies Kept);
  const { rows, enrolledAgain, toTry } = people(today, kept.passwordHash);
  write(join(data, 'clients.json'), [...registrations(basePort, kept), terminal]);
  write(join(data, 'people.csv'), csv(rows));
  write(join(data, 'enrolled-again.csv'), csv(enrolledAgain));
  write(
    join(data, 'administrators.json'),
    administrators.map((each) => ({ ...each, seed: seeds[each.number] ?? '' })) satisfies Administrator[],
  );
  write(join(data, 'people.json'), toTry);
}

/** @throws a sentence with the remedy when `prepare` did not run in this folder */
export function prepared(data: string): {
  registrations: Registration[];
  webmailKey: Kept['webmailKey'];
  toTry: PersonToTry[];
  administrators: Administrator[];
} {
  if (!existsSync(join(data, 'people.json'))) {
    throw new Error(`${data} is not prepared: run "campus.ts prepare --data ${data}" first.`);
  }
  return {
    registrations: readJson<Registration[]>(join(data, 'clients.json')),
    webmailKey: readJson<Kept>(join(data, 'credentials.json')).webmailKey,
    toTry: readJson<PersonToTry[]>(join(data, 'people.json')),
    administrators: readJson<Administrator[]>(join(data, 'administrators.json')),
  };
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** Replaces a file as a whole. Only its owner may read it, because two of the files hold secrets. */
function write(file: string, content: unknown) {
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
