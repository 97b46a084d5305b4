/** Actions of people on their accounts: activate, reset and change passwords, sign out, give and revoke consent. */
import { codeIn, linkIn } from '../support/campus.ts';
import type { Browser } from './browser.ts';
import { type Outcome, owe, type Person, type Session, setPassword } from './ledger.ts';
import type { LetterArrival } from './receivers.ts';
import { checkFactorAsked, endOthers, endSession, pass, silentSignOn } from './sign-in.ts';
import { endFamily } from './tokens.ts';
import {
  accountOf,
  backTo,
  freshPassword,
  newBrowser,
  nextCode,
  orDoubt,
  requestOf,
  unexpected,
  type World,
} from './world.ts';

const LINK = { activation: /\/activate\?ticket=/, reset: /\/reset\?ticket=/ };
const CODE = /\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/;
/** A person is written to five times an hour at most, and nobody is told of the sixth. */
const LETTERS_AN_HOUR = 5;
/** How long a letter that may never have been asked for is waited for. */
const ENOUGH_WAITING_MS = 20_000;

const lettersOf = (world: World, person: Person, what: 'activation-code' | 'reset'): LetterArrival[] =>
  world.mail.to(person.personalEmail, what === 'reset' ? LINK.reset : CODE);

/** `done`: the letter that was waited for; undefined: not yet, and nothing else is to be done. */
function letterArrived(world: World, person: Person): LetterArrival | undefined {
  const { waiting } = person;
  if (waiting === undefined) return undefined;
  const letters = lettersOf(world, person, waiting.for);
  if (letters.length > waiting.letters) return letters.at(-1);
  // in doubt whether it was asked for: once more, later
  if (Date.now() - waiting.since > ENOUGH_WAITING_MS && owedTimes(person, `letter ${waiting.for}`) <= waiting.letters)
    person.waiting = undefined;
  return undefined;
}

const owedTimes = (person: Person, what: string) => person.owed.get(what)?.certain ?? 0;

/** The link of the invitation; there since the feed that brought this person. */
export async function activateByLink(world: World, person: Person): Promise<Outcome | undefined> {
  const [letter] = world.mail.to(person.personalEmail, LINK.activation);
  if (letter === undefined) return undefined;
  const link = linkIn(letter);
  const browser = newBrowser(world);
  await browser.open(link);
  if (!browser.offers('continue')) throw unexpected(browser, 'the link of an invitation must open');
  await browser.press('continue');
  person.password = person.password || freshPassword();
  if (person.organisation !== 'vives') {
    await lastStep(world, person, browser, 'set-password', newPassword(person.password));
    if (!browser.offers('later')) throw unexpected(browser, 'a password must activate');
  } else {
    // where a step before was not answered, the password may wait in the ticket already
    if (browser.offers('set-password')) await browser.press('set-password', newPassword(person.password));
    if (browser.offers('choose-totp')) await browser.press('choose-totp');
    const seed = /id="key">([^<]+)</.exec(browser.page().html)?.[1]?.replaceAll(' ', '');
    if (seed === undefined) throw unexpected(browser, 'a key must be shown');
    person.seed = seed;
    const shown = nextCode(person);
    if (shown === undefined) return undefined;
    await lastStep(world, person, browser, 'enrol', { code: shown.code });
    if (!browser.offers('kept')) throw unexpected(browser, 'a factor must activate');
    person.recoveryCodes = [...browser.page().html.matchAll(/<li><code>([^<]+)</g)].map(([, code = '']) => code);
    owe(person, 'letter factor-added', 'certain', 2);
  }
  activated(world, person, link);
  person.sessions.push({ browser, state: 'open', joined: new Map(), tokens: [], openedAt: Date.now() });
  return 'acknowledged';
}

const newPassword = (password: string) => ({ password, password_again: password });

/** The one write that activates, in one tab or in two at once: the account is active afterwards, and once. */
async function lastStep(
  world: World,
  person: Person,
  browser: Browser,
  action: string,
  fields: Record<string, string>,
): Promise<void> {
  const twin = world.chance.in(0.4) ? browser.twin() : undefined;
  if (twin !== undefined) await twin.open(browser.page().url);
  const inDoubt = () => {
    person.state = 'perhaps';
    owe(person, 'audit account.activated', 'perhaps');
    if (action === 'enrol') owe(person, 'letter factor-added', 'perhaps', 2);
  };
  const going = orDoubt(browser.press(action, fields), inDoubt);
  const also = twin?.offers(action) ? orDoubt(twin.press(action, fields), inDoubt) : undefined;
  const [first, second] = await Promise.allSettled([going, also]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  // the other tab may have come first: this one is told that the account is active
  if (twin !== undefined && !browser.offers('kept') && !browser.offers('later')) {
    const won = twin.offers('kept') || twin.offers('later');
    if (!won) throw unexpected(browser, `one of two last steps must activate (the other: ${twin.words()})`);
    await browser.open(`${world.issuer}/`);
    for (const [key, value] of twin.cookies()) browser.cookies().set(key, value);
    await browser.open(`${world.issuer}/activate`);
  }
}

function activated(world: World, person: Person, link: string): void {
  person.state = 'active';
  owe(person, 'audit account.activated', 'certain');
  world.ledger.accepted('activation link', link, person.number, 'activated');
  person.spent.push({ kind: 'activation link', link, at: Date.now() });
}

/** The last step had no answer: the account is active with all that belongs to it, or the link works as before. */
export async function resolveActivation(world: World, person: Person): Promise<Outcome | undefined> {
  const browser = newBrowser(world);
  const { password } = person;
  const passage = await pass(world, person, browser, requestOf(world, 'toledo').url, { password });
  const [letter] = world.mail.to(person.personalEmail, LINK.activation);
  if (passage.kind === 'refused') {
    person.state = 'invited';
    person.waiting = undefined;
    return 'refused';
  }
  checkFactorAsked(world, person, passage);
  person.state = 'active';
  person.waiting = undefined; // a code that was mailed for this is no link of a reset
  if (passage.kind === 'landed') owe(person, 'audit sign-in', 'certain');
  // exactly once, whichever try it was
  person.owed.set('audit account.activated', { certain: 1, perhaps: 0 });
  if (person.seed !== undefined) person.owed.set('letter factor-added', { certain: 2, perhaps: 0 });
  if (letter !== undefined && person.organisation !== 'alum')
    person.spent.push({ kind: 'activation link', link: linkIn(letter), at: Date.now() });
  return 'acknowledged';
}

/** Number, address, code: asked for now, gone on with when the letter is there. */
export async function activateByCode(world: World, person: Person): Promise<Outcome | undefined> {
  const letter = letterArrived(world, person);
  if (letter !== undefined) return finishByCode(world, person);
  if (person.waiting !== undefined || person.mailsAsked >= LETTERS_AN_HOUR) return undefined;
  const browser = newBrowser(world);
  await browser.open(`${world.issuer}/activate?number=${person.number}&again=1`);
  if (!browser.offers('send-code')) throw unexpected(browser, 'a code must be offered');
  await ask(
    world,
    person,
    'activation-code',
    'activation-code.mailed',
    browser.press('send-code', { email: person.personalEmail }),
  );
  if (!browser.offers('verify')) throw unexpected(browser, 'a code must be asked for');
  return 'acknowledged';
}

/** Asks for a letter, and remembers that. */
async function ask(
  world: World,
  person: Person,
  what: 'activation-code' | 'reset',
  audit: string,
  asking: Promise<unknown>,
): Promise<void> {
  const letters = lettersOf(world, person, what).length;
  const note = (times: 'certain' | 'perhaps') => {
    owe(person, `letter ${what}`, times);
    owe(person, `audit ${audit}`, times);
    person.waiting = {
      for: what,
      since: Date.now(),
      letters: Math.max(letters, owedTimes(person, `letter ${what}`) - 1),
    };
    person.mailsAsked += 1;
  };
  await orDoubt(asking, () => note('perhaps'));
  note('certain');
}

async function finishByCode(world: World, person: Person): Promise<Outcome | undefined> {
  const browser = newBrowser(world);
  await browser.open(`${world.issuer}/activate?number=${person.number}`);
  // the newest counts; letters in doubt may have crossed
  const codes = lettersOf(world, person, 'activation-code').map(codeIn).reverse();
  for (const code of codes) {
    if (!browser.offers('verify')) throw unexpected(browser, 'a code must be asked for');
    await browser.press('verify', { code });
    if (browser.offers('set-password')) break;
  }
  if (!browser.offers('set-password')) {
    if (codes.length === 1) throw unexpected(browser, 'the code of the only letter must be taken');
    person.waiting = undefined;
    return 'refused';
  }
  person.password = person.password || freshPassword();
  await lastStep(world, person, browser, 'set-password', newPassword(person.password));
  if (!browser.offers('later')) throw unexpected(browser, 'a password must activate');
  person.waiting = undefined;
  activated(world, person, `code ${codes.join()}`);
  person.spent.pop(); // no link that could be opened again
  person.sessions.push({ browser, state: 'open', joined: new Map(), tokens: [], openedAt: Date.now() });
  return 'acknowledged';
}

/** A forgotten password: asked for now, gone on with when the letter is there. */
export async function reset(world: World, person: Person): Promise<Outcome | undefined> {
  const letter = letterArrived(world, person);
  if (letter !== undefined) return finishReset(world, person, linkIn(letter));
  if (person.waiting !== undefined || person.mailsAsked >= LETTERS_AN_HOUR) return undefined;
  const browser = newBrowser(world);
  await browser.open(`${world.issuer}/forgotten`);
  await ask(world, person, 'reset', 'reset.mailed', browser.press('send-link', { login: person.number }));
  if (!browser.page().url.includes('sent=1')) throw unexpected(browser, 'a link must be promised');
  return 'acknowledged';
}

async function finishReset(world: World, person: Person, link: string): Promise<Outcome | undefined> {
  const browser = newBrowser(world);
  await browser.open(link);
  if (!browser.offers('continue')) {
    // a letter before the newest: its link went with the reset that another one did
    if (world.ledger.wasAccepted('reset link', link) || person.former.length > 0) {
      person.waiting = undefined;
      return 'refused';
    }
    throw unexpected(browser, 'the link of a reset must open');
  }
  await browser.press('continue');
  if (browser.offers('verify')) {
    const shown = nextCode(person);
    if (shown === undefined || person.wrongFactors > 14) return undefined;
    await orDoubt(browser.press('verify', { code: shown.code }), () => {
      person.wrongFactors += 1;
      owe(person, 'audit reset.factor-proven', 'perhaps');
    });
    if (!browser.offers('set-password')) throw unexpected(browser, 'the factor must be enough');
    world.ledger.accepted('TOTP step', `${person.number} ${shown.step}`, person.number, 'for a reset');
    owe(person, 'audit reset.factor-proven', 'certain');
  } else if (person.seed !== undefined) {
    world.ledger.violation('half an account', person.number, 'a reset did not ask for the factor');
  }
  const twin = world.chance.in(0.5) ? browser.twin() : undefined;
  if (twin !== undefined) await twin.open(browser.page().url);
  const [one, other] = [freshPassword(), freshPassword()];
  const set = (tab: Browser, password: string) =>
    orDoubt(tab.press('set-password', newPassword(password)), () => {
      person.doubts.push(password);
      owe(person, 'audit password.reset', 'perhaps');
      owe(person, 'letter password-changed', 'perhaps', 2);
      for (const session of person.sessions) if (session.state === 'open') session.state = 'perhaps';
      for (const { tokens } of person.sessions)
        for (const token of tokens) if (token.state === 'lives') token.state = 'perhaps';
    });
  const answers = await Promise.allSettled([set(browser, one), twin === undefined ? undefined : set(twin, other)]);
  const winners = [
    { tab: browser, password: one, answer: answers[0] },
    ...(twin === undefined ? [] : [{ tab: twin, password: other, answer: answers[1] }]),
  ].filter(
    ({ tab, answer }) => answer.status === 'fulfilled' && tab.page().status === 200 && !tab.offers('set-password'),
  );
  const [winner] = winners;
  if (winner !== undefined) {
    for (const _ of winners) world.ledger.accepted('reset link', link, person.number, 'a password was set');
    setPassword(person, winner.password);
    person.former.push(...[one, other].filter((each) => each !== winner.password && twin !== undefined));
    endOthers(world, person);
    owe(person, 'audit password.reset', 'certain');
    owe(person, 'letter password-changed', 'certain', 2);
    person.spent.push({ kind: 'reset link', link, at: Date.now() });
    person.waiting = undefined;
    person.sessions.push({ browser: winner.tab, state: 'open', joined: new Map(), tokens: [], openedAt: Date.now() });
  }
  const failed = answers.find((each) => each.status === 'rejected');
  if (failed?.status === 'rejected') {
    person.waiting = undefined;
    throw failed.reason;
  }
  if (winner === undefined) throw unexpected(browser, 'one of the passwords must be set');
  return 'acknowledged';
}

export async function changePassword(world: World, person: Person, session: Session): Promise<Outcome | undefined> {
  const { browser } = session;
  await browser.open(`${world.issuer}/account/password`);
  if (browser.offers('sign-in')) {
    if (session.state === 'open')
      world.ledger.violation('session lost', person.number, 'the account page asks to sign in');
    endSession(world, person, session);
    return 'refused';
  }
  if (session.state === 'ended') {
    world.ledger.violation('ended session opens', person.number, `the account page: ${browser.words()}`);
    return undefined;
  }
  if (!browser.offers('set-password')) throw unexpected(browser, 'the password must be offered to change');
  const password = freshPassword();
  const fields = { current_password: person.password, ...newPassword(password) };
  await orDoubt(browser.press('set-password', fields), () => {
    person.doubts.push(password);
    owe(person, 'audit password.changed', 'perhaps');
    owe(person, 'letter password-changed', 'perhaps', 2);
    for (const each of person.sessions) {
      if (each.state === 'open') each.state = 'perhaps';
      for (const token of each.tokens) if (token.state === 'lives') token.state = 'perhaps';
    }
    session.state = 'lost'; // its new identifier may have been in the answer that did not come
    person.askedIn = session;
  });
  if (!browser.page().url.includes('/account') || browser.page().status !== 200)
    throw unexpected(browser, 'the password must be changed');
  setPassword(person, password);
  endOthers(world, person, session);
  owe(person, 'audit password.changed', 'certain');
  owe(person, 'letter password-changed', 'certain', 2);
  return 'acknowledged';
}

/** At an application; every other one that was told of this session is told of its end. */
export async function signOut(world: World, person: Person, session: Session): Promise<Outcome | undefined> {
  const { browser } = session;
  const thief = browser.twin(); // a thief of the earlier cookie
  const [client, joined] = [...session.joined][0] ?? [];
  const url = new URL('/session/end', world.issuer);
  if (client !== undefined && joined !== undefined) {
    url.searchParams.set('id_token_hint', joined.idToken);
    url.searchParams.set('post_logout_redirect_uri', backTo(client));
  }
  const inDoubt = () => {
    session.state = 'perhaps';
    for (const token of session.tokens) if (token.state === 'lives' && !token.offline) token.state = 'perhaps';
    session.browser = thief;
  };
  // an application of the house that names this session signs out at once
  await orDoubt(browser.open(url.href), inDoubt);
  if (browser.offers('logout')) await orDoubt(browser.press('logout'), inDoubt);
  endSession(world, person, session);
  session.browser = thief;
  await silentSignOn(world, person, session, 'toledo');
  return 'acknowledged';
}

/** Yes to an application that is not the house's own. */
export async function consent(world: World, person: Person, session: Session): Promise<Outcome | undefined> {
  const { browser } = session;
  const { url } = requestOf(world, 'library');
  await browser.open(url);
  if (browser.offers('sign-in')) {
    if (session.state === 'open') world.ledger.violation('session lost', person.number, 'the library asks to sign in');
    if (session.state === 'perhaps') endSession(world, person, session);
    return 'refused';
  }
  if (!browser.offers('consent')) {
    if (person.consent === 'none')
      world.ledger.violation('consent that was taken back', person.number, 'is not asked again');
    if (browser.page().url.startsWith(`${world.issuer}/`)) throw unexpected(browser, 'consent must be asked');
    person.consent = 'given';
    return 'acknowledged';
  }
  if (person.consent === 'given') world.ledger.violation('consent lost', person.number, 'it is asked again');
  await orDoubt(browser.press('consent'), () => {
    person.consent = 'perhaps';
  });
  if (browser.page().url.startsWith(`${world.issuer}/`)) throw unexpected(browser, 'consent must lead on');
  person.consent = 'given';
  return 'acknowledged';
}

/** Taken back where it is stored: no page does that yet. */
export async function takeConsentBack(world: World, person: Person): Promise<Outcome | undefined> {
  const { id } = await accountOf(world, person);
  person.consent = 'perhaps';
  for (const session of person.sessions) endFamily(session, 'library', 'perhaps');
  await world.storage.consents.remove(id, 'library');
  person.consent = 'none';
  for (const session of person.sessions) endFamily(session, 'library', 'ended');
  return 'acknowledged';
}

/** A link that was used leads nowhere. */
export async function replayLink(
  world: World,
  person: Person,
  spent: { kind: 'activation link' | 'reset link'; link: string },
): Promise<Outcome | undefined> {
  const browser = newBrowser(world);
  await browser.open(spent.link);
  if (browser.offers('continue')) await browser.press('continue');
  if (['set-password', 'choose-totp', 'enrol', 'verify'].some((action) => browser.offers(action)))
    world.ledger.violation(`${spent.kind} accepted twice`, person.number, browser.words());
  return 'refused';
}
