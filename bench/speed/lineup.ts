/** Who takes part: Pedel, another checkout of it where one is named, and the baselines; each started as the acts need it. */

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { basename } from 'node:path';
import { hashPassword } from '../../src/domain/passwords/password-hash.ts';
import { type Act, type ActName, acts } from './acts.ts';
import { track } from './children.ts';
import { type Kind, type Start, type System, startSystem } from './system.ts';
import { world } from './target.ts';

/** `normal`: its processes; `no-hash`: others, whose passwords are right at once. Absent: it does no such act. */
export type Subject = {
  name: string;
  offers(act: ActName): boolean;
  /** of one that sends letters: how many wait still */
  lettersLeft?(): Promise<number>;
} & Partial<Record<Act['on'], System>>;

/** Only these are compared with a server that does nothing but answer them. */
const documents: readonly ActName[] = ['discovery', 'jwks'];
export const OWN = 'Pedel';

/** `letters`: how many came so far. */
async function startMailServer(): Promise<{ port: number; letters: () => Promise<number> }> {
  const receiver = fork(new URL('../letters/receiver.ts', import.meta.url), { execArgv: [] });
  track(receiver);
  const [{ port }] = (await once(receiver, 'message')) as [{ port: number }];
  const letters = async () => {
    receiver.send({});
    const [told] = (await once(receiver, 'message')) as [{ letters: number }];
    return told.letters;
  };
  return { port, letters };
}

export async function startLineup(options: {
  root: string;
  compare: string | undefined;
  /** a storage with many people, on which Pedel takes part once more; absent: it does not */
  filled?: string | undefined;
  /** so many wait in one more Pedel, and in one of the other checkout, which sends them meanwhile; absent: there is none */
  letters?: number | undefined;
  baselines: readonly ('memory' | 'sqlite' | 'http')[];
  only: ActName[];
  /** `normal` even if no act asks for it */
  scenarios: boolean;
  /** a new database for each installation of Pedel; absent: SQLite files */
  newStorage?: (() => string) | undefined;
  folder: string;
  onStart: (name: string) => void;
  onProcess: (pid: number) => Promise<void>;
}): Promise<Subject[]> {
  const { only, folder, onStart, onProcess } = options;
  const passwordHash = await hashPassword(world.password, randomBytes);
  const people: Start['people'] = only.includes('totp') ? ['password', 'totp'] : ['password'];
  const wanted = new Set(only.map((act) => acts[act].on));
  if (options.scenarios) wanted.add('normal');

  async function subject(name: string, kindOf: () => Kind, ons: Iterable<Act['on']> = wanted): Promise<Subject> {
    const started: Subject = { name, offers: () => true };
    for (const on of ons) {
      const hash = on === 'normal';
      const fullName = hash ? name : `${name} without hash`;
      onStart(fullName);
      const given = {
        name: fullName,
        kind: kindOf(),
        hash,
        passwordHash,
        people: hash ? people : people.slice(0, 1),
        folder,
      };
      started[on] = await startSystem(given, onProcess);
    }
    return started;
  }

  const pedel = (root: string) => (): Kind => {
    const storage = options.newStorage?.();
    return { is: 'pedel', root, ...(storage === undefined ? {} : { storage }) };
  };
  const own = await subject(OWN, pedel(options.root));
  const subjects = [own];
  if (options.compare !== undefined) subjects.push(await subject(basename(options.compare), pedel(options.compare)));
  if (options.filled !== undefined) {
    const storage = options.filled;
    // one node only, so nobody without hash
    const filled = await subject('filled', () => ({ is: 'pedel', root: options.root, storage }), ['normal']);
    subjects.push({ ...filled, offers: (act) => acts[act].on === 'normal' });
  }
  if (options.letters !== undefined) {
    const { letters: waiting } = options;
    for (const root of [options.root, ...(options.compare === undefined ? [] : [options.compare])]) {
      const name = root === options.root ? 'with letters' : `${basename(root)} with letters`;
      const mail = await startMailServer();
      const letters = { waiting, mailPort: mail.port };
      const sending = await subject(name, () => ({ is: 'pedel', root, letters }), ['normal']);
      const lettersLeft = async () => waiting - (await mail.letters());
      subjects.push({ ...sending, offers: (act) => acts[act].on === 'normal', lettersLeft });
    }
  }
  for (const storage of options.baselines) {
    if (storage !== 'http') {
      const baseline = await subject(storage, () => ({ is: 'baseline', storage }));
      // where it keeps its records makes no difference to a document
      subjects.push(storage === 'memory' ? baseline : { ...baseline, offers: (act) => !documents.includes(act) });
    } else if (own.normal !== undefined && only.some((act) => documents.includes(act))) {
      onStart('node:http');
      const kind: Kind = { is: 'documents', of: own.normal.target };
      const http = await startSystem({ name: 'http', kind, hash: true, passwordHash, people: [], folder }, onProcess);
      subjects.push({ name: 'http', normal: http, offers: (act) => documents.includes(act) });
    }
  }
  return subjects;
}
