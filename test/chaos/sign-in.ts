/** Signing in with the factors that the person has, and repeating a used code or token. */
import type { Browser } from './browser.ts';
import { endAll, type Outcome, owe, oweLogouts, type Person, type Session, setPassword } from './ledger.ts';
import { exchange } from './tokens.ts';
import { type ClientId, listening, newBrowser, nextCode, orDoubt, requestOf, unexpected, type World } from './world.ts';

export type Passage =
  | { kind: 'landed'; url: URL }
  | { kind: 'refused'; at: 'password' | 'second factor' }
  /** none was asked although there is one, or one is to be set up although there is one */
  | { kind: 'stands'; at: 'second factor' | 'enrolment' | 'elsewhere' };

type Means = {
  password: string;
  /** absent: stops where it is asked */
  second?: { kind: 'totp'; code: string; step: number } | { kind: 'recovery'; code: string };
};

/** Goes through the pages as far as these means lead. */
export async function pass(
  world: World,
  person: Person,
  browser: Browser,
  url: string,
  means: Means,
): Promise<Passage> {
  await browser.open(url);
  if (browser.offers('sign-in')) {
    const inDoubt = () => {
      person.wrongPasswords += 1; // counted before it was checked, and perhaps not given back
      if (person.seed === undefined) owe(person, 'audit sign-in', 'perhaps');
    };
    await orDoubt(browser.press('sign-in', { login: person.number, password: means.password }), inDoubt);
    if (browser.page().status === 422) {
      person.wrongPasswords += 1;
      return { kind: 'refused', at: 'password' };
    }
  }
  if (browser.offers('verify')) {
    if (means.second === undefined) return { kind: 'stands', at: 'second factor' };
    const refused = await proveSecond(person, browser, means.second);
    if (refused) return { kind: 'refused', at: 'second factor' };
  }
  if (browser.offers('choose-totp') || browser.offers('send-code')) return { kind: 'stands', at: 'enrolment' };
  if (browser.offers('consent')) await giveConsent(person, browser);
  const at = browser.page().url;
  return at.startsWith(`${world.issuer}/`) ? { kind: 'stands', at: 'elsewhere' } : { kind: 'landed', url: new URL(at) };
}

/** Whether it was refused. */
async function proveSecond(person: Person, browser: Browser, second: NonNullable<Means['second']>): Promise<boolean> {
  await orDoubt(browser.press('verify', { code: second.code }), () => {
    person.wrongFactors += 1;
    owe(person, 'audit sign-in', 'perhaps');
    if (second.kind === 'recovery') owe(person, 'letter recovery-code-used', 'perhaps', 2);
  });
  if (browser.page().status !== 422) return false;
  person.wrongFactors += 1;
  return true;
}

async function giveConsent(person: Person, browser: Browser): Promise<void> {
  person.consent = 'perhaps';
  await browser.press('consent');
  person.consent = 'given';
}

/** The second factor that this person can show now; undefined where none is due, or none can be shown for half a minute. */
function secondOf(world: World, person: Person): Means['second'] | 'none' | undefined {
  if (person.seed === undefined) return 'none';
  if (person.wrongFactors > 14) return undefined; // the limit is 20: who is near it signs in no more
  if (person.recoveryCodes.length > 2 && world.chance.in(0.25)) {
    const code = person.recoveryCodes.pop();
    if (code !== undefined) return { kind: 'recovery', code };
  }
  const shown = nextCode(person);
  return shown && { kind: 'totp', ...shown };
}

/** A session with a first application in it. Resolves undefined where the person cannot sign in just now. */
export async function signIn(
  world: World,
  person: Person,
  client: ClientId,
): Promise<{ outcome: Outcome; session?: Session } | undefined> {
  const second = secondOf(world, person);
  if (second === undefined) return undefined;
  const browser = newBrowser(world);
  const { url, verifier } = requestOf(world, client);
  const rival = second !== 'none' && person.wrongFactors < 8 && world.chance.in(0.3) ? newBrowser(world) : undefined;
  if (second !== 'none' && rival !== undefined)
    await pass(world, person, rival, requestOf(world, client).url, { password: person.password });

  const going = pass(world, person, browser, url, {
    password: person.password,
    ...(second === 'none' ? {} : { second }),
  });
  // the same code at the same moment in another browser, through another node
  const rivalry =
    second === 'none' || rival === undefined || !rival.offers('verify')
      ? undefined
      : proveSecond(person, rival, second).then((refused) => !refused);
  const [first, other] = await Promise.allSettled([going, rivalry]);
  const rivalWon = other.status === 'fulfilled' && other.value === true;
  if (rivalWon) {
    owe(person, 'audit sign-in', 'certain');
    noteSecond(world, person, second, 'in the second browser');
  }
  if (first.status === 'rejected') throw first.reason;
  const passage = first.value;
  if (passage.kind === 'landed') {
    owe(person, 'audit sign-in', 'certain');
    noteSecond(world, person, second, `in the first browser, for ${client}`);
    const session: Session = { browser, state: 'open', joined: new Map(), tokens: [], openedAt: Date.now() };
    person.sessions.push(session);
    await exchange(world, person, session, client, passage.url, verifier);
    return { outcome: 'acknowledged', session };
  }
  // the rival was told yes, or perhaps was: then this one is rightly refused
  const lost = rivalWon || other.status === 'rejected';
  if (lost && passage.kind === 'refused' && passage.at === 'second factor') return { outcome: 'refused' };
  throw unexpected(browser, `the right password${second === 'none' ? '' : ` and ${second.kind}`} must sign in`);
}

function noteSecond(world: World, person: Person, second: Means['second'] | 'none', where: string): void {
  if (second === undefined || second === 'none') return;
  if (second.kind === 'totp')
    world.ledger.accepted('TOTP step', `${person.number} ${second.step}`, person.number, where);
  else {
    world.ledger.accepted('recovery code', `${person.number} ${second.code}`, person.number, where);
    owe(person, 'letter recovery-code-used', 'certain', 2);
    person.spent.push({ kind: 'recovery code', code: second.code, at: Date.now() });
  }
}

/** An application beside the first one, without a question. */
export async function silentSignOn(world: World, person: Person, session: Session, client: ClientId): Promise<Outcome> {
  const prompt = { prompt: 'none' };
  const { url, verifier } = requestOf(world, client, client === 'library' ? prompt : { ...prompt, scope: 'openid' });
  await session.browser.open(url);
  const at = session.browser.page().url;
  if (at.startsWith(`${world.issuer}/`)) throw unexpected(session.browser, 'prompt=none must come back');
  const landed = new URL(at);
  const error = landed.searchParams.get('error');
  const { ledger } = world;
  if (error === 'login_required') {
    if (session.state === 'open')
      ledger.violation(
        'session lost',
        person.number,
        `asked for ${client}: opened ${ageOf(session)} ago and never ended`,
      );
    if (session.state === 'perhaps') endSession(world, person, session);
    return 'refused';
  }
  if (session.state === 'ended') {
    ledger.violation('ended session opens', person.number, `${client} was answered ${landed.search.slice(0, 60)}`);
    return 'acknowledged';
  }
  session.state = 'open';
  if (error === 'consent_required') {
    if (person.consent === 'given' || client !== 'library')
      ledger.violation('consent lost', person.number, `${client} is asked to ask again`);
    else if (person.consent === 'perhaps') person.consent = 'none';
    return 'refused';
  }
  if (error !== null) throw new Error(`silent sign-on to ${client}: ${landed.search}`);
  if (client === 'library') {
    if (person.consent === 'none') ledger.violation('consent that was taken back', person.number, 'still opens');
    person.consent = 'given';
  }
  await exchange(world, person, session, client, landed, verifier);
  return 'acknowledged';
}

const ageOf = (session: Session) => `${Math.round((Date.now() - session.openedAt) / 1000)} s`;

/** The session is now known to have ended, so its applications must get a logout. */
export function endSession(world: World, person: Person, session: Session): void {
  if (session.state !== 'ended') oweLogouts(world.ledger, person, session, listening);
  session.state = 'ended';
  for (const token of session.tokens) if (!token.offline) token.state = 'ended';
}

/** The epoch has risen for certain. */
export function endOthers(world: World, person: Person, kept?: Session): void {
  for (const session of person.sessions) {
    if (session !== kept && session.state !== 'ended') oweLogouts(world.ledger, person, session, listening);
  }
  endAll(person, 'ended', kept);
}

/** Which of the passwords in doubt is it? One must be, and what came with it must be there whole. */
export async function resolvePassword(world: World, person: Person): Promise<Outcome | undefined> {
  const candidates = [...person.doubts].reverse().concat(person.password);
  for (const password of candidates) {
    const browser = newBrowser(world);
    const passage = await pass(world, person, browser, requestOf(world, 'toledo').url, { password });
    if (passage.kind === 'refused') continue;
    checkFactorAsked(world, person, passage);
    if (password !== person.password) endOthers(world, person, person.askedIn);
    delete person.askedIn;
    setPassword(person, password);
    if (passage.kind === 'landed') owe(person, 'audit sign-in', 'certain');
    return 'acknowledged';
  }
  world.ledger.violation('password lost', person.number, `none of ${candidates.length} that it may be is taken`);
  person.doubts = [];
  return 'refused';
}

/** Who enrolled a factor is asked for it, and is not asked to enrol one. */
export function checkFactorAsked(world: World, person: Person, passage: Passage): void {
  const asked = passage.kind === 'stands' && passage.at === 'second factor';
  if (asked !== (person.seed !== undefined))
    world.ledger.violation(
      'half an account',
      person.number,
      `${person.seed === undefined ? 'no factor was' : 'a factor was'} enrolled, but the sign-in ${JSON.stringify(passage)}`,
    );
}

/** A password that was replaced opens nothing. */
export async function tryFormerPassword(world: World, person: Person): Promise<Outcome | undefined> {
  const password = world.chance.pick(person.former);
  if (password === undefined || person.wrongPasswords > 25) return undefined;
  const browser = newBrowser(world);
  const passage = await pass(world, person, browser, requestOf(world, 'toledo').url, { password });
  if (passage.kind !== 'refused')
    world.ledger.violation('replaced password', person.number, `is taken: ${JSON.stringify(passage)}`);
  return 'refused';
}

/** A recovery code that was used is refused, and so is a TOTP code. */
export async function replaySecond(
  world: World,
  person: Person,
  code: string,
  kind: string,
): Promise<Outcome | undefined> {
  if (person.wrongFactors > 8) return undefined;
  const browser = newBrowser(world);
  const url = requestOf(world, 'toledo').url;
  const passage = await pass(world, person, browser, url, {
    password: person.password,
    second: { kind: 'recovery', code },
  });
  if (passage.kind === 'landed') world.ledger.violation(`${kind} accepted twice`, person.number, 'at a later sign-in');
  else if (passage.kind !== 'refused') throw unexpected(browser, `a used ${kind} must be refused`);
  return 'refused';
}

/** Wrong passwords, several at once through all nodes: each that was answered was counted. */
export async function guessWrong(world: World, person: Person): Promise<Outcome | undefined> {
  if (person.wrongPasswords > 12) return undefined;
  const browsers = Array.from({ length: 4 }, () => newBrowser(world));
  const [first] = browsers;
  if (first === undefined) return undefined;
  // a separate network, so that its counter has only these attempts
  const network = first.address;
  const sameNetwork = browsers.map(() => newBrowser(world, network));
  for (const browser of sameNetwork) await browser.open(requestOf(world, 'toledo').url);
  const answers = await Promise.allSettled(
    sameNetwork.map((browser) => browser.press('sign-in', { login: person.number, password: 'dit is het zeker niet' })),
  );
  person.wrongPasswords += answers.length;
  const refused = answers.filter((each) => each.status === 'fulfilled' && each.value.status === 422).length;
  const key = `passwordPerLoginAndNetwork ${person.number} ${network}`;
  const [counted = 0] = await world.attempts.peek([key], Date.now());
  if (counted < refused)
    world.ledger.violation('wrong guess not counted', person.number, `${refused} were answered, ${counted} counted`);
  const failed = answers.find((each) => each.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return 'refused';
}
