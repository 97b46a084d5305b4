/** The mailbox of personal addresses: readable without signing in, because the activation email comes before the account works. */
import { setTimeout } from 'node:timers/promises';
import type { Context } from 'koa';
import { isInstitutionAddress } from '../addresses.ts';
import { codeAt } from '../authenticator.ts';
import { LOOK_EVERY_MS, moveOn } from '../clock.ts';
import { dateWords, framedDocument, frameHeightRem, linkedText, senderName } from '../letter.ts';
import type { Messages } from '../messages.ts';
import type { Administrator, PersonToTry } from '../people.ts';
import { contentSecurityPolicy, openApplication } from '../relying-party/application.ts';
import type { Setting } from '../relying-party/character.ts';
import { fault } from '../relying-party/faults.ts';
import { readForm } from '../relying-party/form.ts';
import { numbersOf } from '../relying-party/person.ts';
import type { Visitor } from '../relying-party/sessions.ts';

/** @param customers the owners of the personal addresses, as a mail provider knows them */
export function mailbox(
  setting: Setting,
  messages: Messages,
  customers: PersonToTry[],
  administrators: Administrator[] = [],
) {
  const application = openApplication(setting, {
    name: 'mailbox',
    language: 'en',
    folder: new URL('./', import.meta.url),
    request: { scope: 'openid profile email' },
  });
  const { router, page, signedIn } = application;
  const person = (address: string) => customers.find(({ personalEmail }) => personalEmail === address);

  router.get('/', async (ctx) => {
    const received = messages.addresses().filter(({ address }) => !isInstitutionAddress(address));
    const addresses = received.map((entry) => ({ ...entry, who: person(entry.address)?.who ?? '' }));
    await page(ctx, 'addresses', { addresses });
  });

  /** What their authenticator apps show: in the demo nobody has their phones. */
  router.get('/codes', async (ctx) => {
    const codes = administrators.map(({ name, seed, ...each }) => ({ ...each, name, ...codeAt(seed, Date.now()) }));
    await page(ctx, 'codes', { codes });
  });

  const { clock } = setting;
  if (clock !== undefined) {
    const showClock = (ctx: Context, refused = false) => page(ctx, 'clock', { ...timeInWords(new Date()), refused });
    router.get('/clock', (ctx) => showClock(ctx));
    router.post('/clock', async (ctx) => {
      const form = await readForm(ctx);
      const ms = msTo(form.get('to') ?? '', Date.now());
      if (ms === undefined) return showClock(ctx, true);
      moveOn(clock, ms);
      await setTimeout(LOOK_EVERY_MS); // then this process and the others have seen it
      ctx.status = 303;
      ctx.redirect('/clock');
    });
  }

  router.get('/mine', signedIn, async (ctx) => {
    const visitor = application.visitor(ctx);
    const own = visitor ? ownAddresses(visitor, customers) : [];
    const letters = own.flatMap((address) => messages.to(address));
    await page(ctx, 'letters', {
      address: own.join(', '),
      letters,
      mine: true,
      dateWords,
      senderName,
      now: new Date(),
    });
  });

  router.get('/addresses/:address', async (ctx) => {
    const address = String(ctx.params.address).toLowerCase();
    if (isInstitutionAddress(address)) throw fault('not-for-you');
    const letters = messages.to(address);
    await page(ctx, 'letters', { address, letters, mine: false, dateWords, senderName, now: new Date() });
  });

  router.get('/messages/:id', async (ctx) => {
    const letter = messages.find(String(ctx.params.id));
    if (!letter || isInstitutionAddress(letter.to)) throw fault('not-found');
    ctx.set('Content-Security-Policy', contentSecurityPolicy(setting.issuer, { styleSrc: "'unsafe-inline'" }));
    await page(ctx, 'message', {
      letter,
      date: dateWords(letter.date, new Date()),
      text: linkedText(letter.text),
      frame: letter.html && framedDocument(letter.html),
      heightRem: frameHeightRem(letter),
    });
  });

  /** For tests: whatever the receiver got, for any address, newest first. */
  router.get('/api/messages', (ctx) => {
    const to = ctx.URL.searchParams.get('to');
    ctx.body = to === null ? messages.all() : messages.to(to);
  });

  return application;
}

function ownAddresses({ claims }: Visitor, customers: PersonToTry[]): string[] {
  const numbers = numbersOf(claims);
  const known = customers.filter(({ number }) => numbers.includes(number)).map(({ personalEmail }) => personalEmail);
  const email = String(claims.email ?? '').toLowerCase();
  return [...new Set([...known, ...(email && !isInstitutionAddress(email) ? [email] : [])])];
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 3653; // ten years

/** How far `to` is ahead: `hour`, `day`, `week`, or a day (`YYYY-MM-DD`), which is its noon in UTC. Undefined: it is none of them. */
function msTo(to: string, now: number): number | undefined {
  const steps: Record<string, number> = { hour: DAY_MS / 24, day: DAY_MS, week: 7 * DAY_MS };
  if (Object.hasOwn(steps, to)) return steps[to];
  const noon = /^\d{4}-\d\d-\d\d$/.test(to) ? Date.parse(`${to}T12:00:00Z`) : Number.NaN;
  const ms = noon - now;
  return ms > 0 && ms <= MOST_DAYS * DAY_MS ? ms : undefined;
}

function timeInWords(now: Date) {
  const format = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'Europe/Brussels',
  });
  const dayIn = (days: number) => new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
  return { time: format.format(now), tomorrow: dayIn(1), latest: dayIn(MOST_DAYS) };
}
