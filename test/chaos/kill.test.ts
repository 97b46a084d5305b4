/** Pedel is killed without warning, again and again, in the middle of activations, sign-ins and mails; nothing said is lost. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startReceiver } from '../../demo/receiver.ts';
import { hashPassword } from '../../src/domain/password-hash.ts';
import { openStorage } from '../../src/storage/open.ts';
import { authenticatorApp, codeIn, linkIn, until } from '../support/campus.ts';
import { type HttpVisitor, httpVisitor, textOf } from '../support/http-visitor.ts';
import { aServer } from '../support/server.ts';

const ROUNDS = Number(process.env.PEDEL_CHAOS_ROUNDS ?? 8);
const AT_ONCE = 6;
const PASSWORD = 'een fjord vol lampen 42';

type Received = { to: string; messageId: string; text: string; subject: string };
type Person = { number: string; address: string; kind: 'code' | 'link'; progress: Set<string>; seed?: string };

const received: Received[] = [];
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let server: Awaited<ReturnType<typeof aServer>>;
let alive = false;

beforeAll(async () => {
  receiver = await startReceiver({ port: 0, store: { put: (letters) => void received.push(...letters) } });
  server = await aServer({ mailPort: receiver.port });
});
afterAll(async () => {
  await server?.remove();
  await receiver?.close();
});

/** Active from the start, so that they can sign in while others activate. */
const regulars = Array.from({ length: 4 }, (_, n) => `q${String(8_000_000 + n)}`);

const people: Person[] = Array.from({ length: ROUNDS * AT_ONCE }, (_, n) => ({
  number: `${n % 2 === 0 ? 'q' : 'r'}${String(7_000_000 + n)}`,
  address: `person${n}@example.org`,
  kind: n % 2 === 0 ? 'code' : 'link',
  progress: new Set<string>(),
}));

/** One answer that came back: from then on what it says must be true for ever. */
function acknowledged(person: Person, step: string): void {
  person.progress.add(step);
}

async function newest(address: string, has: (letter: Received) => boolean): Promise<Received> {
  return until(
    async () => {
      if (!alive) throw new Error('the server is gone');
      return received.findLast((letter) => letter.to === address && has(letter));
    },
    () => `no letter for ${address}`,
    150_000, // a letter that was on its way when the server died is leased for two minutes
  );
}

/** Goes through an activation, however far it gets before the server dies; may be taken up again from the start. */
async function activate(person: Person, visitor: HttpVisitor): Promise<void> {
  const { issuer } = server;
  if (person.kind === 'code') {
    await visitor.open(`${issuer}/activate?number=${person.number}&lang=en`);
    if (visitor.page().html.includes('value="send-code"')) {
      await visitor.press('send-code', { email: person.address });
      if (visitor.page().status === 200) acknowledged(person, 'asked for a code');
    }
    const letter = await newest(person.address, ({ text }) => /\b[2-9A-Z]{4}-[2-9A-Z]{4}\b/.test(text));
    await visitor.press('verify', { code: codeIn(letter) });
  } else {
    const letter = await newest(person.address, ({ text }) => text.includes('/activate?ticket='));
    await visitor.open(linkIn(letter));
    await visitor.press('continue');
  }
  if (visitor.page().html.includes('value="set-password"')) {
    await visitor.press('set-password', { password: PASSWORD, password_again: PASSWORD });
  }
  if (person.kind === 'link') {
    if (visitor.page().html.includes('value="choose-totp"')) await visitor.press('choose-totp');
    const key = /id="key">([^<]+)</.exec(visitor.page().html)?.[1]?.replaceAll(' ', '');
    if (key !== undefined) {
      person.seed = key;
      await visitor.press('enrol', { code: await authenticatorApp(key).code() });
    }
  }
  if (visitor.page().status === 200 && /recovery|value="later"|value="kept"|active/.test(visitor.page().html)) {
    acknowledged(person, 'activated');
  }
}

/** Signs in to the account page, however far it gets; a session that was shown must be there after any restart. */
async function signIn(number: string, visitor: HttpVisitor): Promise<boolean> {
  await visitor.open(`${server.issuer}/account`);
  if (visitor.page().html.includes('value="sign-in"'))
    await visitor.press('sign-in', { login: number, password: PASSWORD });
  return isSignedIn(visitor);
}

const isSignedIn = (visitor: HttpVisitor) =>
  visitor.page().status === 200 && new URL(visitor.page().url).pathname === '/account';

async function isActive({ number }: Person): Promise<boolean> {
  const storage = await openStorage(server.storage, { now: Date.now });
  try {
    return (await storage.accounts.findByLogin(number))?.activatedAt !== undefined;
  } finally {
    await storage.close();
  }
}

describe('killed without warning', () => {
  test(`${ROUNDS} times in the middle of activations and mails: nothing acknowledged is lost, nobody is left in between`, async () => {
    const hash = await hashPassword(PASSWORD);
    await server.feed(
      [
        'person,number,given_name,family_name,personal_email,language,organisation,role,password_hash',
        ...people.map(
          ({ number, address, kind }, n) =>
            `p${n},${number},An,Peeters ${n},${address},en,${kind === 'code' ? 'alum,alumnus' : 'vives,student'},`,
        ),
        ...regulars.map((number, n) => `s${n},${number},Jan,Claes ${n},jan${n}@example.org,en,alum,alumnus,"${hash}"`),
      ].join('\n'),
    );
    const cleanStart = await server.start();
    await server.kill('SIGTERM');
    const readyAfter: number[] = [];
    const sessions: HttpVisitor[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      readyAfter.push(await server.start());
      alive = true;
      const group = people.slice(round * AT_ONCE, (round + 1) * AT_ONCE);
      const trying = group.map((person) =>
        activate(person, httpVisitor()).catch((error: unknown) => (alive ? Promise.reject(error) : undefined)),
      );
      const signingIn = regulars.map(async (number) => {
        while (alive) {
          const visitor = httpVisitor();
          if (await signIn(number, visitor)) sessions.push(visitor);
        }
      });
      const settled = Promise.allSettled([...trying, ...signingIn]);
      // from "has hardly begun" to "is nearly done", a little differently each time
      await new Promise((resolve) => setTimeout(resolve, 150 + (round * 1700) / ROUNDS + Math.random() * 300));
      alive = false;
      await server.kill();
      await settled;
    }

    readyAfter.push(await server.start());
    alive = true;
    console.info(
      `ready after ${Math.round(cleanStart)} ms where nothing was killed, else after ${readyAfter.map((ms) => `${Math.round(ms)} ms`).join(', ')}`,
    );
    // 2 s on a quiet machine; on a busy one, no longer than a start after a clean end takes there
    expect(Math.min(...readyAfter)).toBeLessThan(Math.max(2000, cleanStart * 1.5));

    for (const person of people) {
      const active = await isActive(person);
      if (person.progress.has('activated')) expect({ ...person, active }).toMatchObject({ active: true });
      if (person.progress.has('asked for a code')) await newest(person.address, () => true); // the letter came, or comes now
      if (active) continue;
      const visitor = httpVisitor();
      await activate(person, visitor);
      expect({
        number: person.number,
        page: textOf(visitor.page().html).slice(0, 300),
        active: await isActive(person),
      }).toMatchObject({ active: true });
    }

    // every session that was shown to be signed in still is, whatever was killed right after
    expect(sessions.length).toBeGreaterThan(ROUNDS);
    for (const visitor of sessions) {
      await visitor.open(`${server.issuer}/account`);
      expect(isSignedIn(visitor)).toBe(true);
    }
    for (const number of regulars) expect(await signIn(number, httpVisitor())).toBe(true);

    // everybody who is invited by link had a letter; repeated ones carry the same Message-ID
    for (const { address } of people.filter(({ kind }) => kind === 'link')) {
      const invitations = received.filter(
        (letter) => letter.to === address && letter.text.includes('/activate?ticket='),
      );
      expect(invitations.length).toBeGreaterThanOrEqual(1);
      expect(new Set(invitations.map(({ messageId }) => messageId)).size).toBe(1);
    }
  }, 480_000);
});
