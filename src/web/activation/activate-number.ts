/** From a user number to a proven code (journey A.1–3): which page a number leads to, confirming no guess (rule 1). */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { isEmailAddress, withAsciiDomain } from '../../domain/account/email-address.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { type Asked, askForCode, type Tried, tryActivationCode } from '../../domain/activation/activation.ts';
import { givenBackUnlessJudged } from '../../domain/rate-limits/rate-limits.ts';
import type { ProofOutcome } from '../../domain/sign-in/proof.ts';
import { goTo } from '../../http/go-to.ts';
import { guessMailedCode } from '../code-guess.ts';
import { updateOrPretend } from '../constant-work.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import { createTooMany } from '../too-many.ts';
import type { Web } from '../web.ts';
import { createNumberLookup, type Found } from './number-lookup.ts';
import { createNumberPages, pageOf } from './number-pages.ts';

export function createActivateNumber(web: Web) {
  const { sealer, hideUnknownNumbers } = web;
  const { showForm, showEmail, showCode, showActive, showUnknown } = createNumberPages(web);
  const { find, noteAsked } = createNumberLookup(web);
  const tooMany = createTooMany(web);

  /** Shows the page for this number. `again`: the email step, even if a code was sent. */
  async function show(ctx: Koa.Context, typed: string, again: boolean) {
    if (normalizeLogin(typed) === '') return showForm(ctx);
    // depends on what was typed only, so that it tells nothing about any number
    if (!/\d/.test(normalizeLogin(typed))) return showForm(ctx, typed, 'number_form');
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

  /** POST `send-code`. The answer, and the page of this number from now on, are the same for every typed address. */
  async function sendCode(ctx: Koa.Context, form: { number: string; email: string }) {
    const found = await find(ctx, form.number);
    if (found === undefined) return tooMany.show(ctx, 'numbersPerNetwork');
    const { number, account } = found;
    if (found.state === 'unknown') return showUnknown(ctx, number);
    if (!isEmailAddress(withAsciiDomain(form.email))) return showEmail(ctx, number, form.email, true);
    await mailCode(ctx, number, account, form.email);
  }

  /** To the address on file of a person who showed a link that was mailed there. */
  async function sendCodeTo(ctx: Koa.Context, account: Account) {
    const [number] = account.userNumbers;
    if (number === undefined) return showForm(ctx);
    await mailCode(ctx, number, account);
  }

  async function mailCode(ctx: Koa.Context, number: string, account: Account | undefined, email?: string) {
    const taken = await tooMany.takeEmail(ctx, number);
    if (taken === undefined) return;
    await noteAsked(number);
    const prepared = prepareTicket(web, account?.id ?? 'nobody', 'activation');
    const asked = { number, prepared, ...(email === undefined ? {} : { email }) };
    await givenBackUnlessJudged(taken, () =>
      updateOrPretend<Asked>(web, account, (read) => askForCode(read, asked, web.acting(ctx))),
    );
    goTo(ctx, pageOf(number));
  }

  /** POST `verify`. @returns the ticket if the code is right; undefined if a page is the answer */
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
      const outcome = found.state === 'unknown' ? 'unknown' : 'already-active';
      await web.trace(ctx, { place: 'activation', factor: 'mailed-code', outcome, login: number });
      await showFound(ctx, found);
      return undefined;
    }
    if (form.code === '') {
      await showCode(ctx, number, 'code_missing');
      return undefined;
    }
    const guess = {
      place: 'activation' as const,
      login: number,
      ...(account === undefined ? {} : { account: account.id }),
    };
    const guessed = await guessMailedCode(web, ctx, guess, async () => {
      const tried = await updateOrPretend<Tried>(web, account, (read) =>
        tryActivationCode(read, form.code, sealer, web.now()),
      );
      return { outcome: outcomeOf(tried), found: tried };
    });
    if (guessed === undefined) {
      await tooMany.show(ctx, 'codesPerNetwork');
      return undefined;
    }
    const { found: tried } = guessed;
    if (account !== undefined && tried?.kind === 'matched') return { accountId: account.id, ticketId: tried.ticketId };
    if (tried?.kind === 'already-active' && !hideUnknownNumbers) await showActive(ctx, number);
    else await showCode(ctx, number, 'code_refused', form.code);
    return undefined;
  }

  return { showForm, show, showActive, sendCode, sendCodeTo, verify };
}

function outcomeOf(tried: Tried | undefined): ProofOutcome {
  if (tried === undefined) return 'unknown';
  if (tried.kind === 'matched') return 'right';
  return tried.kind === 'refused' ? tried.because : tried.kind;
}
