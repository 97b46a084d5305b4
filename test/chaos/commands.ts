/** Actions of an administrator beside the running nodes: small feeds, a changed registration. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../src/domain/passwords/password-hash.ts';
import { isInterruption } from './browser.ts';
import { owe, type Person } from './ledger.ts';
import { FIRST_PASSWORD, newBrowser, registrations, requestOf, type World } from './world.ts';

const TRIES = 40;

let people = 0;

/** A person for a feed. `active`: with the password hash of another system. */
export function aPerson(organisation: Person['organisation'], active: boolean): Person {
  people += 1;
  return {
    number: `u${String(6_000_000 + people)}`,
    email: `kim.storm${people}@${organisation === 'alum' ? 'alum.kuleuven.be' : `${organisation}.be`}`,
    personalEmail: `kim.storm${people}@example.org`,
    organisation,
    state: active ? 'active' : 'invited',
    password: active ? FIRST_PASSWORD : '',
    doubts: [],
    former: [],
    seed: undefined,
    lastStep: 0,
    recoveryCodes: [],
    sessions: [],
    consent: 'none',
    spent: [],
    owed: new Map(),
    waiting: undefined,
    mailsAsked: 0,
    wrongPasswords: 0,
    wrongFactors: 0,
    settlesAt: 0,
    retired: undefined,
    busy: false,
  };
}

/** Until it ends well: an administrator repeats what failed. Whether the first try did something is not known. */
async function repeated(world: World, name: string, command: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await command();
      world.ledger.count(name, 'acknowledged');
      return;
    } catch (error) {
      world.ledger.count(name, 'in doubt');
      if (tries >= TRIES) throw error;
      await sleep(1000);
    }
  }
}

/** Brings them in; from then on they take part. */
export async function feed(world: World, some: Person[]): Promise<void> {
  const hash = await hashPassword(FIRST_PASSWORD, randomBytes);
  const columns = 'person,number,given_name,family_name,email,personal_email,language,organisation,role,password_hash';
  const rows = some.map(({ number, email, personalEmail, organisation, state }) =>
    [
      number,
      number,
      'Kim',
      'Storm',
      email,
      personalEmail,
      'en',
      organisation,
      organisation === 'alum' ? 'alumnus' : 'student',
      state === 'active' ? `"${hash}"` : '',
    ].join(','),
  );
  await repeated(world, 'people import', () => world.cluster.feed([columns, ...rows].join('\n')));
  for (const person of some) {
    const invited = person.state === 'invited' && person.organisation !== 'alum';
    if (!invited) continue;
    owe(person, 'letter invitation', 'certain');
    person.mailsAsked += 1; // it counts among the letters of an hour
  }
  world.people.push(...some);
}

const SEEN_AFTER_MS = 2500; // a second, as the cache of registrations promises, and something for a busy machine

/** Another name for the library; every node shows it soon. */
export async function renameLibrary(world: World, name: string): Promise<void> {
  await repeated(world, 'clients apply', () => world.cluster.apply(registrations(world.applications.address, name)));
  await sleep(SEEN_AFTER_MS);
  // as many as there are nodes, for each request goes to another one
  for (const _ of world.cluster.nodes) {
    const browser = newBrowser(world);
    try {
      await browser.open(requestOf(world, 'library').url);
    } catch (error) {
      if (isInterruption(error)) return;
      throw error;
    }
    if (!browser.page().html.includes(name))
      world.ledger.violation('registration', 'library', `is not ${name} after ${SEEN_AFTER_MS} ms: ${browser.words()}`);
  }
}
