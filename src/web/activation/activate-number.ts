/** From a user number to a proven code (journey A.1–3): what each number leads to, and nothing that confirms a guess (rule 1). */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { isEmailAddress } from '../../domain/account/email-address.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import {
  type Asked,
  askForCode,
  REMEMBERED_MS,
  stateOfNumber,
  type Tried,
  tryActivationCode,
} from '../../domain/activation/activation.ts';
import { limits, takeTry } from '../../domain/rate-limits/rate-limits.ts';
import { goTo } from '../../http/go-to.ts';
import { faultAt } from '../../http/page.ts';
import { updateOrPretend } from '../constant-work.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import { tooManyFrom } from '../too-many.ts';
import type { Web } from '../web.ts';

type Found = { number: string; account: Account | undefined; state: 'active' | 'code' | 'email' | 'unknown' };

export function createActivateNumber(web: Web) {
  const { pages, accounts, attempts, sealer, organisations, hideUnknownNumbers } = web;
  const tooMany = tooManyFrom(web);

  async function showForm(ctx: Koa.Context, typed = '', missing = false) {
    const t = pages.t(ctx);
    const fault = missing ? faultAt('number', t('activation.number_missing'), t('pages.field_empty')) : {};
    await pages.render(ctx, 'activate/number', { typed, ...fault }, { title: t('activation.number_title') });
  }

  /** The page that this number leads to. `again`: the e-mail step although a code may be under way. */
  async function show(ctx: Koa.Context, typed: string, again: boolean) {
    if (normalizeLogin(typed) === '') return showForm(ctx);
    const found = await find(ctx, typed);
    if (found === undefined) return tooMany.show(ctx, 'numbersPerNetwork');
    await showFound(ctx, found, again);
  }

  async function showFound(ctx: Koa.Context, found: Found, again = false) {
    if (found.state === 'unknown') return showUnknown(ctx, found.number);
    if (found.state === 'active') return showActive(ctx, found.number);
    if (found.state === 'code' && !again) return showCode(ctx, found.number);
    return showEmail(ctx, found.number);
  }

  /** undefined: this network has tried too many numbers; the page is not a phone book. */
  async function find(ctx: Koa.Context, typed: string): Promise<Found | undefined> {
    const number = normalizeLogin(typed);
    if (!(await mayAskAbout(ctx, number))) return undefined;
    const login = await accounts.findByLogin(number);
    // an institution's address is a login too, but no user number: this page does not tell who has which address
    const account = login?.userNumbers.includes(number) ? login : undefined;
    const state = hideUnknownNumbers ? await hiddenState(number) : account && stateOfNumber(account, web.now());
    return { number, account, state: state ?? 'unknown' };
  }

  /** Numbers are counted per network, each once, so that a reload costs nothing. */
  async function mayAskAbout(ctx: Koa.Context, number: string): Promise<boolean> {
    const now = web.now();
    const { group } = web.network(ctx);
    const { tries, windowSeconds } = limits.numbersPerNetwork;
    const [before = 0] = await attempts.peek([`numbersPerNetwork ${group}`], now);
    if (before > tries) return false; // and nothing more is written, whatever is tried
    const count = await attempts.take(`number ${group} ${number}`, now + windowSeconds * 1000, now);
    if (count === 1) return (await takeTry(attempts, 'numbersPerNetwork', group, now)).allowed;
    const [asked = 0] = await attempts.peek([`numbersPerNetwork ${group}`], now);
    return asked <= tries;
  }

  /** Where unknown numbers are not told apart, no number is: what was asked is remembered of each in the same way. */
  async function hiddenState(number: string): Promise<'code' | 'email'> {
    const [asked = 0] = await attempts.peek([`code-under-way ${number}`], web.now());
    return asked > 0 ? 'code' : 'email';
  }

  async function showEmail(ctx: Koa.Context, number: string, typed = '', missing = false) {
    const t = pages.t(ctx);
    const fault = missing ? faultAt('email', t('activation.email_missing'), t('activation.email_missing_field')) : {};
    const data = { number, typed, ...fault };
    await pages.render(ctx, 'activate/email', data, {
      title: t('activation.email_title'),
      at: `${pageOf(number)}&again=1`,
    });
  }

  async function showCode(ctx: Koa.Context, number: string, wrong?: 'code_missing' | 'code_refused', typed = '') {
    const t = pages.t(ctx);
    const beside = t(wrong === 'code_missing' ? 'pages.field_empty' : 'activation.code_refused_field');
    const fault = wrong === undefined ? {} : faultAt('code', t(`activation.${wrong}`), beside);
    await pages.render(
      ctx,
      'activate/code',
      { number, typed, ...fault },
      { title: t('activation.code_title'), at: pageOf(number) },
    );
  }

  async function showActive(ctx: Koa.Context, number: string) {
    const t = pages.t(ctx);
    const data = { number, signIn: web.sessions.signInUrl('/account') };
    await pages.render(ctx, 'activate/active', data, { title: t('activation.active_title'), at: pageOf(number) });
  }

  async function showUnknown(ctx: Koa.Context, number: string) {
    const t = pages.t(ctx);
    const writeTo = organisations.flatMap(({ name, contacts }) => {
      const contact = contacts.find(({ email }) => email !== undefined);
      return contact?.email === undefined ? [] : [{ name, email: contact.email }];
    });
    await pages.render(
      ctx,
      'activate/unknown',
      { number, writeTo },
      { title: t('activation.unknown_title'), at: pageOf(number) },
    );
  }

  /** POST `send-code`: the page says the same whatever address was typed, and so does the number from now on. */
  async function sendCode(ctx: Koa.Context, form: { number: string; email: string }) {
    const found = await find(ctx, form.number);
    if (found === undefined) return tooMany.show(ctx, 'numbersPerNetwork');
    const { number, account } = found;
    if (found.state === 'unknown') return showUnknown(ctx, number);
    if (!isEmailAddress(form.email)) return showEmail(ctx, number, form.email, true);
    if (!(await tooMany.mayAskForEmail(ctx, number))) return;
    const now = web.now();
    if (hideUnknownNumbers) await attempts.take(`code-under-way ${number}`, now + REMEMBERED_MS, now);
    const prepared = prepareTicket(web, account?.id ?? 'nobody', 'activation');
    await updateOrPretend<Asked>(web, account, (read) =>
      askForCode(read, { number, email: form.email, prepared }, web.acting(ctx)),
    );
    goTo(ctx, pageOf(number));
  }

  /** POST `verify`: the ticket that a right code names, or a page. */
  async function verify(
    ctx: Koa.Context,
    form: { number: string; code: string },
  ): Promise<{ accountId: string; ticketId: string } | undefined> {
    const found = await find(ctx, form.number);
    if (found === undefined) {
      await tooMany.show(ctx, 'numbersPerNetwork');
      return undefined;
    }
    const { number, account } = found;
    if (found.state === 'unknown' || found.state === 'active') {
      await showFound(ctx, found);
      return undefined;
    }
    if (form.code === '') {
      await showCode(ctx, number, 'code_missing');
      return undefined;
    }
    const now = web.now();
    const taken = await takeTry(attempts, 'codesPerNetwork', web.network(ctx).group, now);
    if (!taken.allowed) {
      await tooMany.show(ctx, 'codesPerNetwork');
      return undefined;
    }
    const tried = await updateOrPretend<Tried>(web, account, (read) => tryActivationCode(read, form.code, sealer, now));
    if (account !== undefined && tried?.kind === 'matched') {
      await taken.giveBack();
      return { accountId: account.id, ticketId: tried.ticketId };
    }
    if (tried?.kind === 'already-active' && !hideUnknownNumbers) await showActive(ctx, number);
    else await showCode(ctx, number, 'code_refused', form.code);
    return undefined;
  }

  return { showForm, show, showActive, sendCode, verify };
}

/** Where the page of a number is. */
export const pageOf = (number: string) => `/activate?number=${encodeURIComponent(number)}`;
