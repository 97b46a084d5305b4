/** The mailbox of personal addresses: readable without signing in, because the activation email comes before the account works. */
import { isInstitutionAddress } from '../addresses.ts';
import { codeAt } from '../authenticator.ts';
import { dateWords, framedDocument, frameHeightRem, linkedText, senderName } from '../letter.ts';
import type { Messages } from '../messages.ts';
import type { Administrator, PersonToTry } from '../people.ts';
import { contentSecurityPolicy, openApplication } from '../relying-party/application.ts';
import type { Setting } from '../relying-party/character.ts';
import { fault } from '../relying-party/faults.ts';
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
